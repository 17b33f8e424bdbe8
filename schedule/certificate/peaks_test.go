package certificate_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// chargedProblem is a random problem with a demand charge, and often a cap on
// the import and local trade.
func chargedProblem(r *rand.Rand) schedule.Problem {
	p := randomProblem(r)
	p.Import = &energy.Import{Cap: energy.NoLimit, DemandCharge: energy.Price(1 + r.IntN(5_000_000))}
	if r.IntN(3) == 0 {
		p.Import.Cap = slices.Max(p.Deficit) + energy.Watt(r.IntN(100_000))
	}
	if r.IntN(3) == 0 {
		p.LocalTrade = &energy.LocalTrade{Fee: energy.Price(r.IntN(100_000))}
	}
	return p
}

// Law: with a demand charge, too, plans and certificates pass, and their gap
// lies within the tolerance of whole watts.
func TestPlansWithDemandChargePass(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for i := range 60 {
		p := chargedProblem(r)
		plan, err := schedule.Solve(p)
		if err != nil {
			t.Fatalf("problem %d: %v", i, err)
		}
		verdict, err := certificate.Check(p, plan.Dispatch, plan.Certificate, schedule.Tolerance(p))
		if err != nil {
			t.Fatalf("problem %d: %v\n%+v", i, err, p)
		}
		if verdict.Cost != plan.Cost || verdict.Bound != plan.Bound || verdict.Baseline != plan.Baseline {
			t.Fatalf("problem %d: plan says %d, %d and %d, checker %+v", i, plan.Cost, plan.Bound, plan.Baseline, verdict)
		}
	}
}

// Law: a changed certificate with a demand charge that passes proves no more
// than is true.
func TestNoForgedCertificateOfPeaksPasses(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	accepted, refused := 0, 0
	for range 20 {
		p := chargedProblem(r)
		plan, err := schedule.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			forged := slices.Clone(plan.Certificate)
			at := r.IntN(min(len(forged), 400))
			switch r.IntN(3) {
			case 0:
				forged[at] ^= 1 << r.IntN(8)
			case 1:
				forged[at]++
			default:
				forged = slices.Delete(forged, at, at+1)
			}
			verdict, err := certificate.Check(p, plan.Dispatch, forged, 1<<60)
			switch {
			case err == nil && verdict.Bound > plan.Cost:
				t.Fatalf("a forged certificate proves %d, a plan costs %d", verdict.Bound, plan.Cost)
			case err == nil:
				accepted++
			case !errors.As(err, new(*certificate.Failure)):
				t.Fatal(err)
			default:
				refused++
			}
		}
	}
	if refused < 600 {
		t.Errorf("%d forged certificates refused, %d accepted", refused, accepted)
	}
}

// A certificate for imports must cover all of them, and each cap it calls
// impossible must be.
func TestStretchesMustCoverAllImports(t *testing.T) {
	p := chargedProblem(rand.New(rand.NewPCG(35, 36)))
	p.Import, p.LocalTrade = &energy.Import{Cap: 1_500_000, DemandCharge: 100_000}, nil
	free := p
	free.Import = nil
	plan, err := schedule.Solve(free)
	if err != nil {
		t.Fatal(err)
	}
	charged, err := schedule.Solve(p)
	if err != nil {
		t.Fatal(err)
	}
	most := energy.Watt(0)
	for _, d := range p.Deficit {
		most = max(most, d+p.Storage.Power)
	}
	most = min(most, p.Import.Cap)
	for name, stretches := range map[string][]certificate.Stretch{
		"version 1":    nil,
		"left out":     {{Watts: most, Certificate: plan.Certificate}},
		"too many":     {{Watts: most + 2, Certificate: plan.Certificate}},
		"impossible":   {{Watts: most + 1}},
		"not the last": {{Watts: most}, {Watts: 1, Certificate: plan.Certificate}},
		"all the rest": {{Watts: 1, Certificate: plan.Certificate}, {Watts: most}},
	} {
		data := certificate.EncodePeaks(stretches)
		if stretches == nil {
			data = plan.Certificate
		}
		if verdict, err := certificate.Check(p, charged.Dispatch, data, 1<<60); !errors.As(err, new(*certificate.Failure)) {
			t.Errorf("%s: %+v, %v, want a Failure", name, verdict, err)
		}
	}
}

// FuzzCheckPeaks feeds arbitrary certificates to the check of a problem with a
// demand charge.
func FuzzCheckPeaks(f *testing.F) {
	p := chargedProblem(rand.New(rand.NewPCG(37, 38)))
	for _, series := range []*[]energy.Price{&p.Buy, &p.Sell} {
		*series = (*series)[:4]
	}
	p.Surplus, p.Deficit = p.Surplus[:4], p.Deficit[:4]
	plan, err := schedule.Solve(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plan.Certificate)
	f.Add([]byte{2, 1, 1, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		verdict, err := certificate.Check(p, plan.Dispatch, data, 1<<60)
		if err == nil && verdict.Bound > plan.Cost {
			t.Fatalf("a certificate proves %d, a plan costs %d", verdict.Bound, plan.Cost)
		}
	})
}
