package schedule

import "github.com/sesame-energy/sesame/schedule/model"

// A way is a plan in which power may be fractions of a watt, so that every whole
// unit of energy can be reached.

// wayBack goes from the end back to the start along the costs to come and gives
// the cost of the way.
func (s *solver) wayBack(m *model.Model) int64 {
	periods := m.Periods()
	end := s.behind.get(periods)
	at := end[0]
	for _, v := range end[1:] {
		if v.v < at.v {
			at = v
		}
	}
	cost := int64(0)
	for t := periods - 1; t >= 0; t-- {
		mirror(&s.mirrored, &s.curves[t])
		next := cheapest(&s.mirrored, s.come(&s.behind, t), s.kept(t), at.e)
		at.e, cost = s.before(t, next.to), cost+next.cost
	}
	return cost
}

// wayAhead goes from the start to the end along the value functions and gives the
// cost of the way.
func (s *solver) wayAhead(m *model.Model) int64 {
	e, cost := m.Start, int64(0)
	for t := range m.Periods() {
		next := cheapest(&s.curves[t], s.remains(&s.ahead, t+1), s.domains[t+1], s.keeping.Of(e))
		e, cost = next.to, cost+next.cost
	}
	return cost
}

// pace is a way through one period.
type pace struct {
	to    int64 // stored energy after it
	cost  int64 // of the period
	total int64 // cost and the floor of what remains
}

// cheapest is the cheapest pace from an energy, among those that lead to a vertex
// of f or use a vertex of the period's cost.
func cheapest(curve *model.Curve, f []vertex, domain window, from int64) pace {
	best := pace{total: 1<<63 - 1}
	for i := range curve.N {
		side := &curve.Side[i]
		lo, hi := max(domain.lo, from+side.X[0]), min(domain.hi, from+side.X[side.N-1])
		cursor := 0
		for j := range side.N {
			if to := from + side.X[j]; to >= lo && to <= hi {
				best.orBetter(to, side.C[j], valueFrom(f, to, &cursor))
			}
		}
		for _, v := range f {
			if v.e >= lo && v.e <= hi {
				best.orBetter(v.e, costAt(side, v.e-from), v.v)
			}
		}
	}
	return best
}

func (p *pace) orBetter(to, cost, remains int64) {
	if cost+remains < p.total {
		*p = pace{to, cost, cost + remains}
	}
}

// costAt is the side's cost at x. Between vertices a whole watt costs a whole
// number, so nothing is lost there.
func costAt(side *model.Side, x int64) int64 {
	if side.N == 1 {
		return side.C[0]
	}
	j := 0
	for j+2 < side.N && x > side.X[j+1] {
		j++
	}
	return side.C[j] + floorScale(side.C[j+1]-side.C[j], x-side.X[j], side.X[j+1]-side.X[j])
}
