package model

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/energy"
)

// Class is the parks that share a tariff of their own, one entry per period in
// each series. Classes make the merit order have a step for each; there are
// none where all parks pay the common tariff, and they cannot be had together
// with Limits or LocalTrade.
type Class struct {
	Parks            []int // their places in the case
	Tariff           energy.Tariff
	Surplus, Deficit []energy.Watt // sums over the class
}

// mostPrices bounds the different prices of one period, so that a side has
// room for a step of each, the grid and its start.
const mostPrices = MaxVertices - 2

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
	}
	return classes
}

func checkClasses(p Problem) error {
	if p.Classes == nil {
		return nil
	}
	if p.Limits != nil || p.LocalTrade != nil {
		return &FieldError{"tariff", "tariffs of parks cannot be planned exactly together with limits of parks or local trade; leave one of them out"}
	}
	periods := p.Periods()
	for _, class := range p.Classes {
		if len(class.Tariff.Buy) != periods || len(class.Tariff.Sell) != periods || len(class.Surplus) != periods || len(class.Deficit) != periods {
			return &FieldError{"tariff", fmt.Sprintf("tariffs of parks do not have %d periods", periods)}
		}
	}
	var prices [2]map[energy.Price]bool
	for t := range periods {
		surplus, deficit := energy.Watt(0), energy.Watt(0)
		prices = [2]map[energy.Price]bool{{}, {}}
		for _, class := range p.Classes {
			buy, sell := class.Tariff.Buy[t], class.Tariff.Sell[t]
			if buy < sell {
				return &FieldError{"tariff", fmt.Sprintf("period %d: a park's buying price %d is below its selling price %d", t+1, buy, sell)}
			}
			if class.Surplus[t] < 0 || class.Deficit[t] < 0 {
				return &FieldError{"series", fmt.Sprintf("period %d: surplus %d W, deficit %d W of a tariff, expected none below 0", t+1, class.Surplus[t], class.Deficit[t])}
			}
			prices[0][buy], prices[1][sell] = true, true
			surplus, deficit = surplus+class.Surplus[t], deficit+class.Deficit[t]
		}
		if most := max(len(prices[0]), len(prices[1])); most > mostPrices {
			return &FieldError{"tariff", fmt.Sprintf("period %d: parks have %d different prices, expected at most %d", t+1, most, mostPrices)}
		}
		if surplus != p.Surplus[t] || deficit != p.Deficit[t] {
			return &FieldError{"series", fmt.Sprintf("period %d: tariffs of parks do not add up to the community", t+1)}
		}
	}
	return nil
}

// ThroughCharge is the class through whose parks charge beyond the parks'
// surplus is bought most cheaply, -1 for the storage's own trade, and the
// price of it with the fee. It asks for classes.
func (m *Model) ThroughCharge(t int) (class int, price energy.Price) {
	class = -1
	if m.Storage.GridTrade {
		price = m.Buy[t]
	}
	for k := range m.Classes {
		if through := m.Classes[k].Tariff.Buy[t] + m.Storage.Fee; class < 0 && !m.Storage.GridTrade || through < price {
			class, price = k, through
		}
	}
	return class, price
}

// ThroughDischarge is the same for what is sold beyond the parks' deficit.
func (m *Model) ThroughDischarge(t int) (class int, price energy.Price) {
	class = -1
	if m.Storage.GridTrade {
		price = m.Sell[t]
	}
	for k := range m.Classes {
		if through := m.Classes[k].Tariff.Sell[t] - m.Storage.Fee; class < 0 && !m.Storage.GridTrade || through > price {
			class, price = k, through
		}
	}
	return class, price
}

// ChargeOrder is the classes in the order in which their surplus is taken,
// cheapest first, ties in their own order.
func (m *Model) ChargeOrder(t int) []int {
	return m.ordered(func(a, b *Class) int { return cmp.Compare(a.Tariff.Sell[t], b.Tariff.Sell[t]) })
}

// DischargeOrder is the classes in the order in which their deficit is served.
func (m *Model) DischargeOrder(t int) []int {
	return m.ordered(func(a, b *Class) int { return cmp.Compare(b.Tariff.Buy[t], a.Tariff.Buy[t]) })
}

func (m *Model) ordered(compare func(a, b *Class) int) []int {
	order := make([]int, len(m.Classes))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(&m.Classes[a], &m.Classes[b]) })
	return order
}

// classChargeSteps is chargeSteps with a step for each class's surplus, as far
// as it is cheaper than what can be bought without limit.
func (m *Model) classChargeSteps(t int, into []step) []step {
	_, rest := m.ThroughCharge(t)
	for _, k := range m.ChargeOrder(t) {
		if price := m.Classes[k].Tariff.Sell[t] + m.Storage.Fee; price < rest {
			into = lengthen(into, step{m.Classes[k].Surplus[t], price})
		}
	}
	return append(into, step{m.Storage.Power, rest})
}

// classDischargeSteps is dischargeSteps with a step for each class's deficit.
func (m *Model) classDischargeSteps(t int, into []step) []step {
	_, rest := m.ThroughDischarge(t)
	for _, k := range m.DischargeOrder(t) {
		if price := m.Classes[k].Tariff.Buy[t] - m.Storage.Fee; price > rest {
			into = lengthen(into, step{m.Classes[k].Deficit[t], price})
		}
	}
	return append(into, step{m.Storage.Power, rest})
}

// lengthen appends a step, or makes the last one longer where the price is equal.
func lengthen(steps []step, s step) []step {
	if last := len(steps) - 1; last >= 0 && steps[last].price == s.price {
		steps[last].power += s.power
		return steps
	}
	return append(steps, s)
}

// classCost is Cost with classes: surplus is taken and deficit served from the
// best classes on, the rest is bought and sold where that is best.
func (m *Model) classCost(t int, d Dispatch) energy.Cost {
	fee := m.Storage.Fee
	_, bought := m.ThroughCharge(t)
	_, sold := m.ThroughDischarge(t)
	cost := int64(bought)*int64(d.Charge[t]-d.SurplusTaken[t]) - int64(sold)*int64(d.Discharge[t]-d.DeficitServed[t])
	left := d.SurplusTaken[t]
	for _, k := range m.ChargeOrder(t) {
		part := min(left, m.Classes[k].Surplus[t])
		cost += int64(part) * int64(m.Classes[k].Tariff.Sell[t]+fee)
		left -= part
	}
	left = d.DeficitServed[t]
	for _, k := range m.DischargeOrder(t) {
		part := min(left, m.Classes[k].Deficit[t])
		cost -= int64(part) * int64(m.Classes[k].Tariff.Buy[t]-fee)
		left -= part
	}
	return energy.Cost(cost)
}

// classBaseline is BaselineOf with classes.
func (m *Model) classBaseline(t int) energy.Cost {
	sum := int64(0)
	for k := range m.Classes {
		class := &m.Classes[k]
		sum += int64(class.Tariff.Buy[t])*int64(class.Deficit[t]) - int64(class.Tariff.Sell[t])*int64(class.Surplus[t])
	}
	return energy.Cost(sum)
}
