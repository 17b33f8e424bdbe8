package model

import "github.com/sesame-energy/sesame/energy"

// Take splits a charge into the parks' surplus and the rest, in merit order.
func (m *Model) Take(t int, charge energy.Watt) energy.Watt {
	if charge == 0 {
		return 0
	}
	d := m.charging(t)
	return d.own(charge)
}

// Serve splits a discharge into the parks' deficit and the rest, in merit order.
func (m *Model) Serve(t int, discharge energy.Watt) energy.Watt {
	if discharge == 0 {
		return 0
	}
	d := m.discharging(t)
	return d.own(discharge)
}

// own is the part of a power that is surplus or deficit of the parks.
func (d *direction) own(power energy.Watt) energy.Watt {
	own := min(d.least, power)
	left := power - own
	for i := range d.steps {
		take := min(d.steps[i].power, left)
		left -= take
		if d.steps[i].own() {
			own += take
		}
	}
	return own
}

// costOf is the cost of a power of which so much is surplus or deficit of the
// parks, steps counting with that sign. What limits forbid costs nothing.
func (d *direction) costOf(own, rest energy.Watt, sign int64) int64 {
	cost := int64(0)
	if own >= d.least {
		cost, own = d.cost, own-d.least
	}
	for i := range d.steps {
		s := &d.steps[i]
		left := &rest
		if s.own() {
			left = &own
		}
		take := min(s.power, *left)
		*left -= take
		cost += sign * int64(take) * int64(s.price)
	}
	return cost
}

// Cost is what the storage costs in period t against doing nothing, the split
// of charge and discharge being given, and less what parks gain by trading the
// rest among themselves.
func (m *Model) Cost(t int, d Dispatch) energy.Cost {
	charge, discharge := d.Charge[t], d.Discharge[t]
	if charge == 0 && discharge == 0 && m.LocalTrade == nil {
		return 0
	}
	cost := int64(0)
	if charge > 0 || discharge == 0 {
		into := m.charging(t)
		cost = into.costOf(d.SurplusTaken[t], charge-d.SurplusTaken[t], 1)
	}
	if discharge > 0 {
		out := m.discharging(t)
		cost += out.costOf(d.DeficitServed[t], discharge-d.DeficitServed[t], -1)
	}
	return energy.Cost(cost)
}

// Total is what the community pays with the dispatch: the baseline and the
// cost of every period.
func (m *Model) Total(d Dispatch) energy.Cost {
	total := m.Baseline()
	for t := range m.Buy {
		total += m.Cost(t, d)
	}
	return total
}

// Baseline is what the parks pay with no storage: every deficit bought, every
// surplus sold.
func (m *Model) Baseline() energy.Cost {
	sum := energy.Cost(0)
	for t := range m.Buy {
		sum += m.BaselineOf(t)
	}
	return sum
}

// BaselineOf is the part of the baseline that falls in period t.
func (m *Model) BaselineOf(t int) energy.Cost {
	sum := int64(0)
	for k := range m.groups {
		class := &m.groups[k]
		sold, sell := class.Surplus[t], class.Tariff.Sell[t]
		if m.Curtailment {
			sold, sell = sold-class.limit(t).forcedCharge, max(sell, 0)
		}
		sum += int64(class.Tariff.Buy[t])*int64(class.Deficit[t]) - int64(sell)*int64(sold)
	}
	return energy.Cost(sum)
}
