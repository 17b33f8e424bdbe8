package model

import (
	"slices"

	"github.com/sesame-energy/sesame/energy"
)

// exchange is what parks can do among themselves and with the storage, with
// local trade, in one period. Let u W of surplus be used and w W of deficit be
// served. Then k = u - w goes into the storage (comes out of it, below 0), and
// least is the k where nothing but what limits force is used and all deficit is
// served. From there on steps say in which order more surplus is used and less
// deficit served, at what cost per W of k above 0; below 0 it is the fee of
// local trade more, since there the fee is paid for u and not for w.
type exchange struct {
	least energy.Watt
	cost  int64 // at least, against selling all and buying all
	steps []step
}

// With a cap on the community's import, room is what it leaves for deficit; the
// dearest deficit beyond that is always served. NoLimit stands for no cap.
func (m *Model) exchangeOf(t int, room energy.Watt) exchange {
	fee := m.LocalTrade.Fee
	e := exchange{steps: m.scratch[:0]}
	for k := len(m.groups) - 1; k >= 0; k-- { // ties are served in the order of the classes
		class, forced := &m.groups[k], m.groups[k].limit(t).forcedDischarge
		e.least -= class.Deficit[t]
		e.cost -= int64(class.Deficit[t]) * int64(class.Tariff.Buy[t]-fee)
		e.steps = appendStep(e.steps, step{class.Deficit[t] - forced, class.Tariff.Buy[t] - fee, k, given})
	}
	e.steps = m.surplusSteps(t, e.steps)
	for k := range m.groups {
		if forced := m.groups[k].limit(t).forcedCharge; !m.Curtailment {
			e.least += forced
			e.cost += int64(forced) * int64(m.groups[k].Tariff.Sell[t])
		}
	}
	ascending(e.steps)
	if room != energy.NoLimit {
		shorten(e.steps, room, (*step).isGiven)
	}
	return e
}

// most is the greatest k.
func (e *exchange) most() energy.Watt { return e.least + total(e.steps) }

func total(steps []step) energy.Watt {
	sum := energy.Watt(0)
	for i := range steps {
		sum += steps[i].power
	}
	return sum
}

// at is the cost of k, with what discharge saves of local trade's fee.
func (e *exchange) at(k energy.Watt, fee energy.Price) int64 {
	left, cost := k-e.least, e.cost
	for i := range e.steps {
		take := max(0, min(e.steps[i].power, left))
		left -= take
		cost += int64(take) * int64(e.steps[i].price)
	}
	return cost - int64(max(0, -k))*int64(fee)
}

// splitAtRest cuts the steps at k = 0, or at the end that is nearest to it, and
// gives those below, from there down, those above, and the cost there.
func (e *exchange) splitAtRest() (below, above []step, cost int64) {
	left, cost := -e.least, e.cost
	i := 0
	for ; i < len(e.steps) && left >= e.steps[i].power; i++ {
		left -= e.steps[i].power
		cost += int64(e.steps[i].power) * int64(e.steps[i].price)
	}
	if i == len(e.steps) || left <= 0 {
		below, above = e.steps[:i:i], e.steps[i:]
	} else {
		cost += int64(left) * int64(e.steps[i].price)
		e.steps = slices.Insert(e.steps, i, e.steps[i])
		e.steps[i].power, e.steps[i+1].power = left, e.steps[i].power-left
		below, above = e.steps[:i+1:i+1], e.steps[i+1:]
	}
	slices.Reverse(below)
	return below, above, cost
}
