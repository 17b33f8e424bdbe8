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

	// rounds bounds how often the second pass is made.
	rounds = 2
)

// solver is the working memory of one solve. It is reused, so that a solve
// allocates little more than its plan.
type solver struct {
	curves   []model.Curve
	vertices model.Arena // of the curves
	mirrored model.Curve // a curve with every change of energy reversed
	domains  []window

	ahead, behind, proof functions // W of the first pass, F, W of the second
	backup               backup
	inserted, simple     []vertex
	plan, other          dispatch
	spare                sparing
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

func (f *functions) get(t int) []vertex { return f.all[f.at[t][0]:f.at[t][1]] }

var solvers = sync.Pool{New: func() any { return new(solver) }}

// Solve finds a plan of least cost and proves its bound. The error is an
// *Infeasible where no plan keeps the limits, a *FieldError where the problem
// is not well formed or its numbers are too large to compute with.
//
// It goes backward in time over piecewise linear functions W_t of the stored
// energy that never exceed the least cost of what remains, then forward along
// them for the plan, and then backward once more, lowering W_t wherever no
// plan as cheap as this one passes; that makes the certificate small and
// tight.
func Solve(p Problem) (*Plan, error) { return solve(p, sparing{}) }

// SolveWithin is Solve with a certificate that is as small as a gap of so much
// allows, or, for a gap below Solve's, as large as it takes. The gap is then at
// most gap, or what whole watts leave and half of gap on top, whichever is more.
func SolveWithin(p Problem, gap energy.Cost) (*Plan, error) {
	half := int64(min(max(gap, 0), mostGap) / 2)
	slack := min(leastSlack, half/int64(max(1, p.Periods())))
	return solve(p, sparing{less: leastSlack - slack, gap: half})
}

// mostGap bounds the gap that can be asked for, so that sums stay in range.
const mostGap energy.Cost = 1 << 60

// sparing is what a certificate may give away to be small: in each period anew
// less than leastSlack by so much, and gap over all, an equal part more from
// period to period. Where past and future together cost at least the best
// plan's cost less gap in every moment, so does every way through all of them.
type sparing struct{ less, gap int64 }

func solve(p Problem, spare sparing) (*Plan, error) {
	m, err := model.New(p)
	if err != nil {
		return nil, err
	}
	s := solvers.Get().(*solver)
	defer solvers.Put(s)
	s.spare = spare
	if err := s.reach(m); err != nil {
		return nil, err
	}
	periods := m.Periods()
	most := max(fewestVertices, min(mostVertices, allVertices/periods))
	s.backward(&s.ahead, periods, m.Start, most, nil, 0)
	if err := s.follow(m, &s.ahead, &s.plan); err != nil {
		return nil, err
	}
	s.forward(m, most)
	best := &s.ahead
	for range rounds {
		s.backward(&s.proof, periods, m.Start, most, &s.behind, s.plan.cost)
		if s.proof.bound+int64(periods)*leastSlack+spare.gap >= best.bound {
			best = &s.proof
		}
		if s.plan.cost-best.bound <= int64(m.Tolerance())/2+spare.gap {
			break
		}
		if s.follow(m, &s.proof, &s.other) == nil && s.other.cost < s.plan.cost {
			s.plan, s.other = s.other, s.plan
		}
	}
	return s.result(m, best), nil
}

// backward computes W_T .. W_0. With past given it spends slack where past and
// future together cost more than best.
func (s *solver) backward(w *functions, periods int, start int64, most int, past *functions, best int64) {
	w.reset(periods)
	end := s.domains[periods]
	w.all = append(w.all, vertex{end.lo, 0})
	if end.hi > end.lo {
		w.all = append(w.all, vertex{end.hi, 0})
	}
	w.at[periods] = [2]int{0, len(w.all)}
	for t := periods - 1; t >= 0; t-- {
		u := s.backup.run(&s.curves[t], w.get(t+1), s.domains[t])
		allowed := slack{least: leastSlack, best: best}
		if past != nil {
			allowed.least -= s.spare.less
			allowed.best -= s.spare.gap / int64(periods) * int64(periods-t)
			allowed.past = past.get(t)
			s.inserted = insert(s.inserted[:0], u, allowed.past)
			u = s.inserted
		}
		s.store(w, t, u, allowed, most)
	}
	w.bound = w.get(0)[0].v
}

// forward computes F_0 .. F_T, the least cost to come to each energy: the
// same recursion in reversed time, with every change of energy reversed.
func (s *solver) forward(m *model.Model, most int) {
	f := &s.behind
	periods := m.Periods()
	f.reset(periods)
	f.all = append(f.all, vertex{m.Start, 0})
	f.at[0] = [2]int{0, 1}
	for t := range periods {
		mirror(&s.mirrored, &s.curves[t])
		u := s.backup.run(&s.mirrored, f.get(t), s.domains[t+1])
		s.store(f, t+1, u, slack{least: leastSlack}, most)
	}
}

// store keeps a simplified u as the function of moment t, doubling the slack
// until it has few enough vertices.
func (s *solver) store(f *functions, t int, u []vertex, allowed slack, most int) {
	s.simple = simplify(s.simple[:0], u, allowed, most)
	for len(s.simple) > most {
		allowed.least = 2*allowed.least + 1
		s.simple = simplify(s.simple[:0], u, allowed, most)
	}
	from := len(f.all)
	f.all = append(f.all, s.simple...)
	f.at[t] = [2]int{from, len(f.all)}
}

// mirror makes out c(-x).
func mirror(out, c *model.Curve) {
	out.N = c.N
	for i := range c.N {
		from, to := &c.Side[i], &out.Side[c.N-1-i]
		to.N, to.X, to.C = from.N, resize(to.X, from.N), resize(to.C, from.N)
		for j := range from.N {
			to.X[j], to.C[j] = -from.X[from.N-1-j], from.C[from.N-1-j]
		}
	}
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
		stored += int64(p.Charge[t])*m.Lattice.Up - int64(p.Discharge[t])*m.Lattice.Down
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
