package model

import (
	"cmp"
	"slices"

	"github.com/sesame-energy/sesame/energy"
)

// kind says what a step of the merit order uses.
type kind uint8

const (
	given     kind = iota // deficit that a park's surplus would serve, with local trade
	surplus               // surplus of a class
	deficit               // deficit of a class
	grid                  // the storage's own trade
	through               // trade with the grid through the parks of a class
	displaced             // the same, in place of surplus that is switched off
	swapped               // surplus serves a deficit, so that the cap leaves room for a purchase
)

// step is a piece of the merit order: up to power W at price, which is the cost
// per W charged, or what a W discharged earns.
type step struct {
	power energy.Watt
	price energy.Price
	class int
	kind  kind
}

// own says whether the step takes surplus or serves deficit.
func (s *step) own() bool { return s.kind <= deficit }

// rank is the order of steps of equal price: the storage's own trade, what the
// parks have or lack, trade through parks.
func (s *step) rank() int {
	switch s.kind {
	case grid:
		return 0
	case through, displaced:
		return 2
	}
	return 1
}

// ascending sorts steps of charge by price, those of equal price by rank, then
// as they stand; descending does so for discharge, where the highest price
// comes first.
func ascending(steps []step)  { order(steps, 1) }
func descending(steps []step) { order(steps, -1) }

// order is a stable sort by sign x price: short lists, which most are, by
// insertion.
func order(steps []step, sign energy.Price) {
	const few = 12
	if len(steps) > few {
		slices.SortStableFunc(steps, func(a, b step) int {
			return cmp.Or(cmp.Compare(sign*a.price, sign*b.price), cmp.Compare(a.rank(), b.rank()))
		})
		return
	}
	for i := 1; i < len(steps); i++ {
		for j := i; j > 0 && !steps[j-1].before(&steps[j], sign); j-- {
			steps[j-1], steps[j] = steps[j], steps[j-1]
		}
	}
}

// before says whether a step that stands before another may stay there.
func (s *step) before(other *step, sign energy.Price) bool {
	if s.price != other.price {
		return sign*s.price < sign*other.price
	}
	return s.rank() <= other.rank()
}

// surplusSteps appends what a W of each class's surplus that nothing forces is
// worth: what it sells for, with curtailment nothing where it would be sold at
// a loss or cannot be sold.
func (m *Model) surplusSteps(t int, into []step) []step {
	for k := range m.groups {
		class := &m.groups[k]
		rest, price := class.Surplus[t], class.Tariff.Sell[t]
		if class.Limits != nil {
			rest -= class.Limits.ForcedCharge[t]
		}
		if m.Curtailment {
			into = appendStep(into, step{class.Surplus[t] - rest, 0, k, surplus})
			price = max(price, 0)
		}
		into = appendStep(into, step{rest, price, k, surplus})
	}
	return into
}

// deficitSteps appends what a W of each class's deficit that nothing forces
// costs to buy.
func (m *Model) deficitSteps(t int, into []step) []step {
	for k := range m.groups {
		class := &m.groups[k]
		rest := class.Deficit[t]
		if class.Limits != nil {
			rest -= class.Limits.ForcedDischarge[t]
		}
		into = appendStep(into, step{rest, class.Tariff.Buy[t], k, deficit})
	}
	return into
}

// purchaseSteps appends where charge beyond the parks' surplus can be bought.
func (m *Model) purchaseSteps(t int, into []step) []step {
	if m.Storage.GridTrade {
		into = appendStep(into, step{m.Storage.Power, m.Buy[t], 0, grid})
	}
	for k := range m.groups {
		class := &m.groups[k]
		if price := class.Tariff.Buy[t] + m.Storage.Fee; !m.Storage.GridTrade || price < m.Buy[t] {
			into = appendStep(into, step{m.upTo(class.limit(t).chargeRoom), price, k, through})
		}
	}
	return into
}

// saleSteps appends where discharge beyond the parks' deficit can be sold.
// Without a better way parks with curtailment can switch off what they sell to
// let the storage's energy pass instead.
func (m *Model) saleSteps(t int, into []step) []step {
	if m.Storage.GridTrade {
		into = appendStep(into, step{m.Storage.Power, m.Sell[t], 0, grid})
	}
	for k := range m.groups {
		class, limit := &m.groups[k], m.groups[k].limit(t)
		price := class.Tariff.Sell[t] - m.Storage.Fee
		if !m.Storage.GridTrade || price > m.Sell[t] {
			into = appendStep(into, step{m.upTo(limit.dischargeRoom), price, k, through})
		}
		if price -= max(class.Tariff.Sell[t], 0); m.Curtailment && limit.dischargeRoom != energy.NoLimit && (!m.Storage.GridTrade || price > m.Sell[t]) {
			into = appendStep(into, step{class.Surplus[t] - limit.forcedCharge, price, k, displaced})
		}
	}
	return into
}

// upTo is a room as far as the storage can use it.
func (m *Model) upTo(room energy.Watt) energy.Watt {
	if room == energy.NoLimit {
		return m.Storage.Power
	}
	return min(room, m.Storage.Power)
}

func appendStep(steps []step, s step) []step {
	if s.power <= 0 {
		return steps
	}
	return append(steps, s)
}

// shorten takes all power beyond so much off steps of which the first count
// first; only those for which counts says true count.
func shorten(steps []step, power energy.Watt, counts func(*step) bool) {
	for i := range steps {
		if s := &steps[i]; counts(s) {
			s.power = max(0, min(s.power, power))
			power -= s.power
		}
	}
}

// through says whether the step goes through the grid.
func (s *step) through() bool { return !s.own() }

func (s *step) isGiven() bool { return s.kind == given }
