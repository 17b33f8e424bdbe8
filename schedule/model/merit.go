package model

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/energy"
)

// MaxVertices bounds the vertices of one Side.
const MaxVertices = 8

// Side is one convex side of c_t, the cost of changing the stored energy by x
// in one period against doing nothing: N vertices with X ascending (lattice
// units), C the cost there (energy.Cost units), straight in between. A side
// may be a single point.
type Side struct {
	N    int
	X, C []int64
}

// Arena holds the vertices of the curves of one model, so that they cost no
// allocation each. Reset gives its memory to the next model; curves made before
// are then void.
type Arena struct{ x, c []int64 }

// Reset empties the arena.
func (a *Arena) Reset() { a.x, a.c = a.x[:0], a.c[:0] }

// side is what the arena holds from a place on.
func (a *Arena) side(from int) Side {
	n := len(a.x)
	return Side{n - from, a.x[from:n:n], a.c[from:n:n]}
}

func (a *Arena) append(x, c int64) { a.x, a.c = append(a.x, x), append(a.c, c) }

// Curve is c_t: no side where nothing is allowed, one where it is convex as a
// whole or one direction only is allowed, else two, discharge before charge,
// which touch at x = 0 but do not meet convexly there. That is where the 0-1
// directions bite.
type Curve struct {
	N    int
	Side [2]Side
}

// step is a piece of the merit order: up to power W at price (cost per W).
type step struct {
	power energy.Watt
	price energy.Price
}

// local is the power that parks would pass to each other directly if the
// storage rested, and what a watt of it gains against selling and buying; both
// 0 where that is nothing.
func (m *Model) local(t int) (matched energy.Watt, gain energy.Price) {
	if m.LocalTrade == nil {
		return 0, 0
	}
	if gain = m.Buy[t] - m.Sell[t] - m.LocalTrade.Fee; gain <= 0 {
		return 0, 0
	}
	return min(m.Surplus[t], m.Deficit[t]), gain
}

// traded is what local trade gains in period t with so much surplus and
// deficit left by the storage.
func (m *Model) traded(t int, surplus, deficit energy.Watt) int64 {
	_, gain := m.local(t)
	return int64(gain) * int64(max(0, min(surplus, deficit)))
}

// Curve is the merit order of period t. Charging costs, in this order, what is
// forced and the rest of the surplus (cs + fee each), where that is cheaper
// than the grid, and the grid (cb); discharging earns in this order cb - fee
// for the deficit, where that is more than cs, and cs. Where the storage does
// not trade with the grid itself, the last steps go through the parks, for the
// fee, as far as they have room.
//
// With local trade, surplus beyond what serves deficit comes first; to charge a
// watt of the other surplus, a park has to buy what it would have been served,
// which costs cb - local fee + fee. Discharge beyond the deficit that is left
// frees surplus for sale, which earns cs + local fee - fee. What local trade
// gains with a resting storage is part of every cost.
func (m *Model) Curve(t int, in *Arena) Curve {
	forcedCharge, forcedDischarge := m.forced(t)
	var curve Curve
	begin := len(in.x)
	if forcedCharge == 0 && forcedDischarge <= m.Storage.Power {
		m.dischargeSide(t, forcedDischarge, in)
		curve.Side[curve.N] = in.side(begin)
		curve.N++
	}
	middle := len(in.x)
	if forcedDischarge == 0 && forcedCharge <= m.Storage.Power {
		m.chargeSide(t, forcedCharge, in)
		curve.Side[curve.N] = in.side(middle)
		curve.N++
	}
	if curve.N == 2 && curve.meetConvexly() {
		in.x, in.c = slices.Delete(in.x, middle, middle+1), slices.Delete(in.c, middle, middle+1)
		curve.N, curve.Side[0] = 1, in.side(begin)
	}
	return curve
}

// Blocked says why Curve(t) has no side; nil where it has one.
func (m *Model) Blocked(t int) *Infeasible {
	forcedCharge, forcedDischarge := m.forced(t)
	switch {
	case forcedCharge > 0 && forcedDischarge > 0:
		return &Infeasible{t, "parks.export_limit_kw", fmt.Sprintf(
			"export limits force %d W into the storage while import limits force %d W out of it", forcedCharge, forcedDischarge)}
	case forcedCharge > m.Storage.Power:
		return &Infeasible{t, "parks.export_limit_kw", fmt.Sprintf(
			"export limits force %d W into the storage, more than its power of %d W", forcedCharge, m.Storage.Power)}
	case forcedDischarge > m.Storage.Power:
		return &Infeasible{t, "parks.import_limit_kw", fmt.Sprintf(
			"import limits force %d W out of the storage, more than its power of %d W", forcedDischarge, m.Storage.Power)}
	}
	return nil
}

func (m *Model) forced(t int) (charge, discharge energy.Watt) {
	if m.Limits == nil {
		return 0, 0
	}
	if m.Curtailment {
		return 0, m.Limits.ForcedDischarge[t]
	}
	return m.Limits.ForcedCharge[t], m.Limits.ForcedDischarge[t]
}

// unsellable is the surplus beyond the parks' export limits, which curtailment
// leaves free for the storage.
func (m *Model) unsellable(t int) energy.Watt {
	if m.Limits == nil || !m.Curtailment {
		return 0
	}
	return m.Limits.ForcedCharge[t]
}

// chargeSteps is the merit order of charging beyond what is forced: surplus
// that would be sold, surplus that would serve a park, the rest.
// With classes of parks there is a step for each. The rest is the last one.
func (m *Model) chargeSteps(t int, forced energy.Watt, into []step) []step {
	if m.Classes != nil {
		return m.classChargeSteps(t, into)
	}
	if m.Curtailment {
		return m.curtailedSteps(t, into)
	}
	matched, gain := m.local(t)
	surplus := step{m.Surplus[t] - forced - matched, m.Sell[t] + m.Storage.Fee}
	serving := step{matched, surplus.price + gain}
	rest := step{m.Storage.Power, m.Buy[t]}
	if !m.Storage.GridTrade {
		rest.price += m.Storage.Fee
		if m.Limits != nil && m.Limits.ChargeRoom[t] != energy.NoLimit {
			rest.power = m.Limits.ChargeRoom[t]
		}
	} else {
		surplus.unlessDearer(rest)
		serving.unlessDearer(rest)
	}
	return append(into, surplus, serving, rest)
}

// curtailedSteps is chargeSteps where surplus may be switched off: what cannot
// be sold costs the fee only, and the rest what it would earn, if anything.
func (m *Model) curtailedSteps(t int, into []step) []step {
	free, fee := m.unsellable(t), m.Storage.Fee
	beyond := step{free, fee}
	surplus := step{m.Surplus[t] - free, max(m.Sell[t], 0) + fee}
	grid := step{m.Storage.Power, m.Buy[t]}
	beyond.unlessDearer(grid)
	surplus.unlessDearer(grid)
	return append(into, beyond, surplus, grid)
}

// unlessDearer leaves a step of charge out where the grid, without limit, is
// as cheap.
func (s *step) unlessDearer(grid step) {
	if s.price >= grid.price {
		s.power = 0
	}
}

// unlessWorse leaves a step of discharge out where the grid pays as much.
func (s *step) unlessWorse(grid step) {
	if s.price <= grid.price {
		s.power = 0
	}
}

// dischargeSteps is the merit order of discharging beyond what is forced, the
// price being what one W earns: deficit that would be bought, deficit that a
// park would serve, the rest.
func (m *Model) dischargeSteps(t int, forced energy.Watt, into []step) []step {
	if m.Classes != nil {
		return m.classDischargeSteps(t, into)
	}
	matched, gain := m.local(t)
	deficit := step{m.Deficit[t] - forced - matched, m.Buy[t] - m.Storage.Fee}
	served := step{matched, deficit.price - gain}
	rest := step{m.Storage.Power, m.Sell[t]}
	if !m.Storage.GridTrade {
		rest.price -= m.Storage.Fee
		if m.Limits != nil && m.Limits.DischargeRoom[t] != energy.NoLimit {
			rest.power = m.Limits.DischargeRoom[t]
		}
	} else {
		deficit.unlessWorse(rest)
		served.unlessWorse(rest)
	}
	return append(into, deficit, served, rest)
}

func (m *Model) chargeSide(t int, forced energy.Watt, in *Arena) {
	power, cost := forced, int64(forced)*int64(m.Sell[t]+m.Storage.Fee)-m.traded(t, m.Surplus[t], m.Deficit[t])
	in.append(int64(power)*m.Lattice.Up, cost)
	var room [MaxVertices]step
	for _, s := range m.chargeSteps(t, forced, room[:0]) {
		take := min(s.power, m.Storage.Power-power)
		if take > 0 {
			power += take
			cost += int64(take) * int64(s.price)
			in.append(int64(power)*m.Lattice.Up, cost)
		}
	}
}

func (m *Model) dischargeSide(t int, forced energy.Watt, in *Arena) {
	begin := len(in.x)
	power, cost := forced, -int64(forced)*int64(m.Buy[t]-m.Storage.Fee)-m.traded(t, m.Surplus[t], m.Deficit[t])
	in.append(-int64(power)*m.Lattice.Down, cost)
	var room [MaxVertices]step
	for _, s := range m.dischargeSteps(t, forced, room[:0]) {
		take := min(s.power, m.Storage.Power-power)
		if take > 0 {
			power += take
			cost -= int64(take) * int64(s.price)
			in.append(-int64(power)*m.Lattice.Down, cost)
		}
	}
	slices.Reverse(in.x[begin:])
	slices.Reverse(in.c[begin:])
}

// meetConvexly says whether discharge and charge meet convexly at 0.
func (c *Curve) meetConvexly() bool {
	down, up := &c.Side[0], &c.Side[1]
	if down.N == 1 || up.N == 1 {
		return true
	}
	// Slope of discharge beside 0 against slope of charge beside 0, both of
	// lines through (0, C[0]): cross products of costs and lattice steps.
	left, rest := down.N-2, up.C[0]
	return !steeper(rest-down.C[left], -down.X[left], up.C[1]-rest, up.X[1])
}

// Take splits a charge into the parks' surplus and the rest, in merit order.
func (m *Model) Take(t int, charge energy.Watt) energy.Watt {
	forced, _ := m.forced(t)
	forced = min(forced, charge)
	var room [MaxVertices]step
	return forced + max(0, min(before(m.chargeSteps(t, forced, room[:0])), charge-forced))
}

// Serve splits a discharge into the parks' deficit and the rest, in merit order.
func (m *Model) Serve(t int, discharge energy.Watt) energy.Watt {
	_, forced := m.forced(t)
	forced = min(forced, discharge)
	var room [MaxVertices]step
	return forced + max(0, min(before(m.dischargeSteps(t, forced, room[:0])), discharge-forced))
}

// before is the power of all steps before the rest.
func before(steps []step) energy.Watt {
	sum := energy.Watt(0)
	for _, s := range steps[:len(steps)-1] {
		sum += s.power
	}
	return sum
}

// Cost is what the storage costs in period t against doing nothing, the split
// of charge and discharge being given, and less what parks gain by trading the
// rest among themselves.
func (m *Model) Cost(t int, d Dispatch) energy.Cost {
	if m.Classes != nil {
		return m.classCost(t, d)
	}
	fee, buy, sell := int64(m.Storage.Fee), int64(m.Buy[t]), int64(m.Sell[t])
	lost := int64(d.SurplusTaken[t]) * sell // what the surplus taken would have earned
	if m.Curtailment {
		lost = int64(max(0, d.SurplusTaken[t]-m.unsellable(t))) * max(sell, 0)
	}
	rest := int64(0)
	if !m.Storage.GridTrade {
		rest = fee
	}
	taken, bought := int64(d.SurplusTaken[t]), int64(d.Charge[t]-d.SurplusTaken[t])
	served, sold := int64(d.DeficitServed[t]), int64(d.Discharge[t]-d.DeficitServed[t])
	local := m.traded(t, m.Surplus[t]-d.SurplusTaken[t], m.Deficit[t]-d.DeficitServed[t])
	return energy.Cost(lost + fee*taken + (buy+rest)*bought - (buy-fee)*served - (sell-rest)*sold - local)
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
