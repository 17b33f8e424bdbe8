package model

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// Charged says whether the highest import of the horizon is charged.
func (p Problem) Charged() bool { return p.Import != nil && p.Import.DemandCharge > 0 }

// Capped is the problem without demand charge, with another cap on the
// community's import.
func (p Problem) Capped(limit energy.Watt) Problem {
	p.Import = &energy.Import{Cap: limit}
	return p
}

// Capped is the model of the problem without demand charge, with another cap on
// the community's import. It shares the model's memory.
func (m *Model) Capped(limit energy.Watt) *Model {
	other := *m
	other.Problem = m.Problem.Capped(limit)
	return &other
}

// PeakCost is what a highest import of so much costs.
func (m *Model) PeakCost(peak energy.Watt) energy.Cost {
	return energy.Cost(peak) * m.PeakPrice()
}

// PeakPrice is what a watt of the highest import costs.
func (m *Model) PeakPrice() energy.Cost {
	if m.Import == nil {
		return 0
	}
	return energy.Cost(m.Import.DemandCharge) * energy.Cost(60/m.Minutes)
}

// BestPeak is the highest import of a dispatch where local trade is shared out
// so that energy and peak together cost least.
func (m *Model) BestPeak(d Dispatch) energy.Watt {
	most := m.Peak(d)
	if m.LocalTrade == nil || !m.Charged() {
		return most
	}
	least := energy.Watt(0)
	for t := range m.Buy {
		least = max(least, m.leastImport(t, d))
	}
	for least < most { // the cost is convex in the peak
		middle := least + (most-least)/2
		if m.costAt(middle, d) <= m.costAt(middle+1, d) {
			most = middle
		} else {
			least = middle + 1
		}
	}
	return least
}

// costAt is what a dispatch costs with a highest import of at most so much.
func (m *Model) costAt(peak energy.Watt, d Dispatch) energy.Cost {
	capped, cost := m.Capped(peak), m.PeakCost(peak)
	for t := range m.Buy {
		cost += m.BaselineOf(t) + capped.Cost(t, d)
	}
	return cost
}

// leastImport is the import of period t where all surplus that there is serves
// deficit before any is bought.
func (m *Model) leastImport(t int, d Dispatch) energy.Watt {
	e, bought := m.exchangeOf(t, m.capped()), d.Charge[t]-d.SurplusTaken[t]
	left := d.SurplusTaken[t] - d.DeficitServed[t] - e.least
	for i := range e.steps {
		if !e.steps[i].isGiven() {
			left -= e.steps[i].power
		}
	}
	return bought + max(0, left)
}

// Peak is the highest import of a dispatch, local trade being shared out so
// that energy costs least.
func (m *Model) Peak(d Dispatch) energy.Watt {
	peak := energy.Watt(0)
	for t := range m.Buy {
		peak = max(peak, m.Imported(t, d))
	}
	return peak
}

// BaselinePeak is the highest import without storage and trade, when all
// deficit is bought, and the first period with it.
func (m *Model) BaselinePeak() (t int, peak energy.Watt) {
	for i, deficit := range m.Deficit {
		if deficit > peak {
			t, peak = i, deficit
		}
	}
	return t, peak
}

// MostPeak is an import that no plan can exceed.
func (m *Model) MostPeak() energy.Watt {
	_, most := m.BaselinePeak()
	most += m.Storage.Power
	if limit := m.capped(); limit != energy.NoLimit {
		most = min(most, limit)
	}
	return most
}

func checkImport(p Problem) error {
	switch {
	case p.Import == nil:
		return nil
	case p.Import.Cap < energy.NoLimit:
		return &FieldError{"import_cap_kw", fmt.Sprintf("%d W, expected 0 or more", p.Import.Cap)}
	case p.Import.DemandCharge < 0 || p.Import.DemandCharge >= maxPrice:
		return &FieldError{"demand_charge_per_kw", fmt.Sprintf("%d, expected 0 or more and less than 2^40", p.Import.DemandCharge)}
	}
	return nil
}

// guardPeak makes sure that the demand charge stays below 60 bits.
func (m *Model) guardPeak() error {
	if over(uint64(m.MostPeak()), uint64(m.PeakPrice())) {
		return &FieldError{"demand_charge_per_kw", fmt.Sprintf("a highest import of up to %d W costs too much for exact arithmetic", m.MostPeak())}
	}
	return nil
}
