package model

import (
	"slices"

	"github.com/sesame-energy/sesame/energy"
)

// Side is one convex side of c_t, the cost of changing the stored energy by x
// in one period against doing nothing: N vertices with X ascending (lattice
// units), C the cost there (energy.Cost units), straight in between. A side
// may be a single point.
type Side struct {
	N    int
	X, C []int64
}

// Curve is c_t: no side where nothing is allowed, one where it is convex as a
// whole or one direction only is allowed, else two, discharge before charge,
// which touch at x = 0 but do not meet convexly there. That is where the 0-1
// directions bite.
type Curve struct {
	N    int
	Side [2]Side
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

// direction is the merit order of charge, or of discharge, in one period. Its
// steps lie in the model's scratch memory, up to the next.
type direction struct {
	allowed bool
	least   energy.Watt // that limits of parks force
	cost    int64       // at least, against doing nothing
	steps   []step      // beyond it
}

// keep holds on to the memory of steps where it is more than there was.
func (m *Model) keep(steps []step) {
	if cap(steps) > cap(m.scratch) {
		m.scratch = steps[:0]
	}
}

// charging is the merit order of charging. It costs, in the order of their
// prices, surplus (what it would sell for, and the fee), what the storage buys
// itself, and what parks buy for it (and the fee), as far as they have room.
//
// With local trade, surplus that would be sold comes first; to charge a watt of
// the other surplus, a park has to buy what it would have been served. What
// local trade gains with a resting storage is part of every cost.
func (m *Model) charging(t int, d *direction) {
	*d = direction{}
	var below []step // with local trade
	if m.LocalTrade != nil {
		e := m.exchangeOf(t, m.capped())
		below, d.steps, d.cost = e.splitAtRest()
		d.allowed, d.least = e.most() >= 0, max(0, e.least)
	} else {
		d.allowed = m.forcedDischarge(t) == 0 && m.beyondCap(t) == 0
		d.steps = m.surplusSteps(t, m.scratch[:0])
		if m.limited && !m.Curtailment {
			for k := range m.groups {
				forced := m.groups[k].limit(t).forcedCharge
				d.least += forced
				d.cost += int64(forced) * int64(m.groups[k].Tariff.Sell[t])
			}
		}
	}
	d.cost += int64(d.least) * int64(m.Storage.Fee)
	for i := range d.steps {
		d.steps[i].price += m.Storage.Fee
	}
	d.steps = m.purchaseSteps(t, d.steps)
	ascending(d.steps)
	m.keep(d.steps)
	switch {
	case m.Import == nil || m.Import.Cap == energy.NoLimit:
	case m.LocalTrade != nil:
		d.steps = m.shareCap(d.steps, below)
	default:
		shorten(d.steps, m.beside(m.Deficit[t]), (*step).through)
	}
}

// discharging is the merit order of discharging. It earns, the highest price
// first, for deficit what it costs to buy less the fee, for what the storage
// sells itself, and what parks sell for it less the fee, as far as they have
// room.
//
// With local trade, deficit that would be bought comes first; discharge beyond
// it frees surplus for sale.
func (m *Model) discharging(t int, d *direction) {
	*d = direction{}
	if m.LocalTrade != nil {
		e := m.exchangeOf(t, m.capped())
		d.steps, _, d.cost = e.splitAtRest()
		d.allowed, d.least = e.least <= 0, max(0, -e.most())
		d.cost -= int64(d.least) * int64(m.LocalTrade.Fee)
		for i := range d.steps {
			d.steps[i].price += m.LocalTrade.Fee
		}
	} else {
		d.allowed = m.forcedCharge(t) == 0
		d.steps = m.deficitSteps(t, m.scratch[:0])
		if m.limited {
			for k := range m.groups {
				forced := m.groups[k].limit(t).forcedDischarge
				d.least += forced
				d.cost -= int64(forced) * int64(m.groups[k].Tariff.Buy[t])
			}
		}
		if more := m.beyondCap(t) - d.least; more > 0 {
			d.serveFirst(more)
		}
	}
	d.cost += int64(d.least) * int64(m.Storage.Fee)
	for i := range d.steps {
		d.steps[i].price -= m.Storage.Fee
	}
	d.steps = m.saleSteps(t, d.steps)
	descending(d.steps)
	m.keep(d.steps)
}

// serveFirst makes the best steps of deficit part of the least power.
func (d *direction) serveFirst(power energy.Watt) {
	descending(d.steps)
	for i := range d.steps {
		s := &d.steps[i]
		take := min(s.power, power)
		s.power, power = s.power-take, power-take
		d.least += take
		d.cost -= int64(take) * int64(s.price)
	}
}

// Curve is the merit order of period t, its vertices in the arena.
func (m *Model) Curve(t int, in *Arena) Curve {
	var curve Curve
	begin := len(in.x)
	var d direction
	m.discharging(t, &d)
	if d.allowed && d.least <= m.Storage.Power {
		d.draw(m.Storage.Power, -m.Lattice.Down, -1, in)
		slices.Reverse(in.x[begin:])
		slices.Reverse(in.c[begin:])
		curve.Side[0], curve.N = in.side(begin), 1
	}
	middle := len(in.x)
	m.charging(t, &d)
	if d.allowed && d.least <= m.Storage.Power {
		d.draw(m.Storage.Power, m.Lattice.Up, 1, in)
		curve.Side[curve.N] = in.side(middle)
		curve.N++
	}
	if curve.N == 2 && curve.meetConvexly() {
		in.x, in.c = slices.Delete(in.x, middle, middle+1), slices.Delete(in.c, middle, middle+1)
		curve.N, curve.Side[0] = 1, in.side(begin)
	}
	return curve
}

// draw puts the vertices of a direction into the arena, from the least power
// on, with so much energy per watt and prices of that sign.
func (d *direction) draw(power energy.Watt, perWatt, sign int64, in *Arena) {
	at, cost := d.least, d.cost
	in.append(int64(at)*perWatt, cost)
	last := (*step)(nil)
	for i := range d.steps {
		s := &d.steps[i]
		take := min(s.power, power-at)
		if take <= 0 {
			continue
		}
		at += take
		cost += sign * int64(take) * int64(s.price)
		if last != nil && last.kind == s.kind && last.price == s.price {
			in.x[len(in.x)-1], in.c[len(in.c)-1] = int64(at)*perWatt, cost
		} else {
			in.append(int64(at)*perWatt, cost)
		}
		last = s
	}
}

// meetConvexly says whether discharge and charge, which touch at 0, meet
// convexly there.
func (c *Curve) meetConvexly() bool {
	down, up := &c.Side[0], &c.Side[1]
	if down.N == 1 || up.N == 1 {
		return true
	}
	left, rest := down.N-2, up.C[0]
	return !steeper(rest-down.C[left], -down.X[left], up.C[1]-rest, up.X[1])
}
