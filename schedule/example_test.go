package schedule_test

import (
	"fmt"
	"log"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
)

// fourHours is a community of which one park has sun to give at noon and others
// lack energy in the evening, when buying is dear.
func fourHours() schedule.Problem {
	return schedule.Problem{
		Minutes: 60,
		Buy:     []energy.Price{400_000, 400_000, 1_200_000, 1_200_000}, // 1e-6 currency per kWh
		Sell:    []energy.Price{300_000, 300_000, 300_000, 300_000},
		Surplus: []energy.Watt{80_000, 20_000, 0, 0}, // sums over the parks
		Deficit: []energy.Watt{10_000, 0, 60_000, 90_000},
		Storage: energy.Storage{
			Power: 50_000, Maximum: 100_000, // W, Wh
			ChargeEfficiency: 9_500, DischargeEfficiency: 9_500, // of 10,000
			Fee: 20_000, GridTrade: true,
		},
	}
}

func ExampleSolve() {
	plan, err := schedule.Solve(fourHours())
	if err != nil {
		log.Fatal(err) // a *schedule.Infeasible names period and limit
	}
	fmt.Println("charge   ", plan.Charge)
	fmt.Println("discharge", plan.Discharge)
	fmt.Printf("costs %.2f instead of %.2f\n", plan.Cost.Currency(60), plan.Baseline.Currency(60))
	fmt.Printf("no plan costs less than %.2f\n", plan.Bound.Currency(60))
	// Output:
	// charge    [50000 50000 0 0]
	// discharge [0 0 40250 50000]
	// costs 81.91 instead of 154.00
	// no plan costs less than 81.91
}

// When the dear hours begin, the storage holds less than was planned. They are
// planned anew, as the ledger's contract does it.
func ExampleSolveRest() {
	rest, end, err := schedule.SolveRest(fourHours(), 2, 40_000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("discharge", rest.Discharge)
	fmt.Printf("the rest costs %.2f, and leaves %d Wh\n", rest.Cost.Currency(60), end)
	// Output:
	// discharge [0 38000]
	// the rest costs 135.16, and leaves 0 Wh
}
