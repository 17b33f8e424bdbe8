package model

import "github.com/sesame-energy/sesame/energy"

// Take splits a charge into the parks' surplus and the rest, in merit order.
func (m *Model) Take(t int, charge energy.Watt) energy.Watt {
	if charge == 0 {
		return 0
	}
	var d direction
	m.charging(t, &d)
	return d.own(charge)
}

// Serve splits a discharge into the parks' deficit and the rest, in merit order.
func (m *Model) Serve(t int, discharge energy.Watt) energy.Watt {
	if discharge == 0 {
		return 0
	}
	var d direction
	m.discharging(t, &d)
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
	bought, sold := charge-d.SurplusTaken[t], discharge-d.DeficitServed[t]
	if m.LocalTrade != nil {
		k := d.SurplusTaken[t] - d.DeficitServed[t]
		e := m.exchangeOf(t, m.beside(bought))
		cost := e.at(k, m.LocalTrade.Fee) + int64(max(k, -k))*int64(m.Storage.Fee)
		return energy.Cost(cost + m.tradeCost(t, bought, sold))
	}
	cost := int64(0)
	var way direction
	if charge > 0 {
		m.charging(t, &way)
		cost = way.costOf(d.SurplusTaken[t], bought, 1)
	}
	if discharge > 0 {
		m.discharging(t, &way)
		cost += way.costOf(d.DeficitServed[t], sold, -1)
	}
	return energy.Cost(cost)
}

// tradeCost is what trade with the grid for the storage costs.
func (m *Model) tradeCost(t int, bought, sold energy.Watt) int64 {
	steps := m.purchaseSteps(t, m.scratch[:0])
	ascending(steps)
	into := direction{steps: steps}
	cost := into.costOf(0, bought, 1)
	steps = m.saleSteps(t, steps[:0])
	descending(steps)
	out := direction{steps: steps}
	return cost + out.costOf(0, sold, -1)
}

// Imported is what the community buys in period t, parks and storage together.
func (m *Model) Imported(t int, d Dispatch) energy.Watt {
	bought := d.Charge[t] - d.SurplusTaken[t]
	if m.LocalTrade == nil {
		return m.Deficit[t] - d.DeficitServed[t] + bought
	}
	e := m.exchangeOf(t, m.beside(bought))
	left, sum := d.SurplusTaken[t]-d.DeficitServed[t]-e.least, bought
	for i := range e.steps {
		take := max(0, min(e.steps[i].power, left))
		left -= take
		if e.steps[i].isGiven() {
			sum += take
		}
	}
	return sum
}

// Total is what the community pays with the dispatch: the baseline and the
// cost of every period, and the demand charge of its peak.
func (m *Model) Total(d Dispatch) energy.Cost {
	if m.Charged() {
		return m.costAt(m.BestPeak(d), d)
	}
	total := m.Baseline()
	for t := range m.Buy {
		total += m.Cost(t, d)
	}
	return total
}

// Baseline is what the parks pay with no storage: every deficit bought, every
// surplus sold.
func (m *Model) Baseline() energy.Cost {
	_, peak := m.BaselinePeak()
	sum := m.PeakCost(peak)
	for t := range m.Buy {
		sum += m.BaselineOf(t)
	}
	return sum
}

// BaselineOf is the part of the baseline that falls in period t, without demand
// charge.
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
