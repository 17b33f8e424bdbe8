package schedule

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
)

// chargedDay is a few hours of a community of a few hundred watts, so that all
// caps can be tried.
func chargedDay(r *rand.Rand) Problem {
	capacity := energy.WattHour(20 + r.IntN(400))
	p := Problem{Minutes: []int{15, 30, 60}[r.IntN(3)], Storage: energy.Storage{
		Power: energy.Watt(1 + r.IntN(150)), Maximum: capacity, Start: capacity / 2, End: capacity / 2,
		ChargeEfficiency: 9000, DischargeEfficiency: 9500, Fee: energy.Price(r.IntN(2) * 20_000),
		GridTrade: r.IntN(2) == 0, EndRule: energy.EndRule(r.IntN(2)),
	}}
	for range 2 + r.IntN(10) {
		sell := energy.Price(r.IntN(500_000) - 100_000)
		p.Sell, p.Buy = append(p.Sell, sell), append(p.Buy, sell+energy.Price(r.IntN(600_000)))
		p.Surplus, p.Deficit = append(p.Surplus, energy.Watt(r.IntN(200))), append(p.Deficit, energy.Watt(r.IntN(200)))
	}
	if r.IntN(3) == 0 {
		p.LocalTrade = &energy.LocalTrade{Fee: energy.Price(r.IntN(200_000))}
	}
	p.Import = &energy.Import{Cap: energy.NoLimit, DemandCharge: energy.Price(1 + r.IntN(3_000_000))}
	if r.IntN(4) == 0 {
		p.Import.Cap = energy.Watt(100 + r.IntN(150))
	}
	return p
}

// Law: a plan with a demand charge costs no more, beyond the tolerance, than
// the best plan under any cap with what that cap would be charged, and its bound
// is not above it.
func TestDemandChargeFindsTheBestOfAllCaps(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	planned := 0
	for i := range 300 {
		p := chargedDay(r)
		m, err := model.New(p)
		if err != nil {
			t.Fatal(err)
		}
		best, found := energy.Cost(0), false
		for limit := range m.MostPeak() + 1 {
			under, err := Solve(p.Capped(limit))
			if err != nil {
				continue
			}
			if cost := under.Cost + m.PeakCost(limit); !found || cost < best {
				best, found = cost, true
			}
		}
		plan, err := Solve(p)
		if errors.As(err, new(*Infeasible)) {
			if found {
				t.Errorf("problem %d: %v, but a cap can be kept", i, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		planned++
		if plan.Bound > best || plan.Cost > best+m.Tolerance() {
			t.Errorf("problem %d: cost %d, bound %d, best under a cap %d, tolerance %d", i, plan.Cost, plan.Bound, best, m.Tolerance())
		}
		if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, m.Tolerance()); err != nil {
			t.Errorf("problem %d: %v", i, err)
		}
	}
	if planned < 200 {
		t.Errorf("only %d of 300 problems had a plan", planned)
	}
}

func TestDemandChargeIsNotWhatCannotBeKept(t *testing.T) {
	p := chargedDay(rand.New(rand.NewPCG(65, 66)))
	none := make([]energy.Watt, p.Periods())
	p.Import.Cap, p.LocalTrade = energy.NoLimit, nil
	p.Deficit[0], p.Storage.Power = 200, 100
	forced := append([]energy.Watt{150}, none[1:]...)
	p.Limits = &Limits{ForcedCharge: none, ForcedDischarge: forced, ChargeRoom: none, DischargeRoom: none}
	_, err := Solve(p)
	if infeasible := new(Infeasible); !errors.As(err, &infeasible) || infeasible.Limit != "parks.import_limit_kw" {
		t.Errorf("%v, want the parks' import limits", err)
	}
}

func TestRestOfAHorizonHasNoDemandCharge(t *testing.T) {
	p := chargedDay(rand.New(rand.NewPCG(63, 64)))
	if _, _, err := SolveRest(p, 1, p.Storage.Start); !errors.As(err, new(*FieldError)) {
		t.Errorf("%v, want a *FieldError", err)
	}
}
