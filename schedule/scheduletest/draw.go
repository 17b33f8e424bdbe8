// Package scheduletest draws random communities with a shared storage, on which
// the laws of planning, sharing and sizing are tested. It is for tests.
package scheduletest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
)

// Case draws a case without grid limits of parks: two to four parks, prices in
// up to three bands, so that many periods have the same, buying and selling
// also closer than the fee, prices also below zero, with and without trade of
// the storage with the grid, either end rule, any share for the operator.
// Energies are whole Wh.
func Case(t *rapid.T) *energy.Case {
	periods := rapid.IntRange(2, 16).Draw(t, "periods")
	c := &energy.Case{Name: "random", Horizon: energy.Horizon{Minutes: rapid.SampledFrom([]int{15, 30, 60}).Draw(t, "minutes"), Periods: periods}}
	for i := range rapid.IntRange(2, 4).Draw(t, "parks") {
		p := energy.Park{Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
		for range periods {
			p.Load, p.PV, p.Wind = append(p.Load, kilowatts(t, 400, "load")), append(p.PV, kilowatts(t, 400, "pv")), append(p.Wind, 0)
		}
		c.Parks = append(c.Parks, p)
	}
	c.Tariff = tariff(t, periods)
	c.Storage = storage(t)
	c.Sharing = energy.Sharing{
		Reference:     energy.Price(rapid.IntRange(0, 1000).Draw(t, "v")) * 1000,
		OperatorShare: energy.Parts(rapid.IntRange(0, 1_000_000).Draw(t, "theta")),
	}
	return c
}

func kilowatts(t *rapid.T, most int, name string) energy.Watt {
	return energy.Watt(1000 * rapid.IntRange(0, most).Draw(t, name))
}

func tariff(t *rapid.T, periods int) (drawn energy.Tariff) {
	var bands [3][2]energy.Price
	for i := range bands {
		sell := energy.Price(rapid.IntRange(-50, 700).Draw(t, "sell")) * 1000
		spread := rapid.OneOf(rapid.IntRange(0, 900), rapid.IntRange(0, 60)).Draw(t, "spread")
		bands[i] = [2]energy.Price{sell + energy.Price(spread)*1000, sell}
	}
	for range periods {
		band := bands[rapid.IntRange(0, 2).Draw(t, "band")]
		drawn.Buy, drawn.Sell = append(drawn.Buy, band[0]), append(drawn.Sell, band[1])
	}
	return drawn
}

func storage(t *rapid.T) energy.Storage {
	percent := func(from, to int, name string) int { return rapid.IntRange(from, to).Draw(t, name) }
	least := percent(0, 20, "minimum")
	start := percent(least, 100, "start")
	end := start
	if rapid.Bool().Draw(t, "other end") {
		end = min(100, start+percent(0, 3, "more at the end"))
	}
	fraction := func(percent int) energy.Parts { return energy.PartsOne / 100 * energy.Parts(percent) }
	s := energy.Storage{
		ChargeEfficiency:    energy.Efficiency(100 * percent(80, 100, "charge efficiency")),
		DischargeEfficiency: energy.Efficiency(100 * percent(80, 100, "discharge efficiency")),
		Fee:                 energy.Price(rapid.IntRange(0, 60).Draw(t, "fee")) * 1000,
		GridTrade:           rapid.Bool().Draw(t, "grid trade"),
		EndRule:             energy.EndRule(rapid.IntRange(0, 1).Draw(t, "end rule")),
		States:              energy.States{Minimum: fraction(least), Maximum: energy.PartsOne, Start: fraction(start), End: fraction(end)},
	}
	return s.Sized(1000+kilowatts(t, 500, "power"), energy.WattHour(1000*rapid.IntRange(10, 2000).Draw(t, "capacity")))
}
