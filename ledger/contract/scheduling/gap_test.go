package scheduling_test

import (
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Sums that double in each period double the pieces of the value functions,
// too, until their cap is met: parks could provoke it. The plan stands, with
// its true gap and an alert.
func TestPlanWithAGapStandsWithAnAlert(t *testing.T) {
	l := contracttest.New(t, 3, parkNames...)
	const periods = 22
	buy, sell := make([]energy.Price, periods), make([]energy.Price, periods)
	surplus, deficit := make([]energy.Watt, periods), make([]energy.Watt, periods)
	for period := range periods {
		buy[period], sell[period] = 1_000_000, 0
		surplus[period], deficit[period] = 1_000<<period, 1_000<<period
	}
	l.Publish(day, tariff.Workday, buy, sell)
	record.Save(l.State, committee.StorageKey, committee.Storage{
		Power: 1<<32 - 1, Capacity: 20_000_000_000, Maximum: 20_000_000_000, Start: 10_000_000_000, End: 10_000_000_000,
		ChargeEfficiency: 9_600, DischargeEfficiency: 9_600, GridTrade: true,
	})
	plan := open(l, day, surplus, deficit)
	if plan.Gap() <= plan.Tolerance || len(plan.Certificate) == 0 || slices.Max(plan.Charge) == 0 {
		t.Errorf("gap %d, tolerance %d: %s", plan.Gap(), plan.Tolerance, plan.Reason)
	}
	if want := []string{"gap-above-tolerance 2024-07-15"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
}
