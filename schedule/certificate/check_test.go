package certificate_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// randomProblem draws a day of several hundred kW with two-sided merit orders.
func randomProblem(r *rand.Rand) schedule.Problem {
	p := schedule.Problem{Minutes: []int{15, 30, 60}[r.IntN(3)]}
	capacity := energy.WattHour(1000 * r.IntN(3000))
	p.Storage = energy.Storage{
		Power: energy.Watt(1000 * r.IntN(800)), Maximum: capacity, Minimum: capacity / 10, Start: capacity / 2, End: capacity / 2,
		ChargeEfficiency: energy.Efficiency(8000 + r.IntN(2001)), DischargeEfficiency: energy.Efficiency(80 * (100 + r.IntN(26))),
		Fee: energy.Price(r.IntN(2) * 13_000), GridTrade: r.IntN(2) == 0, EndRule: energy.EndRule(r.IntN(2)),
	}
	if capacity > 0 && int64(p.Storage.Power) > int64(capacity)/10 && r.IntN(3) == 0 { // what is lost can be charged
		p.Storage.SelfDischarge = energy.Parts(1 + r.IntN(5_000))
	}
	for range 4 + r.IntN(44) {
		sell := energy.Price(r.IntN(700_000) - 100_000*r.IntN(2))
		p.Sell = append(p.Sell, sell)
		p.Buy = append(p.Buy, sell+energy.Price(r.IntN(900_000)))
		p.Surplus, p.Deficit = append(p.Surplus, energy.Watt(r.IntN(700_000))), append(p.Deficit, energy.Watt(r.IntN(700_000)))
	}
	return p
}

// Law: the solver's own plans and certificates pass on every problem.
func TestPlansOfTheSolverPass(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 500 {
		p := randomProblem(r)
		plan, err := schedule.Solve(p)
		if err != nil {
			t.Fatalf("problem %d: %v\n%+v", i, err, p)
		}
		verdict, err := certificate.Check(p, plan.Dispatch, plan.Certificate, schedule.Tolerance(p))
		if err != nil {
			t.Fatalf("problem %d: %v\n%+v", i, err, p)
		}
		if verdict.Cost != plan.Cost || verdict.Bound != plan.Bound {
			t.Fatalf("problem %d: plan says %d and %d, checker %+v", i, plan.Cost, plan.Bound, verdict)
		}
	}
}

// Law: a changed certificate that passes proves no more than is true: its
// bound stays at or below the cost of a plan that is known to be feasible.
func TestNoForgedCertificatePasses(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	accepted, refused := 0, 0
	for range 60 {
		p := randomProblem(r)
		plan, err := schedule.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			forged := append([]byte(nil), plan.Certificate...)
			for range 1 + r.IntN(3) {
				switch at := r.IntN(len(forged)); r.IntN(4) {
				case 0:
					forged[at] ^= 1 << r.IntN(8)
				case 1:
					forged[at]++
				case 2:
					forged = append(forged[:at], forged[min(len(forged), at+1):]...)
				default:
					forged = append(forged[:at], append([]byte{byte(r.IntN(256))}, forged[at:]...)...)
				}
				if len(forged) == 0 {
					break
				}
			}
			verdict, err := certificate.Check(p, plan.Dispatch, forged, 1<<60)
			if err != nil {
				if failure := new(certificate.Failure); !errors.As(err, &failure) {
					t.Fatal(err)
				}
				refused++
				continue
			}
			accepted++
			if verdict.Bound > plan.Cost {
				t.Fatalf("a forged certificate proves %d, but a plan costs %d", verdict.Bound, plan.Cost)
			}
		}
	}
	t.Logf("%d refused, %d accepted with a true bound", refused, accepted)
	if refused == 0 {
		t.Error("no forgery was refused")
	}
}

// Law: whatever plan passes costs what the checker says and no less than the
// proven bound; plans with a changed power pass only where they keep all
// limits and lie within the tolerance.
func TestNoForgedPlanPasses(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	accepted, refused := 0, 0
	for range 60 {
		p := randomProblem(r)
		plan, err := schedule.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		tolerance := schedule.Tolerance(p)
		for range 100 {
			d := plan.Dispatch
			series := []*[]energy.Watt{&d.Charge, &d.Discharge, &d.SurplusTaken, &d.DeficitServed}
			for range 1 + r.IntN(2) {
				changed := series[r.IntN(len(series))]
				*changed = append([]energy.Watt(nil), *changed...)
				(*changed)[r.IntN(len(*changed))] += energy.Watt(r.IntN(1<<(1+r.IntN(18))) - 1<<r.IntN(17))
			}
			verdict, err := certificate.Check(p, d, plan.Certificate, tolerance)
			if err != nil {
				refused++
				continue
			}
			accepted++
			if verdict.Cost < plan.Bound || verdict.Cost > plan.Bound+tolerance {
				t.Fatalf("accepted a plan of %d against a bound of %d", verdict.Cost, plan.Bound)
			}
		}
	}
	t.Logf("%d refused, %d accepted within the tolerance", refused, accepted)
}

func TestBrokenLimitsAreNamed(t *testing.T) {
	p := schedule.Problem{
		Minutes: 60, Buy: []energy.Price{500_000, 500_000}, Sell: []energy.Price{100_000, 100_000},
		Surplus: []energy.Watt{5000, 0}, Deficit: []energy.Watt{0, 5000},
		Storage: energy.Storage{Power: 4000, Maximum: 6000, Start: 3000, End: 3000, ChargeEfficiency: 10_000, DischargeEfficiency: 10_000, GridTrade: true},
	}
	plan, err := schedule.Solve(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		limit  string
		period int
		change func(charge, discharge, taken, served []energy.Watt)
	}{
		{"storage.power_kw", 0, func(charge, _, _, _ []energy.Watt) { charge[0] = 4001 }},
		{"storage.soc_max", 0, func(charge, _, _, _ []energy.Watt) { charge[0] = 3001 }},
		{"storage.soc_min", 0, func(charge, discharge, taken, _ []energy.Watt) { charge[0], taken[0], discharge[0] = 0, 0, 3001 }},
		{"direction", 0, func(_, discharge, _, _ []energy.Watt) { discharge[0] = 1 }},
		{"storage.soc_end", 1, func(_, discharge, _, served []energy.Watt) { discharge[1], served[1] = 0, 0 }},
		{"surplus taken", 0, func(_, _, taken, _ []energy.Watt) { taken[0] = 3001 }},
		{"deficit served", 1, func(_, _, _, served []energy.Watt) { served[1] = 5001 }},
		{"power", 1, func(_, discharge, _, _ []energy.Watt) { discharge[1] = -1 }},
		{"gap", -1, func(charge, discharge, taken, served []energy.Watt) {
			charge[0], taken[0], discharge[1], served[1] = 0, 0, 0, 0
		}},
	} {
		d := plan.Dispatch
		for _, series := range []*[]energy.Watt{&d.Charge, &d.Discharge, &d.SurplusTaken, &d.DeficitServed} {
			*series = append([]energy.Watt(nil), *series...)
		}
		c.change(d.Charge, d.Discharge, d.SurplusTaken, d.DeficitServed)
		_, err := certificate.Check(p, d, plan.Certificate, schedule.Tolerance(p))
		failure := new(certificate.Failure)
		if !errors.As(err, &failure) || failure.Limit != c.limit || failure.Period != c.period {
			t.Errorf("got %v, want %s in period %d", err, c.limit, c.period)
		}
	}
}

// FuzzCheck feeds arbitrary bytes as a certificate, of a storage that keeps its
// energy and of one that loses some: nothing panics, and what passes has a true
// bound.
func FuzzCheck(f *testing.F) {
	problems := []schedule.Problem{randomProblem(rand.New(rand.NewPCG(9, 10))), randomProblem(rand.New(rand.NewPCG(9, 10)))}
	problems[0].Storage.SelfDischarge, problems[1].Storage.SelfDischarge = 0, 700
	var plans []*schedule.Plan
	for _, p := range problems {
		plan, err := schedule.Solve(p)
		if err != nil {
			f.Fatal(err)
		}
		plans = append(plans, plan)
		f.Add(plan.Certificate)
	}
	f.Add([]byte{1, 1, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		for i, p := range problems {
			verdict, err := certificate.Check(p, plans[i].Dispatch, data, 1<<60)
			if err == nil && verdict.Bound > plans[i].Cost {
				t.Fatalf("proves %d, but a plan costs %d", verdict.Bound, plans[i].Cost)
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	p := randomProblem(rand.New(rand.NewPCG(9, 10)))
	plan, err := schedule.Solve(p)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, 1<<60); err != nil {
			b.Fatal(err)
		}
	}
}
