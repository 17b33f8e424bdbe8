package trade

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

// Home is a park's own plan, computed at home from the public plan
// (docs/planning.md): its part of the surplus that the storage takes and of the
// deficit that it serves, W, one entry per period, rounded down.
// surplus and deficit are the park's own series as forecast. A park that the
// plan does not count has no part.
func Home(park string, surplus, deficit []energy.Watt, plan scheduling.Plan) (charge, discharge []energy.Watt) {
	charge, discharge = make([]energy.Watt, len(surplus)), make([]energy.Watt, len(deficit))
	if !slices.Contains(plan.Parks, park) {
		return charge, discharge
	}
	for t := range plan.Charge {
		charge[t] = part(plan.SurplusTaken[t], surplus[t], plan.Surplus[t])
		discharge[t] = part(plan.DeficitServed[t], deficit[t], plan.Deficit[t])
	}
	return charge, discharge
}

// part is floor(taken x own / all), for 0 <= taken <= all.
func part(taken, own, all energy.Watt) energy.Watt {
	if all <= 0 || own <= 0 || taken <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(min(taken, all)), uint64(own))
	quotient, _ := bits.Div64(hi, lo, uint64(all)) // at most own: taken <= all
	return energy.Watt(quotient)
}

// ParkLines are the lines of a park's contract: what it buys and sells after
// its part of the storage. surplus and deficit are its own series as forecast.
func ParkLines(park string, surplus, deficit []energy.Watt, plan scheduling.Plan, t tariff.Tariff) []Line {
	charge, discharge := Home(park, surplus, deficit, plan)
	lines := make([]Line, len(t.Starts))
	for period := range lines {
		lines[period] = lineOf(t, period, deficit[period]-discharge[period], surplus[period]-charge[period])
	}
	return lines
}

// StorageLines are the lines of the storage's contract: the power that is
// neither the parks' surplus nor serves their deficit. Where the storage does
// not trade itself, it passes through a park's meter and stands here all the
// same: the clearing account pays it, no park does.
func StorageLines(plan scheduling.Plan, t tariff.Tariff) []Line {
	lines := make([]Line, len(t.Starts))
	for period := range lines {
		lines[period] = lineOf(t, period, plan.Charge[period]-plan.SurplusTaken[period], plan.Discharge[period]-plan.DeficitServed[period])
	}
	return lines
}

func lineOf(t tariff.Tariff, period int, purchase, sale energy.Watt) Line {
	line := Line{Start: t.Starts[period], Purchase: purchase, Sale: sale, BuyPrice: t.Buy[period], SellPrice: t.Sell[period]}
	line.Total = energy.Cost(int64(purchase)*int64(line.BuyPrice) - int64(sale)*int64(line.SellPrice))
	return line
}

// maxLinePower bounds the power that a line may claim, so that totals cannot
// overflow: a sealed value has 32 bits.
const maxLinePower energy.Watt = 1 << 32

// CheckLines says what is wrong with a contract's lines for a day: the grid
// company runs it on what it has unsealed before it confirms.
func CheckLines(lines []Line, t tariff.Tariff) error {
	if len(lines) != len(t.Starts) {
		return fmt.Errorf("%d lines: the day has %d periods", len(lines), len(t.Starts))
	}
	for period, line := range lines {
		if line.Purchase < 0 || line.Purchase > maxLinePower || line.Sale < 0 || line.Sale > maxLinePower {
			return fmt.Errorf("period %d: purchase %d W, sale %d W: expected 0 to %d", period+1, line.Purchase, line.Sale, maxLinePower)
		}
		if expected := lineOf(t, period, line.Purchase, line.Sale); line != expected {
			return fmt.Errorf("period %d: starts %d, prices %d and %d, total %d: expected %d, %d and %d, %d", period+1,
				line.Start, line.BuyPrice, line.SellPrice, line.Total, expected.Start, expected.BuyPrice, expected.SellPrice, expected.Total)
		}
	}
	return nil
}
