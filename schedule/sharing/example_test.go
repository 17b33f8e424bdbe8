package sharing_test

import (
	"fmt"
	"log"
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// One park has sun at noon, another lacks energy in the evening, and the
// storage carried some of the one to the other. Both share what that saved.
func ExampleTerms_Settle() {
	terms := sharing.Terms{
		Minutes: 60, Buy: []energy.Price{400_000, 1_200_000}, Sell: []energy.Price{300_000, 300_000}, GridTrade: true,
		Sharing: energy.Sharing{Reference: 400_000}, // v: a stored kWh is worth 0.40
	}
	sunny := [2][]energy.Watt{{50_000, 0}, {0, 0}} // surplus, deficit
	busy := [2][]energy.Watt{{0, 0}, {0, 60_000}}

	sumU, sumB := new(big.Int), new(big.Int)
	for _, park := range [][2][]energy.Watt{sunny, busy} {
		sumU.Add(sumU, terms.Use(park[0], park[1]))
		sumB.Add(sumB, terms.WithoutStorage(park[0], park[1]))
	}
	settled, err := terms.Settle(sharing.Metered{
		Charge: []energy.Watt{40_000, 0}, Discharge: []energy.Watt{0, 40_000},
		Surplus: []energy.Watt{50_000, 0}, Deficit: []energy.Watt{0, 60_000}, // sums over the parks
		Stored: sharing.Stored{PerWattHour: 1},
	}, sumU, sumB)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("rho %.3f\n", float64(settled.Rho)/float64(sharing.RhoOne))
	fmt.Printf("sunny pays %.2f, without storage %.2f\n",
		terms.Floor(terms.Bill(settled.Rho, sunny[0], sunny[1])).Currency(), terms.Floor(terms.Bill(0, sunny[0], sunny[1])).Currency())
	fmt.Printf("busy pays %.2f, without storage %.2f\n",
		terms.Floor(terms.Bill(settled.Rho, busy[0], busy[1])).Currency(), terms.Floor(terms.Bill(0, busy[0], busy[1])).Currency())
	// Output:
	// rho 0.679
	// sunny pays -18.40, without storage -15.00
	// busy pays 39.40, without storage 72.00
}
