package park

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
)

// Padding raises surplus and deficit by the same, at most as far as it says,
// within what is registered, and leaves load, PV and wind alone.
func TestPaddingIsTheSameOnSurplusAndDeficit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		periods := rapid.IntRange(1, 8).Draw(r, "periods")
		draw := func(name string) []energy.Watt {
			var series []energy.Watt
			for range periods {
				series = append(series, energy.Watt(rapid.Int64Range(0, 400_000).Draw(r, name)))
			}
			return series
		}
		forecast := series{Load: draw("load"), PV: draw("pv"), Wind: draw("wind")}
		padding := energy.Watt(rapid.Int64Range(1, 50_000).Draw(r, "padding"))
		registered := committee.Park{
			SurplusCapacity: 800_000 + energy.Watt(rapid.Int64Range(0, 20_000).Draw(r, "room")), DeficitCapacity: 420_000,
		}
		values := forecastValues(forecast)
		hidden, err := pad(values, padding, registered)
		if err != nil {
			r.Fatal(err)
		}
		for period := range periods {
			for series := range forecastSurplus {
				if hidden[series][period] != values[series][period] {
					r.Fatalf("series %d, period %d has changed", series, period)
				}
			}
			raised := energy.Watt(hidden[forecastSurplus][period]) - forecast.surplus()[period]
			deficit := forecast.Load[period] - forecast.PV[period] - forecast.Wind[period] + energy.Watt(hidden[forecastSurplus][period])
			if raised < 0 || raised > padding || deficit != forecast.deficit()[period]+raised {
				r.Fatalf("period %d: surplus raised by %d of at most %d, deficit %d of %d", period, raised, padding, deficit, forecast.deficit()[period])
			}
			if energy.Watt(hidden[forecastSurplus][period]) > registered.SurplusCapacity || deficit > registered.DeficitCapacity {
				r.Fatalf("period %d: %d and %d are beyond what is registered", period, hidden[forecastSurplus][period], deficit)
			}
		}
	})
}

// Fresh padding is drawn for each period: a day of equal periods does not stay
// one of equal periods.
func TestPaddingIsDrawnForEachPeriod(t *testing.T) {
	forecast := series{Load: make([]energy.Watt, 96), PV: make([]energy.Watt, 96), Wind: make([]energy.Watt, 96)}
	hidden, err := pad(forecastValues(forecast), 10_000, committee.Park{SurplusCapacity: 10_000, DeficitCapacity: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint64]bool{}
	for _, value := range hidden[forecastSurplus] {
		seen[value] = true
	}
	if len(seen) < 48 { // 96 draws of 10,001 values: fewer by chance with probability below 10^-90
		t.Errorf("%d different values in 96 periods", len(seen))
	}
}
