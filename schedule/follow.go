package schedule

import (
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// dispatch is a plan in the making: whole watts, cost against doing nothing.
type dispatch struct {
	charge, discharge []energy.Watt
	cost              int64
}

func (d *dispatch) reset(periods int) {
	d.charge, d.discharge, d.cost = resize(d.charge, periods), resize(d.discharge, periods), 0
}

// move is a candidate for one period: a power, positive for charge.
type move struct {
	power int64
	to    int64 // stored energy after it
	cost  int64 // of this period
	total int64 // cost and the floor of what remains
}

// before is the fixed order of candidates: the cheapest first, then the one of
// least power, then charge before discharge, so that nobody can choose among
// equal plans.
func (k move) before(l move) bool {
	if k.total != l.total {
		return k.total < l.total
	}
	if size, other := max(k.power, -k.power), max(l.power, -l.power); size != other {
		return size < other
	}
	return k.power > l.power
}

// follow goes forward from the start, in each period to where cost and the
// value function of what remains are least. Candidates are the vertices of the
// period's cost and the powers that lead beside a vertex of the value function.
//
// Without forced charge or discharge some whole watt always leads back into
// the domain; with it, on storages of a few Wh, a path can end, and follow
// goes back and takes the next candidate, a bounded number of times.
func (s *solver) follow(m *model.Model, w *functions, d *dispatch) error {
	periods := m.Periods()
	d.reset(periods)
	path := walk{m: m, solver: s, w: w}
	stored, t := m.Start, 0
	for t < periods {
		best, ok := path.best(t, stored)
		if !ok {
			return path.retrace(d)
		}
		d.set(t, best)
		stored = best.to
		t++
	}
	return nil
}

func (d *dispatch) set(t int, k move) {
	d.charge[t], d.discharge[t] = energy.Watt(max(k.power, 0)), energy.Watt(max(-k.power, 0))
	d.cost += k.cost
}

// walk enumerates the candidates of each period.
type walk struct {
	m      *model.Model
	solver *solver
	w      *functions

	first move // the first of the candidates in order, where one was found
	found bool
	all   []move // all of them, where they are asked for
	every bool
}

// best is the first candidate in order.
func (k *walk) best(t int, stored int64) (first move, found bool) {
	k.found = false
	k.candidates(t, stored)
	return k.first, k.found
}

func (k *walk) offer(c move) {
	if k.every {
		k.all = append(k.all, c)
	}
	if !k.found || c.before(k.first) {
		k.first, k.found = c, true
	}
}

// candidates offers each candidate from the stored energy in period t, some
// perhaps twice. Where all are asked for it adds every power where there are
// few.
func (k *walk) candidates(t int, stored int64) {
	curve, next, domain := &k.solver.curves[t], k.solver.remains(k.w, t+1), k.solver.domains[t+1]
	stored = k.m.Keeping.Of(stored)
	for i := range curve.N {
		side := &curve.Side[i]
		s := sideWalk{walk: k, side: side, next: next, stored: stored, lattice: k.m.Lattice}
		s.lo, s.hi = s.powers(domain)
		if s.lo > s.hi {
			continue
		}
		s.try(s.lo)
		for j := range side.N {
			s.try(s.down(side.X[j]))
		}
		s.try(s.hi)
		s.beside()
		if k.every && s.hi-s.lo <= fewPowers {
			for p := s.lo; p <= s.hi; p++ {
				s.try(p)
			}
		}
	}
}

// fewPowers is how many whole watts are all tried when a path is retraced.
const fewPowers = 64

// convex says whether f bends upward at its inner vertex j.
func convex(f []vertex, j int) bool {
	return compareSlopes(f[j].v-f[j-1].v, f[j].e-f[j-1].e, f[j+1].v-f[j].v, f[j+1].e-f[j].e) < 0
}

// sideWalk tries powers on one side of a period's cost.
type sideWalk struct {
	walk    *walk
	side    *model.Side
	next    []vertex
	stored  int64
	lattice model.Lattice
	lo, hi  int64 // powers that stay on the side and in the domain
	place   int   // piece of next last looked at
}

// beside tries the powers that lead beside a convex breakpoint of next.
func (s *sideWalk) beside() {
	from, to := s.stored+s.change(s.lo-1), s.stored+s.change(s.hi+1)
	for j := range s.next {
		switch e := s.next[j].e; {
		case e < from:
			continue
		case e >= to:
			return
		case j > 0 && j+1 < len(s.next) && !convex(s.next, j):
			continue
		default:
			p := s.down(e - s.stored)
			s.try(p)
			s.try(p + 1)
		}
	}
}

// change is what a power adds to the stored energy.
func (s *sideWalk) change(power int64) int64 {
	if power > 0 {
		return power * s.lattice.Up
	}
	return power * s.lattice.Down
}

// down is the greatest whole power that changes the stored energy by not more
// than x.
func (s *sideWalk) down(x int64) int64 {
	if x >= 0 {
		return x / s.lattice.Up
	}
	return -((-x + s.lattice.Down - 1) / s.lattice.Down)
}

// powers is the range of whole powers that stay on the side and lead into the
// domain; empty where lo > hi.
func (s *sideWalk) powers(domain window) (lo, hi int64) {
	least := max(s.side.X[0], domain.lo-s.stored)
	most := min(s.side.X[s.side.N-1], domain.hi-s.stored)
	lo = s.down(least)
	if s.change(lo) < least {
		lo++
	}
	return lo, s.down(most)
}

// try offers the candidate with that power, if it is allowed.
func (s *sideWalk) try(power int64) {
	if power < s.lo || power > s.hi {
		return
	}
	x := s.change(power)
	k := move{power: power, to: s.stored + x, cost: costAt(s.side, x)}
	k.total = k.cost + s.value(k.to)
	s.walk.offer(k)
}

// value is the floor of next at e, found by walking from the piece last used.
func (s *sideWalk) value(e int64) int64 {
	if len(s.next) == 1 {
		return s.next[0].v
	}
	for s.place > 0 && e < s.next[s.place].e {
		s.place--
	}
	for s.place+2 < len(s.next) && e > s.next[s.place+1].e {
		s.place++
	}
	l := line{a: s.next[s.place], b: s.next[s.place+1]}
	return l.floor(e)
}

// retrace searches for a path to the end, going back where one ends. It is
// needed on tiny storages with forced charge or discharge only.
func (k *walk) retrace(d *dispatch) error {
	periods := k.m.Periods()
	d.reset(periods)
	type place struct {
		stored int64
		rank   int // candidate to take next, in their order
	}
	stack := make([]place, 1, periods+1)
	stack[0] = place{stored: k.m.Start}
	chosen := make([]move, 0, periods)
	farthest := 0
	for budget := retraceBudget + 4*periods; budget > 0 && len(stack) > 0; budget-- {
		t := len(stack) - 1
		if t == periods {
			for i, c := range chosen {
				d.set(i, c)
			}
			return nil
		}
		farthest = max(farthest, t)
		candidate, ok := k.ranked(t, stack[t].stored, stack[t].rank)
		if !ok {
			stack = stack[:t]
			chosen = chosen[:max(0, t-1)]
			continue
		}
		stack[t].rank++
		chosen = append(chosen[:t], candidate)
		stack = append(stack, place{stored: candidate.to})
	}
	return &Infeasible{
		Period: farthest, Limit: "storage.energy_kwh",
		Reason: "no plan in whole watts was found that keeps the window of the stored energy",
	}
}

// retraceBudget bounds the candidates that are tried when a path is retraced.
const retraceBudget = 20_000

// ranked is the candidate of that rank in the fixed order, 0 being the first.
func (k *walk) ranked(t int, stored int64, rank int) (move, bool) {
	k.all, k.every = k.all[:0], true
	k.candidates(t, stored)
	k.every = false
	list := k.all
	slices.SortFunc(list, func(a, b move) int {
		switch {
		case a.before(b):
			return -1
		case b.before(a):
			return 1
		}
		return 0
	})
	list = slices.CompactFunc(list, func(a, b move) bool { return a.power == b.power })
	if rank >= len(list) {
		return move{}, false
	}
	return list[rank], true
}
