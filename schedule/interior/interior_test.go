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

// Law: the method converges on storages of any size, on horizons of any length
// and with windows of the end energy of a watt, to no more than the exact cost.
func TestOddProblemsConverge(t *testing.T) {
	r := rand.New(rand.NewPCG(65, 66))
	solved := 0
	for i := range 600 {
		p := randomProblem(r, 600_000, 600_000)
		periods := 1 + r.IntN(8)
		p.Buy, p.Sell, p.Surplus, p.Deficit = p.Buy[:min(periods, len(p.Buy))], p.Sell[:min(periods, len(p.Sell))], p.Surplus[:min(periods, len(p.Surplus))], p.Deficit[:min(periods, len(p.Deficit))]
		s := &p.Storage
		s.Power = energy.Watt(r.IntN(1 + []int{0, 20, 400_000, 400_000, 50_000_000}[r.IntN(5)]))
		s.Maximum = energy.WattHour(r.IntN(1 + []int{0, 30, 1_000_000, 1_000_000_000}[r.IntN(4)]))
		s.Start = energy.WattHour(r.Int64N(int64(s.Maximum) + 1))
		s.End = []energy.WattHour{s.Start, s.Start, 0, s.Maximum}[r.IntN(4)]
		s.ChargeEfficiency, s.DischargeEfficiency = energy.Efficiency(5000+r.IntN(5001)), energy.Efficiency(5000+r.IntN(5001))
		plan, exactErr := schedule.Solve(p)
		relaxed, err := interior.Solve(p)
		if errors.As(err, new(*schedule.Infeasible)) && exactErr != nil {
			continue
		}
		if err != nil {
			t.Errorf("problem %d: %v\n%+v", i, err, p)
			continue
		}
		if exactErr != nil {
			continue
		}
		solved++
		if cost := plan.Cost.Currency(60); relaxed.Bound > cost+1e-6*(1+math.Abs(cost)) {
			t.Errorf("problem %d: bound %.7f above the exact plan %.7f\n%+v", i, relaxed.Bound, cost, p)
		}
	}
	if solved < 200 {
		t.Errorf("only %d problems were solved", solved)
	}
}
