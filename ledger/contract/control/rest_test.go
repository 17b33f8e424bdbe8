package control

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
)

// What power over a period changes the stored energy by is the exact figure
// rounded down, charging and discharging alike, for all that genesis allows.
func TestStoredEnergyIsRoundedDown(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		power := rapid.Int64Range(-(1<<32-1), 1<<32-1).Draw(r, "power")
		minutes := rapid.SampledFrom([]int{15, 30, 60}).Draw(r, "minutes")
		battery := committee.Storage{
			ChargeEfficiency:    energy.Efficiency(rapid.Int64Range(1, 10_000).Draw(r, "charge")),
			DischargeEfficiency: energy.Efficiency(rapid.Int64Range(1, 10_000).Draw(r, "discharge")),
		}
		exact := big.NewRat(power*int64(minutes), 60)
		if power >= 0 {
			exact.Mul(exact, big.NewRat(int64(battery.ChargeEfficiency), 10_000))
		} else {
			exact.Mul(exact, big.NewRat(10_000, int64(battery.DischargeEfficiency)))
		}
		want := new(big.Int).Div(exact.Num(), exact.Denom()) // Euclidean: rounds down for a positive divisor
		if got := stores(battery, energy.Watt(power), minutes); int64(got) != want.Int64() {
			t.Fatalf("%d W over %d minutes at %d, %d: %d Wh, want %s", power, minutes, battery.ChargeEfficiency, battery.DischargeEfficiency, got, want)
		}
	})
}
