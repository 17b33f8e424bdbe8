package casefile

import (
	"fmt"
	"strings"

	"github.com/sesame-energy/sesame/energy"
)

// chargeUnit is the fraction in which states of charge are kept: 1e-6.
const (
	chargeDecimals = 6
	chargeUnit     = int64(energy.PartsOne)
)

func (c *reading) readStorage(m *mapping) energy.Storage {
	power, _ := c.rounding(m, "power_kw", true)
	capacity, _ := c.rounding(m, "energy_kwh", true)
	s := energy.Storage{
		Power: energy.Watt(power), Capacity: energy.WattHour(capacity),
		ChargeEfficiency:    efficiency(m, "charge_efficiency"),
		DischargeEfficiency: efficiency(m, "discharge_efficiency"),
	}
	low := c.fraction(m, "soc_min", 0)
	high := c.fraction(m, "soc_max", chargeUnit)
	start := c.fraction(m, "soc_start", chargeUnit/2)
	end := c.fraction(m, "soc_end", start)
	if low > high {
		m.fail(nil, "soc_min", fmt.Sprintf("%s, expected at most soc_max", shownFraction(low)))
	}
	if start < low || start > high {
		m.fail(nil, "soc_start", fmt.Sprintf("%s, expected inside the window from soc_min %s to soc_max %s", shownFraction(start), shownFraction(low), shownFraction(high)))
	}
	s.States = energy.States{Minimum: energy.Parts(low), Maximum: energy.Parts(high), Start: energy.Parts(start), End: energy.Parts(end)}
	s = s.Sized(s.Power, s.Capacity)
	s.EndRule = endRule(m)
	fee, exact, present := m.number("fee_per_kwh", priceDecimals, false)
	if present && (!exact || fee < 0 || fee > maxPrice) {
		m.fail(nil, "fee_per_kwh", fmt.Sprintf("%s, expected 0 or more with at most %d decimals", shownValue(m, "fee_per_kwh"), priceDecimals))
	}
	s.Fee = energy.Price(fee)
	s.SelfDischarge = selfDischarge(m)
	s.GridTrade = m.boolean("grid_trade", true)
	return s
}

// efficiency reads an efficiency above 0 and up to 1 with at most four decimals.
func efficiency(m *mapping, key string) energy.Efficiency {
	units, exact, present := m.number(key, 4, false)
	switch {
	case !present:
		return energy.EfficiencyOne
	case !exact:
		m.fail(nil, key, fmt.Sprintf("%s has more than 4 decimals", shownValue(m, key)))
	case units < 1 || units > int64(energy.EfficiencyOne):
		m.fail(nil, key, fmt.Sprintf("%s, expected above 0 and at most 1", shownValue(m, key)))
	}
	return energy.Efficiency(units)
}

// selfDischarge reads the fraction lost in an hour, from 0 and below 1, with at
// most six decimals.
func selfDischarge(m *mapping) energy.Parts {
	const key = "self_discharge_per_hour"
	units, exact, present := m.number(key, chargeDecimals, false)
	if present && (!exact || units < 0 || units >= chargeUnit) {
		m.fail(nil, key, fmt.Sprintf("%s, expected 0 or more and below 1 with at most %d decimals", shownValue(m, key), chargeDecimals))
	}
	return energy.Parts(units)
}

// fraction reads a state of charge, 0 to 1.
func (c *reading) fraction(m *mapping, key string, fallback int64) int64 {
	units, exact, present := m.number(key, chargeDecimals, false)
	if !present {
		return fallback
	}
	if units < 0 || units > chargeUnit || !exact && outside(shownValue(m, key)) {
		m.fail(nil, key, fmt.Sprintf("%s, expected 0 to 1", shownValue(m, key)))
	}
	if !exact {
		c.rounded++
	}
	return units
}

// outside says whether a number that was rounded to 0 or 1 lies beyond it.
func outside(text string) bool {
	const decimals, one = 18, 1_000_000_000_000_000_000
	units, _, err := energy.ParseDecimal(text, decimals)
	return err != nil || units > one || strings.HasPrefix(text, "-")
}

func shownFraction(f int64) string { return fmt.Sprintf("%g", float64(f)/float64(chargeUnit)) }

func endRule(m *mapping) energy.EndRule {
	text, _, ok := m.scalar("soc_end_rule", false)
	switch {
	case !ok || text == "equal":
		return energy.EndEqual
	case text == "at_least":
		return energy.EndAtLeast
	}
	m.fail(nil, "soc_end_rule", fmt.Sprintf("%s, expected equal or at_least", quote(text)))
	return energy.EndEqual
}
