package schedule

import (
	"sync"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
)

const (
	// leastSlack is how far a value function may be lowered in one period to
	// have fewer vertices, energy.Cost units: 2e-6 currency at most.
	leastSlack = 2000

	// mostVertices and fewestVertices bound the vertices of a value function;
	// between them all functions of a horizon together stay below
	// allVertices. They bound the work, since input can be made to double the
	// vertices in every period.
	mostVertices   = 512
	fewestVertices = 128
	allVertices    = 1 << 16

	// rounds bounds how often a thorough solve lowers its functions anew.
	rounds = 2
)

// solver is the working memory of one solve. It is reused, so that a solve
// allocates little more than its plan.
type solver struct {
	curves   []model.Curve
	vertices model.Arena // of the curves
	mirrored model.Curve // a curve with every change of energy reversed
	domains  []window

	behind       functions // F
	proof, ahead functions // W with the past known, and without
	backup       backup
	surplus      surplus
	simple       []vertex

	keeping           model.Keeping
	remaining, coming []vertex // functions carried over a period's self-discharge
	plan, another     dispatch
}

// functions are the piecewise linear functions of the moments 0..T.
type functions struct {
	at    [][2]int // where each begins and ends in all
	all   []vertex
	bound int64 // value at the start, for value functions
}

func (f *functions) reset(periods int) {
	f.at, f.all = resize(f.at, periods+1), f.all[:0]
}

// get is the function of moment t: of a value function with self-discharge, the one
// of the energy that is kept, but at the end.
func (f *functions) get(t int) []vertex { return f.all[f.at[t][0]:f.at[t][1]] }

var solvers = sync.Pool{New: func() any { return new(solver) }}

// Solve finds a plan of least cost and proves its bound. The error is an
// *Infeasible where no plan keeps the limits, a *FieldError where the problem
// is not well formed or its numbers are too large to compute with.
//
// It goes forward in time over piecewise linear functions F_t of the stored
// energy that never exceed the least cost to come there, and back along them
// for a cost that can be had. Then it goes backward over functions W_t that
// never exceed the least cost of what remains, lowering them wherever past and
// future together cost more than that: so they have few vertices and are exact
// where it matters. The plan follows them, and they are its certificate.
func Solve(p Problem) (*Plan, error) { return solve(p, sparing{}) }

// SolveWithin is Solve with a certificate that is as small as a gap of so much
// allows, or, for a gap below Solve's, as large as it takes. The gap is then at
// most gap, or what whole watts leave and half of gap on top, whichever is more.
func SolveWithin(p Problem, gap energy.Cost) (*Plan, error) {
	half := int64(min(max(gap, 0), mostGap) / 2)
	slack := min(leastSlack, half/int64(max(1, p.Periods())))
	return solve(p, sparing{asked: true, less: leastSlack - slack, gap: half})
}

// mostGap bounds the gap that can be asked for, so that sums stay in range.
const mostGap energy.Cost = 1 << 60

// sparing is what a certificate may give away to be small, where a gap is asked
// for: in each period anew less than leastSlack by so much, and gap over all, an
// equal part more from period to period. Where past and future together cost at
// least the best plan's cost less gap in every moment, so does every way through
// all of them.
type sparing struct {
	asked     bool
	less, gap int64
}

func solve(p Problem, spare sparing) (*Plan, error) {
	if p.Charged() {
		return solveCharged(p, spare)
	}
	m, err := model.New(p)
	if err != nil {
		return nil, err
	}
	s := solvers.Get().(*solver)
	defer solvers.Put(s)
	if err := s.reach(m); err != nil {
		return nil, err
	}
	most := max(fewestVertices, min(mostVertices, allVertices/m.Periods()))
	tolerance := int64(m.Tolerance())
	s.backward(&s.proof, m, most, known{other: &s.behind, best: s.survey(m, most) + tolerance/wattsPart})
	best := &s.proof
	found := s.follow(m, best, &s.plan) == nil
	if !found || s.plan.cost-best.bound > tolerance/2 {
		if best, err = s.thoroughly(m, most, found); err != nil {
			return nil, err
		}
	}
	if spare.asked {
		best = s.spared(m, most, best, spare)
	}
	return s.result(m, best), nil
}

// wattsPart is the part of the tolerance by which ways may cost more than the
// best that is known and still be worth having: a way in whole watts costs more
// than the best one in fractions of a watt.
const wattsPart = 32

// survey finds the costs to come and the cost of a way that can be had, in
// fractions of a watt. Where the costs to come would have many vertices, it
// first makes a coarse sketch of what remains, to know where they matter.
func (s *solver) survey(m *model.Model, most int) int64 {
	const many, coarse, shortest, longest = 24, 14, 48, 1024
	if m.Periods() < shortest || m.Periods() > longest {
		s.forward(m, most, most, known{})
		return s.wayBack(m)
	}
	if s.forward(m, most, many, known{}) {
		return s.wayBack(m)
	}
	s.sketch(m, coarse)
	way := s.wayAhead(m)
	s.forward(m, most, most, known{other: &s.ahead, best: way + int64(m.Tolerance())/wattsPart})
	return min(way, s.wayBack(m))
}

// thoroughly is for problems on which the cap on vertices, or a storage of a few
// watts, misleads the usual way: it makes a plan along functions that know of no
// other way, and then lowers them for the certificate. A plan that was found
// before stands where it is cheaper.
func (s *solver) thoroughly(m *model.Model, most int, found bool) (*functions, error) {
	s.backward(&s.ahead, m, most, known{})
	err := s.follow(m, &s.ahead, &s.another)
	switch {
	case err != nil && !found:
		return nil, err
	case err == nil && (!found || s.another.cost < s.plan.cost):
		s.plan, s.another = s.another, s.plan
	}
	best := &s.ahead
	for range rounds {
		s.backward(&s.proof, m, most, known{other: &s.behind, best: s.plan.cost})
		if s.proof.bound+int64(m.Periods())*leastSlack >= best.bound {
			best = &s.proof
		}
		if s.plan.cost-best.bound <= int64(m.Tolerance())/2 {
			break
		}
		if s.follow(m, &s.proof, &s.another) == nil && s.another.cost < s.plan.cost {
			s.plan, s.another = s.another, s.plan
		}
	}
	return best, nil
}

// spared gives functions that prove as much as may be given away less than best.
func (s *solver) spared(m *model.Model, most int, best *functions, spare sparing) *functions {
	into := &s.ahead
	if best == into {
		into = &s.proof
	}
	s.backward(into, m, most, known{other: &s.behind, best: s.plan.cost, spare: spare})
	if into.bound+int64(m.Periods())*leastSlack+spare.gap < best.bound {
		return best // the cap on vertices costs more
	}
	return into
}

// result makes a plan of the solver's working memory.
func (s *solver) result(m *model.Model, w *functions) *Plan {
	plan := newPlan(m)
	copy(plan.Charge, s.plan.charge)
	copy(plan.Discharge, s.plan.discharge)
	plan.fill(m)
	plan.Bound = plan.Baseline + energy.Cost(w.bound)
	plan.Status = Optimal
	if plan.Gap() > m.Tolerance() {
		plan.Status = Gapped
	}
	encoder := certificate.NewEncoder(m.Periods())
	for t := range m.Periods() + 1 {
		encoder.Begin(w.at[t][1] - w.at[t][0])
		for _, v := range w.get(t) {
			encoder.Vertex(v.e, v.v)
		}
	}
	plan.Certificate = encoder.Bytes()
	return plan
}

// newPlan is an idle plan for m, with room for its figures.
func newPlan(m *model.Model) *Plan {
	periods := m.Periods()
	powers := make([]energy.Watt, 4*periods)
	part := func(i int) []energy.Watt { return powers[i*periods : (i+1)*periods : (i+1)*periods] }
	return &Plan{
		Dispatch: model.Dispatch{Charge: part(0), Discharge: part(1), SurplusTaken: part(2), DeficitServed: part(3)},
		Energy:   make([]int64, periods),
		Lattice:  m.Lattice,
	}
}

// fill computes what follows from charge and discharge.
func (p *Plan) fill(m *model.Model) {
	p.Baseline = m.Baseline()
	p.Cost = p.Baseline
	stored := m.Start
	for t := range p.Charge {
		p.SurplusTaken[t], p.DeficitServed[t] = m.Take(t, p.Charge[t]), m.Serve(t, p.Discharge[t])
		stored = m.After(stored, t, p.Dispatch)
		p.Energy[t] = stored
		p.Cost += m.Cost(t, p.Dispatch)
	}
}

// Idle is the plan in which the storage does nothing. It asks for a well
// formed problem only; limits and end condition may not hold, and its bound is
// not known.
func Idle(p Problem) (*Plan, error) {
	m, err := model.NewWithoutEnd(p)
	if err != nil {
		return nil, err
	}
	plan := newPlan(m)
	plan.fill(m)
	plan.Status = IdleStorage
	return plan, nil
}
