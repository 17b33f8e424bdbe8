package daily_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/daily"
)

// drawn is a problem of some days of hours.
func drawn(r *rand.Rand, days int) schedule.Problem {
	p := schedule.Problem{Minutes: 60, Storage: energy.Storage{
		Power: 300, Maximum: 900, Start: 450, End: 400, EndRule: energy.EndRule(r.IntN(2)),
		ChargeEfficiency: energy.Efficiency(9000 + r.IntN(1001)), DischargeEfficiency: energy.Efficiency(9000 + r.IntN(1001)),
		Fee: 10_000, GridTrade: r.IntN(2) == 0,
	}}
	if r.IntN(3) == 0 {
		p.Storage.Fine = &energy.FineEnergy{Denominator: 1000, Minimum: 100, Maximum: 900_000, Start: 450_500, End: 400_125}
	}
	for range 24 * days {
		sell := energy.Price(r.IntN(500_000))
		p.Sell, p.Buy = append(p.Sell, sell), append(p.Buy, sell+energy.Price(r.IntN(500_000)))
		p.Surplus, p.Deficit = append(p.Surplus, energy.Watt(r.IntN(400))), append(p.Deficit, energy.Watt(r.IntN(400)))
	}
	return p
}

// Law: days chained are a plan for the whole horizon, never cheaper than the
// bound of the whole, and one day alone is the whole.
func TestDaysChainedArePlanForTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		p := drawn(r, 1+r.IntN(4))
		var lengths []int
		for range p.Periods() / 24 {
			lengths = append(lengths, 24)
		}
		d, err := daily.Solve(p, lengths)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := schedule.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		verdict, err := certificate.Check(p, d, whole.Certificate, 1<<60)
		if err != nil {
			t.Fatal(err)
		}
		if verdict.Gap() < 0 {
			t.Errorf("%d days cost %d, below the bound %d", len(lengths), verdict.Cost, verdict.Bound)
		}
		if len(lengths) == 1 && verdict.Cost != whole.Cost {
			t.Errorf("one day costs %d, the whole %d", verdict.Cost, whole.Cost)
		}
	}
}

func TestDayWithoutPlanIsNamedByItsPeriodInTheWhole(t *testing.T) {
	p := drawn(rand.New(rand.NewPCG(3, 4)), 2)
	periods := p.Periods()
	none := func() []energy.Watt { return make([]energy.Watt, periods) }
	p.Limits = &schedule.Limits{ForcedCharge: none(), ForcedDischarge: none(), ChargeRoom: none(), DischargeRoom: none()}
	p.Limits.ForcedCharge[30], p.Surplus[30] = 301, 400
	_, err := daily.Solve(p, []int{24, 24})
	if infeasible := new(schedule.Infeasible); !errors.As(err, &infeasible) || infeasible.Period != 30 {
		t.Errorf("got %v, want period 31", err)
	}
	if _, err := daily.Solve(p, []int{24}); err == nil {
		t.Error("half the horizon is planned as if it were the whole")
	}
}
