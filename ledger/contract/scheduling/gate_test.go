package scheduling_test

import (
	"bytes"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/schedule"
)

const day = contracttest.FirstDay

var parkNames = []string{"park1", "park2", "park3"}

// workdays is a ledger with tariffs of so many workdays of 24 hours.
func workdays(t *testing.T, days uint32) *contracttest.Ledger {
	t.Helper()
	l := contracttest.New(t, 3, parkNames...)
	for d := range days {
		buy, sell := contracttest.Prices(24)
		l.Publish(day+d, tariff.Workday, buy, sell)
	}
	return l
}

// open puts a round on the ledger that has opened the sums, and plans on it.
func open(l *contracttest.Ledger, d uint32, surplus, deficit []energy.Watt) scheduling.Plan {
	l.T.Helper()
	round := vault.Round{ID: vault.RoundID(vault.Forecast, d, 1), Kind: vault.Forecast, Day: d, Number: 1, Phase: vault.PhaseOpened}
	result := vault.Opened{Round: round.ID}
	for _, name := range parkNames {
		round.Parks = append(round.Parks, vault.Participant{Park: name, Version: 1})
	}
	for t := range surplus {
		round.Purposes = append(round.Purposes, vault.SurplusOf(t), vault.DeficitOf(t))
		for _, value := range []energy.Watt{surplus[t], deficit[t]} {
			result.Purposes = append(result.Purposes, vault.OpenedSum{Value: vault.EncodeValue(big.NewInt(int64(value))), Blinding: make([]byte, 32)})
		}
	}
	record.Save(l.State, vault.RoundKey(round.ID), round)
	record.Save(l.State, vault.OpenedKey(round.ID), result)
	scheduling.RoundClosed(l.Context(""), round)
	return inForce(l, d)
}

func inForce(l *contracttest.Ledger, d uint32) scheduling.Plan {
	l.T.Helper()
	plan, found := scheduling.InForcePlan(l.State, d)
	if !found {
		l.T.Fatalf("day %d has no plan", d)
	}
	return plan
}

// sums are a community's: surplus in the night, deficit by day, both in between.
func sums(periods int) (surplus, deficit []energy.Watt) {
	for t := range periods {
		surplus = append(surplus, energy.Watt(max(0, 12-t))*30_000)
		deficit = append(deficit, energy.Watt(max(0, t-6))*25_000)
	}
	return surplus, deficit
}

// The whole way with real shares: what the contract plans from sealed
// forecasts is what the solver answers offline from the same case, to the bit.
func TestLedgerPlansTheReferenceDayLikeTheSolverOffline(t *testing.T) {
	c, _, err := casefile.Load("../../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	problem, err := schedule.FromCase(c, true)
	if err != nil {
		t.Fatal(err)
	}
	offline, err := schedule.Solve(problem)
	if err != nil {
		t.Fatal(err)
	}
	l := contracttest.New(t, 3, parkNames...)
	l.Publish(day, tariff.Workday, c.Tariff.Buy, c.Tariff.Sell)
	l.OpenAllChannels()
	for _, park := range c.Parks {
		surplus := make([]energy.Watt, 24)
		for period := range surplus {
			surplus[period] = park.Surplus(period)
		}
		l.Parks[park.Name].Seal(vault.Forecast, day, 1, values(park.Load), values(park.PV), values(park.Wind), values(surplus))
	}
	l.ToGate(vault.Forecast, day)
	scheduling.Gate(l.Context(""), day)
	scheduling.RoundClosed(l.Context(""), l.RunRound(vault.RoundID(vault.Forecast, day, 1)))
	plan := inForce(l, day)
	for name, pair := range map[string][2]any{
		"charge":         {offline.Charge, plan.Charge},
		"discharge":      {offline.Discharge, plan.Discharge},
		"surplus taken":  {offline.SurplusTaken, plan.SurplusTaken},
		"deficit served": {offline.DeficitServed, plan.DeficitServed},
		"cost":           {offline.Cost, plan.Cost},
		"bound":          {offline.Bound, plan.Bound},
		"baseline":       {offline.Baseline, plan.Baseline},
		"certificate":    {offline.Certificate, plan.Certificate},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s, offline and on the ledger:\n%s", name, diff)
		}
	}
	if plan.Source != scheduling.SourceRound || plan.Version != 1 || plan.Gap() > plan.Tolerance || !slices.Equal(plan.Parks, parkNames) {
		t.Errorf("plan %d from %s of %v with gap %d", plan.Version, plan.Source, plan.Parks, plan.Gap())
	}
	if list := l.Alerts(); list != nil {
		t.Errorf("alerts %v: expected none", list)
	}
}

func values(series []energy.Watt) []uint64 {
	list := make([]uint64, len(series))
	for t, value := range series {
		list[t] = uint64(value)
	}
	return list
}

func TestParksThatMissTheGateAreNamed(t *testing.T) {
	l := workdays(t, 1)
	l.OpenAllChannels()
	zero := contracttest.Constant(24, 0)
	l.Parks["park2"].Seal(vault.Forecast, day, 1, zero, zero, zero, zero)
	l.ToGate(vault.Forecast, day)
	scheduling.Gate(l.Context(""), day)
	if want := []string{"park-missed-gate park1", "park-missed-gate park3", "fallback-plan 2024-07-15"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
}

func TestWithoutSumsAndHistoryTheStorageRests(t *testing.T) {
	l := workdays(t, 1)
	scheduling.Gate(l.Context(""), day)
	plan := inForce(l, day)
	if plan.Source != scheduling.SourceIdle || len(plan.Certificate) != 0 {
		t.Errorf("plan from %s with a certificate of %d bytes", plan.Source, len(plan.Certificate))
	}
	for period := range plan.Charge {
		if plan.Charge[period] != 0 || plan.Discharge[period] != 0 || plan.Energy[period] != contracttest.Storage.Start {
			t.Fatalf("period %d: the storage moves", period)
		}
	}
}

func TestFailedRoundFallsBackOnTheLastDayOfTheSameKind(t *testing.T) {
	l := workdays(t, 1)
	surplus, deficit := sums(24)
	first := open(l, day, surplus, deficit)
	buy, sell := contracttest.Prices(24)
	l.Publish(day+1, tariff.Holiday, buy, sell)
	holidaySurplus, holidayDeficit := sums(24)
	slices.Reverse(holidaySurplus)
	open(l, day+1, holidaySurplus, holidayDeficit)
	l.Publish(day+2, tariff.Workday, buy, sell)

	scheduling.RoundClosed(l.Context(""), vault.Round{ID: "forecast/019921/1", Kind: vault.Forecast, Day: day + 2, Phase: vault.PhaseFailed, Reason: "nobody came"})
	plan := inForce(l, day+2)
	if plan.Source != scheduling.SourceFallback || plan.Round != first.Round || !slices.Equal(plan.Surplus, surplus) || !slices.Equal(plan.Deficit, deficit) {
		t.Errorf("plan from %s on round %s", plan.Source, plan.Round)
	}
	if !strings.Contains(plan.Reason, "nobody came") {
		t.Errorf("reason %q", plan.Reason)
	}
	if want := []string{"fallback-plan 2024-07-17"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	if plan.Cost >= plan.Baseline {
		t.Error("the fallback plan saves nothing")
	}
}

// A fallback plan is no source of sums for another.
func TestFallbackLooksThroughFallbackPlans(t *testing.T) {
	l := workdays(t, 3)
	surplus, deficit := sums(24)
	open(l, day, surplus, deficit)
	for d := uint32(day + 1); d < day+3; d++ {
		scheduling.Gate(l.Context(""), d)
		if plan := inForce(l, d); plan.Round != vault.RoundID(vault.Forecast, day, 1) || !slices.Equal(plan.Surplus, surplus) {
			t.Errorf("day %d: plan on %q", d, plan.Round)
		}
	}
}

// A day on which the storage rested for want of sums is no source of them.
func TestIdleDaysAreNoHistory(t *testing.T) {
	l := workdays(t, 2)
	scheduling.Gate(l.Context(""), day)
	scheduling.Gate(l.Context(""), day+1)
	if plan := inForce(l, day+1); plan.Source != scheduling.SourceIdle {
		t.Errorf("plan from %s: expected idle", plan.Source)
	}
}

// A round that fails when the day has a plan changes nothing.
func TestFailedLaterRoundLeavesThePlan(t *testing.T) {
	l := workdays(t, 1)
	surplus, deficit := sums(24)
	before := open(l, day, surplus, deficit)
	scheduling.RoundClosed(l.Context(""), vault.Round{ID: "forecast/019919/2", Kind: vault.Forecast, Day: day, Number: 2, Phase: vault.PhaseFailed})
	if after := inForce(l, day); after.Version != before.Version {
		t.Errorf("version %d follows %d", after.Version, before.Version)
	}
}

func TestNextDayStartsFromTheEndOfThePlanInForce(t *testing.T) {
	l := workdays(t, 2)
	surplus, deficit := sums(24)
	first := open(l, day, surplus, deficit)
	scheduling.ReplanRest(l.Context(""), day, 23, 100_000, "found nearly empty")
	first = inForce(l, day)
	second := open(l, day+1, surplus, deficit)
	if first.Energy[23] > 490_000 {
		t.Fatalf("the first day ends with %d Wh: the test shows little", first.Energy[23])
	}
	if second.Start != first.Energy[23] {
		t.Errorf("the second day starts from %d Wh: expected %d", second.Start, first.Energy[23])
	}
}

// A tariff that cannot be computed with halts nothing: the storage rests.
func TestImpossiblePricesLetTheStorageRest(t *testing.T) {
	l := contracttest.New(t, 3, parkNames...)
	buy, sell := contracttest.Prices(24)
	sell[5] = buy[5] + 1
	l.Publish(day, tariff.Workday, buy, sell)
	surplus, deficit := sums(24)
	plan := open(l, day, surplus, deficit)
	if len(plan.Certificate) != 0 || slices.Max(plan.Charge) != 0 || slices.Max(plan.Discharge) != 0 {
		t.Error("the storage moves on prices that cannot be")
	}
	if want := []string{"plan-failed-check 2024-07-15"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
}

func TestSameSumsMakeTheSameRecord(t *testing.T) {
	surplus, deficit := sums(24)
	var first []byte
	for range 3 {
		l := workdays(t, 1)
		encoded := record.Encode(open(l, day, surplus, deficit))
		if first == nil {
			first = encoded
		}
		if !bytes.Equal(first, encoded) {
			t.Fatal("two runs record different plans")
		}
	}
}
