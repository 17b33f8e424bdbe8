package main

import (
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
)

// The relaxed powers are rounded to whole watts, which may make them a little
// cheaper than the relaxation; a bound stays a bound all the same.
func TestBoundOfTheRelaxationIsNeverAboveItsCost(t *testing.T) {
	for _, efficiency := range []energy.Efficiency{9470, 9500, 9613, 8777} {
		outcome, err := solveRelaxation(schedule.Problem{
			Minutes: 60, Buy: []energy.Price{100_000, 300_000, 500_000, 500_000}, Sell: []energy.Price{50_000, 100_000, 200_000, 200_000},
			Surplus: []energy.Watt{0, 48_000, 0, 0}, Deficit: []energy.Watt{15_000, 6_000, 15_001, 25_001},
			Storage: energy.Storage{
				Power: 30_000, Maximum: 60_000, Start: 30_000, End: 30_000, Fee: 10_000, GridTrade: true,
				ChargeEfficiency: 9500, DischargeEfficiency: efficiency,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if outcome.Bound > outcome.Cost {
			t.Errorf("efficiency %d: bound %d above the cost %d", efficiency, outcome.Bound, outcome.Cost)
		}
	}
}
