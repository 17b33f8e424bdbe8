package interior

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Result is an optimum of the relaxation.
type Result struct {
	Dispatch   model.Dispatch // rounded to whole watts; may charge and discharge at once
	Cost       float64        // of the relaxation, currency
	Bound      float64        // dual objective: no point of the relaxation costs less
	Iterations int
}

const (
	mostIterations = 200
	precision      = 1e-9 // of residuals and gap, relative
)

// errNoConvergence is returned where the iteration ends too early.
var errNoConvergence = errors.New("the interior point method did not converge")

// Solve finds an optimum of the relaxation. The error is a *model.Infeasible or
// *model.FieldError as of the exact solver, or that of a method that did not
// converge.
func Solve(problem model.Problem) (*Result, error) {
	m, err := model.New(problem)
	if err != nil {
		return nil, err
	}
	if problem.Classes != nil {
		return nil, &model.FieldError{Field: "tariff", Reason: "the interior point method does not know tariffs of parks; the exact solver does"}
	}
	if problem.Curtailment {
		return nil, &model.FieldError{Field: "curtailment", Reason: "the interior point method does not know curtailment of surplus; the exact solver does"}
	}
	if problem.Import != nil {
		return nil, &model.FieldError{Field: "import_cap_kw", Reason: "the interior point method knows neither a cap on the community's import nor a demand charge; the exact solver does"}
	}
	if problem.LocalTrade != nil {
		return nil, &model.FieldError{Field: "local_trade", Reason: "the interior point method does not know trade between parks; the exact solver does"}
	}
	p := newProgram(m)
	if err := p.check(m); err != nil {
		return nil, err
	}
	s := newState(p)
	for k := range mostIterations {
		if s.measure() {
			return s.result(m, k), nil
		}
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	return nil, errNoConvergence
}

// state is a point of the primal and the dual, and the memory of a step.
type state struct {
	p       *program
	fixed   []bool // variables whose bounds leave no room
	bounded []bool // variables with an upper bound

	x, s []float64 // variables, and their distance to the upper bound
	y    []float64 // duals of the rows
	z, w []float64 // duals of the lower and upper bounds

	dx, ds, dy, dz, dw []float64
	rp, rd, ru         []float64 // residuals: rows, dual, upper bounds
	rxz, rsw           []float64 // what complementarity should change
	theta, rho         []float64
	normal             *mat.SymBandDense
	factor             mat.BandCholesky
	mu                 float64
}

func newState(p *program) *state {
	n, rows := len(p.c), len(p.b)
	vector := func() []float64 { return make([]float64, n) }
	s := &state{
		p: p, fixed: make([]bool, n), bounded: make([]bool, n),
		x: vector(), s: vector(), y: make([]float64, rows), z: vector(), w: vector(),
		dx: vector(), ds: vector(), dy: make([]float64, rows), dz: vector(), dw: vector(),
		rp: make([]float64, rows), rd: vector(), ru: vector(), rxz: vector(), rsw: vector(), theta: vector(), rho: vector(),
		normal: mat.NewSymBandDense(rows, min(2, rows-1), nil),
	}
	scale := 1.0
	for t := range p.periods {
		scale = max(scale, math.Abs(p.b[2*t+1]))
	}
	price := 1e-3
	for _, c := range p.c {
		price = max(price, math.Abs(c))
	}
	for i, u := range p.u {
		const least = 1e-9
		s.fixed[i] = u < least
		s.bounded[i] = !math.IsInf(u, 1)
		if s.fixed[i] {
			continue
		}
		s.x[i], s.z[i] = min(scale, u)/2, price
		if s.bounded[i] {
			s.s[i], s.w[i] = u-s.x[i], price
		}
	}
	return s
}

// measure computes residuals and complementarity and says whether they are
// small enough.
func (s *state) measure() (done bool) {
	p := s.p
	p.times(s.rp, s.x)
	worstRow, worstDual := 0.0, 0.0
	for r := range s.rp {
		s.rp[r] = p.b[r] - s.rp[r]
		worstRow = max(worstRow, math.Abs(s.rp[r])/(1+math.Abs(p.b[r])))
	}
	products, count := 0.0, 0
	for i := range s.x {
		if s.fixed[i] {
			continue
		}
		s.rd[i] = p.c[i] - p.transposed(s.y, i) - s.z[i] + s.w[i]
		worstDual = max(worstDual, math.Abs(s.rd[i])/(1+math.Abs(p.c[i])))
		products += s.x[i] * s.z[i]
		count++
		if s.bounded[i] {
			s.ru[i] = p.u[i] - s.x[i] - s.s[i]
			products += s.s[i] * s.w[i]
			count++
		}
	}
	s.mu = products / float64(max(1, count))
	primal, dual := s.objectives()
	return worstRow < precision && worstDual < precision && math.Abs(primal-dual) <= precision*(1+math.Abs(primal))
}

// objectives are the values of primal and dual, without the constant.
func (s *state) objectives() (primal, dual float64) {
	for i := range s.x {
		primal += s.p.c[i] * s.x[i]
		if s.bounded[i] && !s.fixed[i] {
			dual -= s.w[i] * s.p.u[i]
		}
	}
	for r, y := range s.y {
		dual += s.p.b[r] * y
	}
	return primal, dual
}

// step moves along Mehrotra's direction: a predictor towards the optimum, from
// whose success the centring is chosen, and a corrector of second order.
func (s *state) step() error {
	if !s.factorise() {
		return errNoConvergence
	}
	for i := range s.x {
		s.rxz[i], s.rsw[i] = -s.x[i]*s.z[i], -s.s[i]*s.w[i]
	}
	if err := s.direction(); err != nil {
		return err
	}
	primal, dual := s.reach(1)
	after, count := 0.0, 0
	for i := range s.x {
		if s.fixed[i] {
			continue
		}
		after += (s.x[i] + primal*s.dx[i]) * (s.z[i] + dual*s.dz[i])
		count++
		if s.bounded[i] {
			after += (s.s[i] + primal*s.ds[i]) * (s.w[i] + dual*s.dw[i])
			count++
		}
	}
	centring := math.Pow(after/float64(max(1, count))/s.mu, 3) * s.mu
	for i := range s.x {
		s.rxz[i] = centring - s.x[i]*s.z[i] - s.dx[i]*s.dz[i]
		s.rsw[i] = centring - s.s[i]*s.w[i] - s.ds[i]*s.dw[i]
	}
	if err := s.direction(); err != nil {
		return err
	}
	const backOff = 0.9995
	primal, dual = s.reach(backOff)
	for i := range s.x {
		s.x[i] += primal * s.dx[i]
		s.s[i] += primal * s.ds[i]
		s.z[i] += dual * s.dz[i]
		s.w[i] += dual * s.dw[i]
	}
	for r := range s.y {
		s.y[r] += dual * s.dy[r]
	}
	return nil
}

// factorise prepares A Theta A', which is banded because stored energy couples
// neighbouring periods only. Where rounding has made it indefinite, as it does
// beside a window of the stored energy of a watt, the diagonal is raised a
// little; measure sees to it that the optimum stays one. It says whether that
// went well.
func (s *state) factorise() bool {
	rows := len(s.p.b)
	for r := range rows {
		for k := r; k <= min(r+2, rows-1); k++ {
			s.normal.SetSymBand(r, k, 0)
		}
		s.normal.SetSymBand(r, r, 1e-14)
	}
	for i := range s.x {
		s.theta[i] = 0
		if s.fixed[i] {
			continue
		}
		inverse := s.z[i] / s.x[i]
		if s.bounded[i] {
			inverse += s.w[i] / s.s[i]
		}
		s.theta[i] = 1 / inverse
		at, entries, n := s.p.column(i)
		for k := range n {
			for l := k; l < n; l++ {
				s.normal.SetSymBand(at[k], at[l], s.normal.At(at[k], at[l])+entries[k]*entries[l]*s.theta[i])
			}
		}
	}
	const least, most = 1e-15, 1e-5
	for shift := least; shift < most; shift *= 10 {
		if s.factor.Factorize(s.normal) {
			return true
		}
		for r := range rows {
			s.normal.SetSymBand(r, r, s.normal.At(r, r)*(1+shift))
		}
	}
	return false
}

// direction solves for the step that meets the residuals and rxz, rsw.
func (s *state) direction() error {
	for i := range s.x {
		if s.fixed[i] {
			continue
		}
		s.rho[i] = s.rd[i] - s.rxz[i]/s.x[i]
		if s.bounded[i] {
			s.rho[i] += (s.rsw[i] - s.w[i]*s.ru[i]) / s.s[i]
		}
	}
	right := append([]float64(nil), s.rp...)
	for i := range s.x {
		at, entries, n := s.p.column(i)
		for k := range n {
			right[at[k]] += entries[k] * s.theta[i] * s.rho[i]
		}
	}
	solution := mat.NewVecDense(len(s.dy), s.dy)
	if err := s.factor.SolveVecTo(solution, mat.NewVecDense(len(right), right)); err != nil && !errors.As(err, new(mat.Condition)) {
		return errNoConvergence
	}
	for i := range s.x {
		if s.fixed[i] {
			continue
		}
		s.dx[i] = s.theta[i] * (s.p.transposed(s.dy, i) - s.rho[i])
		s.dz[i] = (s.rxz[i] - s.z[i]*s.dx[i]) / s.x[i]
		if s.bounded[i] {
			s.ds[i] = s.ru[i] - s.dx[i]
			s.dw[i] = (s.rsw[i] - s.w[i]*s.ds[i]) / s.s[i]
		}
	}
	return nil
}

// reach is how far primal and dual can go along the direction, times factor,
// at most 1.
func (s *state) reach(factor float64) (primal, dual float64) {
	primal, dual = 1/factor, 1/factor
	for i := range s.x {
		if s.fixed[i] {
			continue
		}
		primal, dual = nearer(primal, s.x[i], s.dx[i]), nearer(dual, s.z[i], s.dz[i])
		if s.bounded[i] {
			primal, dual = nearer(primal, s.s[i], s.ds[i]), nearer(dual, s.w[i], s.dw[i])
		}
	}
	return primal * factor, dual * factor
}

func nearer(step, value, change float64) float64 {
	if change < 0 {
		return min(step, -value/change)
	}
	return step
}

// result reads the dispatch off the point.
func (s *state) result(m *model.Model, iterations int) *Result {
	periods := s.p.periods
	part := func() []energy.Watt { return make([]energy.Watt, periods) }
	d := model.Dispatch{Charge: part(), Discharge: part(), SurplusTaken: part(), DeficitServed: part()}
	for t := range periods {
		at := func(variable int) energy.Watt {
			i := perPeriod*t + variable
			return energy.Watt(math.Round(1000 * (s.x[i] + s.p.lower[i])))
		}
		d.SurplusTaken[t], d.DeficitServed[t] = min(at(taken), m.Surplus[t]), min(at(served), m.Deficit[t])
		d.Charge[t], d.Discharge[t] = d.SurplusTaken[t]+at(bought), d.DeficitServed[t]+at(sold)
	}
	primal, dual := s.objectives()
	constant := s.p.constant + m.Baseline().Currency(m.Minutes)
	return &Result{Dispatch: d, Cost: primal + constant, Bound: dual + constant, Iterations: iterations}
}
