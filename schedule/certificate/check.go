// Package certificate checks a plan and the proof that it is as cheap as any,
// without believing whoever made them.
//
// A certificate is for each moment t = 0..T a piecewise linear function W_t of
// the stored energy with whole breakpoints and values, claimed never to exceed
// the least cost of the rest of the horizon:
//
//	W_T(E)     <= 0                  for every allowed end energy E
//	W_{t-1}(E) <= c_t(x) + W_t(E+x)  for every period t, energy E and change x
//
// Where both hold, baseline + W_0(E_0) is a bound on the cost of every
// feasible plan, 0-1 directions included. The check is exact.
//
// The package shares with the solver the problem and its merit order (package
// model) and nothing else.
package certificate

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Verdict is what the checker found by its own computing.
type Verdict struct {
	Baseline energy.Cost // cost without storage
	Cost     energy.Cost // cost of the plan
	Bound    energy.Cost // no feasible plan costs less, by the certificate
}

// Gap is how much dearer than the optimum the plan can be at most.
func (v Verdict) Gap() energy.Cost { return v.Cost - v.Bound }

// Failure names the first thing that is wrong with a plan or certificate.
type Failure struct {
	Period int    // 0-based period, -1 where it concerns none
	Limit  string // the limit or inequality that fails
	Detail string // the figures
}

func (f *Failure) Error() string {
	if f.Period < 0 {
		return f.Limit + ": " + f.Detail
	}
	return fmt.Sprintf("period %d: %s: %s", f.Period+1, f.Limit, f.Detail)
}

// Check recomputes whether the dispatch keeps every limit of the problem, what
// it costs, and whether the certificate proves that no plan costs less than
// that by more than the tolerance. The error is a *Failure where something is
// wrong with dispatch or certificate (the verdict then holds what was found so
// far), another error where the problem itself cannot be computed with.
func Check(p model.Problem, d model.Dispatch, certificate []byte, tolerance energy.Cost) (Verdict, error) {
	return Verdict{}, fmt.Errorf("certificate: Check: not implemented yet")
}
