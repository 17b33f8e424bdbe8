package peers

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule/interior"
	"github.com/sesame-energy/sesame/schedule/model"
)

// segment is a stretch of a convex cost: so much energy at one price per unit.
type segment struct{ price, length float64 }

// sortedSegments plans a problem in which the cost of every period is convex, by
// sorting. The least cost to come to each energy is then convex as well: one
// list of segments in order of price. A period adds its own segments; what would
// lie below the window is bought, the cheapest first, what would lie above is
// dropped, the dearest first. No value function is needed.
//
// It knows no whole watts, and where a cost is not convex it takes the convex
// function below it: then what it finds is a bound, not a plan's cost.
type sortedSegments struct {
	queue       []segment // ascending by price
	first       int       // the queue begins here
	left, right float64   // energies that can be reached, with what is bought
	cost        float64
	convex      bool
	hull        []vertexOfCost
}

type vertexOfCost struct{ x, c float64 }

// solve gives the cost against doing nothing, in the units of a model, and
// whether it could be had; convex tells whether no hull had to be taken.
func (s *sortedSegments) solve(m *model.Model) (feasible bool) {
	s.queue, s.first, s.cost, s.convex = s.queue[:0], 0, 0, true
	s.left, s.right = float64(m.Start), float64(m.Start)
	var arena model.Arena
	for t := range m.Periods() {
		arena.Reset()
		curve := m.Curve(t, &arena)
		if curve.N == 0 {
			return false
		}
		s.convex = s.convex && curve.N == 1
		s.period(&curve)
		if !s.clip(float64(m.Minimum), float64(m.Maximum)) {
			return false
		}
	}
	if !s.clip(float64(m.EndLow), float64(m.EndHigh)) {
		return false
	}
	for _, g := range s.queue[s.first:] {
		if g.price < 0 {
			s.cost += g.price * g.length
		}
	}
	return true
}

// period adds the segments of the lower convex hull of a period's cost.
func (s *sortedSegments) period(curve *model.Curve) {
	h := s.hull[:0]
	for i := range curve.N {
		side := &curve.Side[i]
		for j := range side.N {
			v := vertexOfCost{float64(side.X[j]), float64(side.C[j])}
			if n := len(h); n > 0 && h[n-1].x == v.x {
				continue // both sides begin at rest
			}
			for n := len(h); n > 1 && (h[n-1].c-h[n-2].c)*(v.x-h[n-2].x) >= (v.c-h[n-2].c)*(h[n-1].x-h[n-2].x); n-- {
				h = h[:n-1]
			}
			h = append(h, v)
		}
	}
	s.left, s.right, s.cost = s.left+h[0].x, s.right+h[len(h)-1].x, s.cost+h[0].c
	for i := 1; i < len(h); i++ {
		length := h[i].x - h[i-1].x
		s.insert(segment{(h[i].c - h[i-1].c) / length, length})
	}
	s.hull = h
}

func (s *sortedSegments) insert(g segment) {
	live := s.queue[s.first:]
	at := s.first + sort.Search(len(live), func(i int) bool { return live[i].price > g.price })
	s.queue = slices.Insert(s.queue, at, g)
}

// clip buys the cheapest up to lo and drops the dearest down to hi; false where
// the segments do not reach that far.
func (s *sortedSegments) clip(lo, hi float64) bool {
	for s.left < lo {
		if s.first == len(s.queue) {
			return false
		}
		g := &s.queue[s.first]
		take := min(g.length, lo-s.left)
		s.left, s.cost = s.left+take, s.cost+take*g.price
		if g.length -= take; g.length == 0 {
			s.first++
		}
	}
	for s.right > hi {
		if s.first == len(s.queue) {
			return false
		}
		g := &s.queue[len(s.queue)-1]
		drop := min(g.length, s.right-hi)
		s.right -= drop
		if g.length -= drop; g.length == 0 {
			s.queue = s.queue[:len(s.queue)-1]
		}
	}
	return true
}

// bySegments is the answer of the sorted segments in currency, and whether every
// cost was convex.
func bySegments(m *model.Model) (answer, bool) {
	var s sortedSegments
	if !s.solve(m) {
		return answer{outcome: infeasible}, s.convex
	}
	cost := (float64(m.Baseline()) + s.cost) * float64(m.Minutes) / 60 / 1e9
	return answer{outcome: optimal, cost: cost}, s.convex
}

// oneSided is a random case in which each period has surplus or deficit of the
// parks, not both: then costs are convex, but for negative prices.
func oneSided(number int) *energy.Case {
	c := randomCase(number + 400_000)
	r := rand.New(rand.NewPCG(24, uint64(number)))
	for t := range c.Horizon.Periods {
		short := r.IntN(2) == 0
		for i := range c.Parks {
			if p := &c.Parks[i]; short {
				p.PV[t], p.Wind[t] = 0, 0
			} else {
				p.Load[t] = 0
			}
		}
	}
	return c
}

// convexDay is a benchmark's day on which all parks together lack power or all
// have too much of it.
func convexDay() *energy.Case {
	c := drawnCase(3, 24)
	c.Name = "3x24, convex"
	for t := range c.Horizon.Periods {
		sunny := t >= 9 && t < 16
		for i := range c.Parks {
			if p := &c.Parks[i]; sunny {
				p.Load[t] = 0
			} else {
				p.PV[t], p.Wind[t] = 0, 0
			}
		}
	}
	return c
}

// Law: where the cost of every period is convex, sorting finds the cost that the
// exact solver finds, up to whole watts, and the same feasibility.
func TestSortedSegmentsAgreeOnConvexDays(t *testing.T) {
	const cases = 2000
	compared, refused, fractions := 0, 0, 0
	for i := range cases {
		c := oneSided(i)
		p, m := problem(t, c)
		sorted, convex := bySegments(m)
		if !convex {
			continue // with losses a negative price bends the cost at rest
		}
		compared++
		mine, err := solveOurs(p)
		if err != nil {
			t.Fatal(err)
		}
		if mine.infeasible != nil {
			refused++
		}
		if mine.agrees(sorted) && (mine.infeasible != nil || mine.proven == nil) {
			continue
		}
		if wide, _ := problem(t, wider(c)); mine.infeasible != nil {
			if mine, err = solveOurs(wide); err == nil && mine.near(sorted) {
				fractions++
				continue
			}
		}
		t.Errorf("case %d: sorted segments %v %.7f, ours %v", i, sorted.outcome, sorted.cost, mine)
	}
	t.Logf("%d convex cases, %d infeasible, of them %d that fractions of a watt keep", compared, refused, fractions)
	if compared < cases/2 || fractions > cases/100 {
		t.Errorf("%d of %d cases are convex, %d of them are kept by fractions of a watt only", compared, cases, fractions)
	}
}

// Law: on any day, sorting along the convex functions below the costs gives a
// bound between the relaxation of the 0-1 variables, which lets charge and
// discharge share a period, and the exact cost.
func TestSortedSegmentsLieBetweenRelaxationAndCost(t *testing.T) {
	reference, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	cases := []*energy.Case{reference, resized(reference, 1_000_000, 20_000_000), drawnCase(3, 96), drawnCase(100, 96)}
	for i := range 200 {
		cases = append(cases, randomCase(i))
	}
	compared := 0
	for _, c := range cases {
		p, m := problem(t, c)
		sorted, _ := bySegments(m)
		relaxed, err := interior.Solve(p)
		exact, exactErr := solveOurs(p)
		if err != nil || exactErr != nil || exact.infeasible != nil || sorted.outcome != optimal {
			continue // one of them refuses; feasibility is tested elsewhere
		}
		compared++
		rounding := 1e-6 * (1 + math.Abs(exact.cost))
		if sorted.cost < relaxed.Cost-rounding || sorted.cost > exact.cost+rounding {
			t.Errorf("%s: relaxation %.7f, sorted segments %.7f, exact %.7f", c.Name, relaxed.Cost, sorted.cost, exact.cost)
		}
	}
	t.Logf("%d cases compared", compared)
	if compared < len(cases)/2 {
		t.Errorf("only %d of %d cases were compared", compared, len(cases))
	}
}
