package control

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// balancePart is what part of its capacity the reported energy of a day may
// disagree with the metered power: 1/50, 2%.
const balancePart = 50

// Day is what the battery did in a day, as reported.
type Day struct {
	Charge    []energy.Watt   // mean power at the terminals, one entry per period of the tariff
	Discharge []energy.Watt   //
	Start     energy.WattHour // stored at the beginning of the day
	End       energy.WattHour // and at its end
	Missing   int             // periods without an outcome, taken as rest
}

// DayOutcomes gathers what was reported for a day that has a tariff.
func DayOutcomes(state record.State, day uint32) Day {
	t, _ := tariff.Load(state, day)
	periods := len(t.Starts)
	sum := Day{
		Charge: make([]energy.Watt, periods), Discharge: make([]energy.Watt, periods),
		Start: storedBefore(state, day),
	}
	sum.End = sum.Start
	for period := range periods {
		outcome, reported := record.Load[Outcome](state, OutcomeKey(day, period))
		if !reported {
			sum.Missing++
			continue
		}
		sum.Charge[period], sum.Discharge[period], sum.End = outcome.Charged, outcome.Discharged, outcome.Energy
	}
	return sum
}

// storedBefore is the last energy reported for an earlier day, at most a month
// of days back, or what the ledger began with.
func storedBefore(state record.State, day uint32) energy.WattHour {
	for range 31 {
		t, found := tariff.Earlier(state, day)
		if !found {
			break
		}
		last, reported := Outcome{}, false
		record.Each(state, OutcomePrefix(t.Day), func(_ string, outcome Outcome) bool {
			last, reported = outcome, true
			return true
		})
		if reported {
			return last.Energy
		}
		day = t.Day
	}
	return committee.LoadStorage(state).Start
}

// CheckBalance raises an alert when the energy that the operator reported for
// a day does not agree with the metered power within 2% of the capacity, or
// periods were not reported at all. Call it when the readings close.
func CheckBalance(ctx contract.Context, day uint32) {
	t, found := tariff.Load(ctx.State, day)
	if !found {
		return
	}
	minutes := tariff.Horizon(t).Minutes
	battery := committee.LoadStorage(ctx.State)
	sum := DayOutcomes(ctx.State, day)
	if sum.Missing > 0 {
		alerts.Post(ctx, raisedBy, alerts.OutcomeMissing, storage, fmt.Sprintf(
			"%s: %d of %d periods without outcome count as rest", t.Date, sum.Missing, len(t.Starts)))
	}
	expected := sum.Start
	for period := range t.Starts {
		expected += stores(battery, sum.Charge[period], minutes) + stores(battery, -sum.Discharge[period], minutes)
	}
	if off := max(expected-sum.End, sum.End-expected); off*balancePart > battery.Capacity {
		alerts.Post(ctx, raisedBy, alerts.EnergyImbalance, storage, fmt.Sprintf(
			"%s: stored %d Wh at the end, metered power makes it %d Wh", t.Date, sum.End, expected))
	}
}
