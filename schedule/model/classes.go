package model

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/energy"
)

// Class is the parks that share a tariff, one entry per period in each series.
type Class struct {
	Parks            []int // their places in the case; nil for all parks
	Tariff           energy.Tariff
	Surplus, Deficit []energy.Watt // sums over the class
	Limits           *Limits       // of its parks, nil for none
}

// mostTariffs bounds the number of classes times that of periods, and with it
// the steps of all merit orders together.
const mostTariffs = 1 << 22

// classesOf groups the parks of a case by tariff; nil where none has its own.
func classesOf(c *energy.Case) []Class {
	if !slices.ContainsFunc(c.Parks, func(p energy.Park) bool { return p.Tariff != nil }) {
		return nil
	}
	var classes []Class
	for i, park := range c.Parks {
		tariff := c.Tariff
		if park.Tariff != nil {
			tariff = *park.Tariff
		}
		k := slices.IndexFunc(classes, func(class Class) bool {
			return slices.Equal(class.Tariff.Buy, tariff.Buy) && slices.Equal(class.Tariff.Sell, tariff.Sell)
		})
		if k < 0 {
			k = len(classes)
			classes = append(classes, Class{Tariff: tariff})
		}
		classes[k].Parks = append(classes[k].Parks, i)
	}
	for k := range classes {
		members := make([]energy.Park, 0, len(classes[k].Parks))
		for _, i := range classes[k].Parks {
			members = append(members, c.Parks[i])
		}
		classes[k].Surplus, classes[k].Deficit = energy.CommunitySums(members, c.Horizon.Periods)
		classes[k].Limits = limitsOf(members, c.Horizon.Periods)
	}
	return classes
}

// Groups are the problem's classes, or the one of all parks where there are
// none.
func (m *Model) Groups() []Class { return m.groups }

// group sets the groups of a problem.
func (m *Model) group() {
	m.all[0] = Class{Tariff: energy.Tariff{Buy: m.Buy, Sell: m.Sell}, Surplus: m.Surplus, Deficit: m.Deficit, Limits: m.Limits}
	m.groups = m.all[:]
	if m.Classes != nil {
		m.groups = m.Classes
	}
	for k := range m.groups {
		m.limited = m.limited || m.groups[k].Limits != nil
	}
}

func checkClasses(p Problem) error {
	if p.Classes == nil {
		return nil
	}
	periods := p.Periods()
	if len(p.Classes) == 0 || len(p.Classes) > mostTariffs/periods {
		return &FieldError{"tariff", fmt.Sprintf("%d tariffs of parks in %d periods, expected 1 to %d", len(p.Classes), periods, mostTariffs/periods)}
	}
	if p.Limits != nil {
		return &FieldError{"tariff", "with tariffs of parks each has limits of its own, expected none of the community"}
	}
	surplus, deficit := make([]energy.Watt, periods), make([]energy.Watt, periods)
	for k := range p.Classes {
		class := &p.Classes[k]
		if err := class.check(periods); err != nil {
			return err
		}
		for t := range periods {
			surplus[t], deficit[t] = surplus[t]+class.Surplus[t], deficit[t]+class.Deficit[t]
		}
	}
	if !slices.Equal(surplus, p.Surplus) || !slices.Equal(deficit, p.Deficit) {
		return &FieldError{"series", "tariffs of parks do not add up to the community"}
	}
	return nil
}

func (c *Class) check(periods int) error {
	if len(c.Tariff.Buy) != periods || len(c.Tariff.Sell) != periods || len(c.Surplus) != periods || len(c.Deficit) != periods {
		return &FieldError{"tariff", fmt.Sprintf("tariffs of parks do not have %d periods", periods)}
	}
	for t := range periods {
		if c.Tariff.Buy[t] < c.Tariff.Sell[t] {
			return &FieldError{"tariff", fmt.Sprintf("period %d: a park's buying price %d is below its selling price %d", t+1, c.Tariff.Buy[t], c.Tariff.Sell[t])}
		}
		if c.Surplus[t] < 0 || c.Deficit[t] < 0 || c.Surplus[t] >= magnitude || c.Deficit[t] >= magnitude {
			return &FieldError{"series", fmt.Sprintf("period %d: surplus %d W, deficit %d W of a tariff, expected 0 to 2^60", t+1, c.Surplus[t], c.Deficit[t])}
		}
	}
	if c.Limits != nil {
		return c.Limits.check(c.Surplus, c.Deficit)
	}
	return nil
}

// limit is what the limits of a class mean in one period.
type limit struct{ forcedCharge, forcedDischarge, chargeRoom, dischargeRoom energy.Watt }

func (c *Class) limit(t int) limit {
	if c.Limits == nil {
		return limit{chargeRoom: energy.NoLimit, dischargeRoom: energy.NoLimit}
	}
	return limit{c.Limits.ForcedCharge[t], c.Limits.ForcedDischarge[t], c.Limits.ChargeRoom[t], c.Limits.DischargeRoom[t]}
}
