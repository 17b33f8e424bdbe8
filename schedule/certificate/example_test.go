package certificate_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// A plan is judged without believing whoever made it: once as it came, once
// with a kilowatt of the discharge gone, which the proof shows to be dearer than
// need be, and once with power that the storage does not have.
func ExampleCheck() {
	problem := schedule.Problem{
		Minutes: 60, Buy: []energy.Price{400_000, 1_200_000}, Sell: []energy.Price{300_000, 300_000},
		Surplus: []energy.Watt{5_000, 0}, Deficit: []energy.Watt{0, 5_000},
		Storage: energy.Storage{Power: 4_000, Maximum: 6_000, ChargeEfficiency: 10_000, DischargeEfficiency: 10_000, EndRule: energy.EndAtLeast, GridTrade: true},
	}
	plan, err := schedule.Solve(problem)
	if err != nil {
		log.Fatal(err)
	}
	judge := func() {
		verdict, err := certificate.Check(problem, plan.Dispatch, plan.Certificate, schedule.Tolerance(problem))
		if failure := new(certificate.Failure); errors.As(err, &failure) {
			fmt.Println("refused:", failure)
			return
		}
		fmt.Printf("costs %.6f, and no plan costs less than %.6f\n", verdict.Cost.Currency(60), verdict.Bound.Currency(60))
	}
	judge()
	plan.Discharge[1], plan.DeficitServed[1] = 3_000, 3_000
	judge()
	plan.Charge[0] = 9_000
	judge()
	// Output:
	// costs 0.900000, and no plan costs less than 0.900000
	// refused: gap: the certificate leaves a gap of 1.200000, more than the tolerance of 0.003200
	// refused: period 1: storage.power_kw: charge of 9000 W, expected at most 4000 W
}
