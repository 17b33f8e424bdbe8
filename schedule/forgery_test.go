package schedule

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Law: whatever changed plan with whatever changed certificate is accepted, it
// really lies within the tolerance of the best of all plans, tried one by one.
func TestAcceptedForgeriesAreWithinToleranceOfTheOptimum(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	accepted, refused := 0, 0
	for range 2000 {
		p := tinyProblem(r)
		if r.IntN(4) == 0 && p.Periods() < 4 {
			p.Storage.SelfDischarge = energy.Parts(1 + r.IntN(50_000))
		}
		plan, err := Solve(p)
		if err != nil {
			continue // infeasible
		}
		m, err := model.New(p)
		if err != nil {
			t.Fatal(err)
		}
		best, _ := bruteForce(m)
		tolerance := Tolerance(p)
		for range 100 {
			d, proof := forge(r, plan)
			verdict, err := certificate.Check(p, d, proof, tolerance)
			if err != nil {
				refused++
				continue
			}
			accepted++
			if int64(verdict.Cost) < best || int64(verdict.Cost) > best+int64(tolerance) {
				t.Fatalf("accepted a plan of %d, the best costs %d, the tolerance is %d\n%+v\n%+v", verdict.Cost, best, tolerance, p, d)
			}
		}
	}
	t.Logf("%d refused, %d accepted", refused, accepted)
	if accepted < 1000 || refused < 1000 {
		t.Errorf("%d refused, %d accepted: the test does not tell", refused, accepted)
	}
}

// forge changes powers of a plan by a watt or some, and bytes of its
// certificate, either or both.
func forge(r *rand.Rand, plan *Plan) (model.Dispatch, []byte) {
	d, proof := plan.Dispatch, slices.Clone(plan.Certificate)
	for _, series := range []*[]energy.Watt{&d.Charge, &d.Discharge, &d.SurplusTaken, &d.DeficitServed} {
		*series = slices.Clone(*series)
		if r.IntN(3) == 0 {
			(*series)[r.IntN(len(*series))] += energy.Watt(r.IntN(5) - 2)
		}
	}
	for range r.IntN(3) {
		proof[r.IntN(len(proof))] ^= 1 << r.IntN(8)
	}
	return d, proof
}
