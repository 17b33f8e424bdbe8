package model

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// FromCase sums the parks of a case up to a problem. With ledger set it leaves
// the parks' own grid limits and tariffs aside and takes stored energy in whole Wh, as the
// ledger does.
func FromCase(c *energy.Case, ledger bool) (Problem, error) {
	periods := c.Horizon.Periods
	if len(c.Tariff.Buy) != periods || len(c.Tariff.Sell) != periods {
		return Problem{}, fmt.Errorf("case %s: tariff has %d and %d prices, expected %d", c.Name, len(c.Tariff.Buy), len(c.Tariff.Sell), periods)
	}
	for _, p := range c.Parks {
		if p.Tariff != nil && (len(p.Tariff.Buy) != periods || len(p.Tariff.Sell) != periods) {
			return Problem{}, fmt.Errorf("case %s: tariff of %s has %d and %d prices, expected %d", c.Name, p.Name, len(p.Tariff.Buy), len(p.Tariff.Sell), periods)
		}
		if len(p.Load) != periods || len(p.PV) != periods || len(p.Wind) != periods {
			return Problem{}, fmt.Errorf("case %s: series of %s have %d, %d and %d values, expected %d", c.Name, p.Name, len(p.Load), len(p.PV), len(p.Wind), periods)
		}
	}
	p := Problem{Minutes: c.Horizon.Minutes, Buy: c.Tariff.Buy, Sell: c.Tariff.Sell, Storage: c.Storage}
	p.Surplus, p.Deficit = energy.CommunitySums(c.Parks, periods)
	if ledger {
		if c.Curtailment {
			return Problem{}, &FieldError{"curtailment", "the ledger plans without curtailment of surplus"}
		}
		if c.LocalTrade != nil {
			return Problem{}, &FieldError{"local_trade", "the ledger plans without trade between parks"}
		}
		if c.Import != nil && c.Import.Cap != energy.NoLimit {
			return Problem{}, &FieldError{"import_cap_kw", "the ledger plans without a cap on the community's import"}
		}
		if c.Import != nil {
			return Problem{}, &FieldError{"demand_charge_per_kw", "the ledger plans without a demand charge"}
		}
		if c.Storage.SelfDischarge > 0 {
			return Problem{}, &FieldError{"storage.self_discharge_per_hour", "the ledger plans without self-discharge"}
		}
		p.Storage.Fine = nil
		return p, nil
	}
	if p.Classes = classesOf(c); p.Classes == nil {
		p.Limits = limitsOf(c.Parks, periods)
	}
	p.Curtailment, p.Import = c.Curtailment, c.Import
	if len(c.Parks) > 0 {
		p.LocalTrade = c.LocalTrade
	}
	return p, nil
}

// limitsOf sums up what the parks' grid limits force and allow; nil where no
// park has any. Where there is no park at all nothing can pass through one.
func limitsOf(parks []energy.Park, periods int) *Limits {
	limited := len(parks) == 0
	for _, p := range parks {
		limited = limited || p.ImportLimit != energy.NoLimit || p.ExportLimit != energy.NoLimit
	}
	if !limited {
		return nil
	}
	l := &Limits{
		ForcedCharge: make([]energy.Watt, periods), ForcedDischarge: make([]energy.Watt, periods),
		ChargeRoom: make([]energy.Watt, periods), DischargeRoom: make([]energy.Watt, periods),
	}
	for _, p := range parks {
		for t := range periods {
			surplus, deficit := p.Surplus(t), p.Deficit(t)
			chargeRoom, forcedDischarge := beyond(deficit, p.ImportLimit)
			dischargeRoom, forcedCharge := beyond(surplus, p.ExportLimit)
			l.ForcedCharge[t] += forcedCharge
			l.ForcedDischarge[t] += forcedDischarge
			l.ChargeRoom[t] = addRoom(l.ChargeRoom[t], chargeRoom)
			l.DischargeRoom[t] = addRoom(l.DischargeRoom[t], dischargeRoom)
		}
	}
	return l
}

// beyond splits the difference of a limit and a power into the room that is
// left below the limit and the power that is forced beyond it.
func beyond(power, limit energy.Watt) (room, forced energy.Watt) {
	if limit == energy.NoLimit {
		return energy.NoLimit, 0
	}
	return max(0, limit-power), max(0, power-limit)
}

func addRoom(a, b energy.Watt) energy.Watt {
	if a == energy.NoLimit || b == energy.NoLimit {
		return energy.NoLimit
	}
	return a + b
}
