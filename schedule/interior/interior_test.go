package interior_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/interior"
)

func TestRelaxationOfTheReferenceCaseHasItsKnownCost(t *testing.T) {
	c, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		power    energy.Watt
		capacity energy.WattHour
		cost     float64
	}{
		{300_000, 800_000, 2886.56}, {400_000, 1_000_000, 2453.13}, {800_000, 2_000_000, 1195.64}, {1_000_000, 20_000_000, 704.10},
	} {
		sized := *c
		sized.Storage = c.Storage.Sized(k.power, k.capacity)
		p, err := schedule.FromCase(&sized, false)
		if err != nil {
			t.Fatal(err)
		}
		r, err := interior.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.Cost-k.cost) > 0.01 || r.Cost-r.Bound > 1e-4 {
			t.Errorf("%d W: relaxation costs %.4f (bound %.4f, %d iterations), want %.2f", k.power, r.Cost, r.Bound, r.Iterations, k.cost)
		}
	}
}

func randomProblem(r *rand.Rand, surplus, deficit int) schedule.Problem {
	capacity := energy.WattHour(1000 * (1 + r.IntN(2000)))
	p := schedule.Problem{Minutes: 60, Storage: energy.Storage{
		Power: energy.Watt(1000 * (1 + r.IntN(500))), Maximum: capacity, Start: capacity / 2, End: capacity / 2,
		ChargeEfficiency: 9500, DischargeEfficiency: 9600, Fee: energy.Price(r.IntN(2) * 13_000),
		GridTrade: r.IntN(2) == 0, EndRule: energy.EndRule(r.IntN(2)),
	}}
	for t := range 4 + r.IntN(44) {
		sell := energy.Price(r.IntN(400_000))
		p.Sell, p.Buy = append(p.Sell, sell), append(p.Buy, sell+energy.Price(r.IntN(900_000)))
		s, d := energy.Watt(r.IntN(surplus+1)), energy.Watt(r.IntN(deficit+1))
		if surplus > 0 && deficit > 0 && t%2 == 0 {
			s, d = d, s
		}
		p.Surplus, p.Deficit = append(p.Surplus, s), append(p.Deficit, d)
	}
	return p
}

// Law: the relaxation never costs more than the exact plan, and as much where
// all parks lack power, since then charge and discharge meet convexly.
func TestRelaxationBoundsTheExactPlan(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	for i := range 300 {
		surplus := 600_000 * (i % 2)
		p := randomProblem(r, surplus, 600_000)
		relaxed, err := interior.Solve(p)
		if err != nil {
			t.Fatalf("problem %d: %v\n%+v", i, err, p)
		}
		plan, err := schedule.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		cost, tolerance := plan.Cost.Currency(60), schedule.Tolerance(p).Currency(60)
		rounding := 1e-6 * (1 + math.Abs(cost))
		if relaxed.Cost > cost+rounding {
			t.Errorf("problem %d: relaxation %.6f above the exact plan %.6f", i, relaxed.Cost, cost)
		}
		if surplus == 0 && cost-relaxed.Cost > tolerance+rounding {
			t.Errorf("problem %d is convex: exact %.6f, relaxation %.6f, tolerance %.6f", i, cost, relaxed.Cost, tolerance)
		}
	}
}

func TestInfeasibleRelaxationIsNamed(t *testing.T) {
	p := randomProblem(rand.New(rand.NewPCG(63, 64)), 1000, 1000)
	p.Storage.Power, p.Storage.Maximum, p.Storage.Start, p.Storage.End = 1000, 900_000, 0, 900_000
	if _, err := interior.Solve(p); !errors.As(err, new(*schedule.Infeasible)) {
		t.Errorf("got %v, want an infeasible problem", err)
	}
	if _, err := interior.Solve(schedule.Problem{}); !errors.As(err, new(*schedule.FieldError)) {
		t.Errorf("got %v, want a field named", err)
	}
}
