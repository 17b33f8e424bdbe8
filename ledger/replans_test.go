package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

// The battery does half of what it is told in one period: an alert, and the
// rest of the day is planned anew from where it really is, opening nothing.
func TestBatteryOffPlanIsPlannedAnewFromWhereItIs(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.RunTo(community.Grid.First)
	day := community.Day(0)
	first := inForce(t, community.State(), day)
	busy := slices.IndexFunc(first.Charge, func(power energy.Watt) bool { return power > 100_000 })
	community.Operator.Does = func(signal control.Signal) energy.Watt {
		if signal.Period == busy {
			return signal.Power / 2
		}
		return signal.Power
	}
	community.RunTo(community.Settled(0))
	plan := inForce(t, community.State(), day)
	if plan.Version != 2 || plan.From != busy+2 || plan.Round != first.Round || !slices.Equal(plan.Surplus, first.Surplus) {
		t.Fatalf("plan %d from period %d on the sums of %s, want 2 from %d on %s", plan.Version, plan.From, plan.Round, busy+2, first.Round)
	}
	if plan.Reason != "battery off plan" || plan.Gap() > plan.Tolerance {
		t.Errorf("reason %q, gap %d", plan.Reason, plan.Gap())
	}
	end := plan.Energy[len(plan.Energy)-1]
	if want := committee.LoadStorage(community.State()).End; end < want || end > want+1000 {
		t.Errorf("ends the day with %d Wh, want %d", end, want)
	}
	if !hasAlert(community.State(), alerts.BatteryOffPlan, "storage") {
		t.Errorf("alerts %q", alertsOf(community.State()))
	}
	checkContracts(t, community, plan, trade.Settled)
	old, _ := record.Load[trade.Contract](community.State(), trade.ContractKey(trade.ContractID(day, 1, "park1")))
	if old.State != trade.Superseded {
		t.Errorf("the first plan's contract is %s", old.State)
	}
	settlement, _ := record.Load[trade.Settlement](community.State(), trade.SettlementKey(day))
	published, _ := tariff.Load(community.State(), day)
	if err := trade.CheckBooks(settlement, published); err != nil || settlement.Kind != trade.SettledShared {
		t.Errorf("settled %s: %v", settlement.Kind, err)
	}
}

// A battery that never does what it is told is planned anew four times a day,
// no more.
func TestNewPlansForTheBatteryAreCounted(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.Operator.Does = func(control.Signal) energy.Watt { return 0 }
	community.RunTo(community.Settled(0))
	plan := inForce(t, community.State(), community.Day(0))
	if plan.Version != 1+control.MaxReplans {
		t.Errorf("%d plans, want %d", plan.Version, 1+control.MaxReplans)
	}
	if settlement, _ := record.Load[trade.Settlement](community.State(), trade.SettlementKey(plan.Day)); settlement.Rho != 0 {
		t.Errorf("rho %d of a day without storage", settlement.Rho)
	}
}

// The day ends 30 kWh short; the next one, planned the evening before, is
// planned anew on the energy that is really there as soon as it is known.
func TestNextDayIsPlannedAnewOnTheMeasuredEnergy(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 2)
	community.Operator.Does = func(signal control.Signal) energy.Watt {
		if signal.Day == community.Day(0) && signal.Period == 23 {
			return signal.Power - 15_000
		}
		return signal.Power
	}
	community.RunTo(community.Grid.First + 26*3600)
	plan := inForce(t, community.State(), community.Day(1))
	measured, _ := record.Load[control.Outcome](community.State(), control.OutcomeKey(community.Day(0), 23))
	if plan.Version != 2 || plan.From != 1 || plan.Reason != "measured energy" {
		t.Errorf("plan %d from %d: %q, measured %d Wh", plan.Version, plan.From, plan.Reason, measured.Energy)
	}
	if hasAlert(community.State(), alerts.BatteryOffPlan, "storage") {
		t.Error("less than 5% of its power is off plan")
	}
}

func TestChangedTariffIsPlannedAnewAtOnce(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.RunTo(community.Grid.First + 6*3600)
	day := community.Day(0)
	before := inForce(t, community.State(), day)
	body, _ := tariff.Load(community.State(), day)
	body.Buy = slices.Clone(body.Buy)
	body.Buy[20] = 3_000_000
	if reason := community.Try(community.Grid.Party, "tariff/publish", body); reason != "" {
		t.Fatal(reason)
	}
	plan := inForce(t, community.State(), day)
	if plan.Version != 2 || plan.From != 7 || plan.Reason != "changed tariff" || plan.Discharge[20] != 400_000 {
		t.Errorf("plan %d from %d: %q, discharge %v", plan.Version, plan.From, plan.Reason, plan.Discharge)
	}
	if !slices.Equal(plan.Charge[:7], before.Charge[:7]) {
		t.Error("the new plan has changed what was done")
	}
}

func TestChangedStorageIsPlannedAnewAtOnce(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 2)
	community.RunTo(community.Gate(1) + 1800) // the last hour of the first day and the second day are ahead
	storage := committee.LoadStorage(community.State())
	storage.Power = 100_000
	body := committee.Propose{Action: committee.ActionStorage, Payload: record.Encode(storage), Reason: "an inverter is out"}
	if reason := community.Try(community.Members[0].Party, "committee/propose", body); reason != "" {
		t.Fatal(reason)
	}
	for _, member := range community.Members[1:4] {
		if reason := community.Try(member.Party, "committee/vote", committee.Vote{Proposal: 1, Approve: true}); reason != "" {
			t.Fatal(reason)
		}
	}
	for number, from := range []int{23, 0} {
		plan := inForce(t, community.State(), community.Day(number))
		if plan.Version != 2 || plan.From != from || !strings.HasPrefix(plan.Reason, "changed storage") {
			t.Errorf("day %d: plan %d, %q", number, plan.Version, plan.Reason)
		}
		for period := from; period < 24; period++ {
			if plan.Charge[period] > 100_000 || plan.Discharge[period] > 100_000 {
				t.Errorf("day %d, period %d: %d, %d W", number, period, plan.Charge[period], plan.Discharge[period])
			}
		}
	}
}

func TestOperatorMayAskForANewPlan(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.RunTo(community.Grid.First + 3600)
	day := community.Day(0)
	if reason := community.Try(community.Operator.Party, "scheduling/replan", scheduling.Replan{Day: day, Reason: "maintenance"}); reason != "" {
		t.Fatal(reason)
	}
	if plan := inForce(t, community.State(), day); plan.Version != 2 || plan.Reason != "maintenance" {
		t.Errorf("plan %d: %q", plan.Version, plan.Reason)
	}
	if reason := community.Try(community.Operator.Party, "scheduling/replan", scheduling.Replan{Day: day + 1}); !strings.Contains(reason, "has no plan") {
		t.Errorf("day without plan: %q", reason)
	}
}

// Reports that cannot be are refused; what they would have changed is as it was.
func TestOutcomesThatCannotBeAreRefused(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.Operator.Silent = true
	community.RunTo(community.Grid.First + 2*3600)
	good := control.Outcome{Day: community.Day(0), Charged: 1000, Energy: 500_950, Available: true}
	for _, c := range []struct {
		change func(*control.Outcome)
		want   string
	}{
		{func(o *control.Outcome) { o.Day++ }, "has no tariff"},
		{func(o *control.Outcome) { o.Period = 24 }, "expected period 0 to 23"},
		{func(o *control.Outcome) { o.Period = -1 }, "expected period 0 to 23"},
		{func(o *control.Outcome) { o.Period = 2 }, "the period ends at"},
		{func(o *control.Outcome) { o.Charged = -1 }, "expected 0 to 440000"},
		{func(o *control.Outcome) { o.Charged = 440_001 }, "expected 0 to 440000"},
		{func(o *control.Outcome) { o.Charged, o.Discharged = 0, 440_001 }, "expected 0 to 440000"},
		{func(o *control.Outcome) { o.Discharged = 1 }, "expected one of them 0"},
		{func(o *control.Outcome) { o.Energy = -1 }, "expected 0 to 1020000"},
		{func(o *control.Outcome) { o.Energy = 1_020_001 }, "expected 0 to 1020000"},
		{func(o *control.Outcome) { o.Alarm = strings.Repeat("a", 201) }, "at most 200"},
		{func(o *control.Outcome) { o.Alarm = "\xff" }, "decode"},
	} {
		body := good
		c.change(&body)
		if reason := community.Try(community.Operator.Party, "control/outcome", body); !strings.Contains(reason, c.want) {
			t.Errorf("%+v: %q, want %q", body, reason, c.want)
		}
	}
	if reason := community.Try(community.Operator.Party, "control/outcome", good); reason != "" {
		t.Errorf("the good one: %q", reason)
	}
	if reason := community.Try(community.Operator.Party, "control/outcome", good); !strings.Contains(reason, "is reported already") {
		t.Errorf("the good one again: %q", reason)
	}
	community.RunTo(community.Grid.First + 25*3600)
	late := good
	late.Period = 5
	if reason := community.Try(community.Operator.Party, "control/outcome", late); !strings.Contains(reason, "readings of the day are closed") {
		t.Errorf("a late one: %q", reason)
	}
}

// A day of which nothing is reported counts as rest, and that is told; energy
// that does not fit the metered power is told as well.
func TestReportsAreHeldAgainstTheMeteredPower(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.Operator.Silent = true
	community.RunTo(community.Grid.First + 24*3600)
	body := control.Outcome{Day: community.Day(0), Period: 23, Energy: 520_001, Available: true}
	if reason := community.Try(community.Operator.Party, "control/outcome", body); reason != "" {
		t.Fatal(reason)
	}
	community.RunTo(community.Settled(0))
	for _, rule := range []string{alerts.OutcomeMissing, alerts.EnergyImbalance} {
		if !hasAlert(community.State(), rule, "storage") {
			t.Errorf("alerts %q lack %s", alertsOf(community.State()), rule)
		}
	}
	did := control.DayOutcomes(community.State(), community.Day(0))
	if did.Missing != 23 || did.Start != 500_000 || did.End != 520_001 {
		t.Errorf("day %+v", did)
	}
}

func TestBatteryAlarmIsTold(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.Operator.Silent = true
	community.RunTo(community.Grid.First + 3600)
	body := control.Outcome{Day: community.Day(0), Energy: 500_000, Alarm: "cell 7 is hot"}
	if reason := community.Try(community.Operator.Party, "control/outcome", body); reason != "" {
		t.Fatal(reason)
	}
	if !hasAlert(community.State(), alerts.BatteryAlarm, "storage") {
		t.Errorf("alerts %q", alertsOf(community.State()))
	}
}

// Where no day follows, the last signal of a day does not stand for ever.
func TestBatteryRestsAfterTheLastDay(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.RunTo(community.Grid.First + 24*3600)
	current, _ := record.Load[control.Signal](community.State(), control.CurrentKey)
	if current.Power != 0 || current.Start != community.Grid.First+24*3600 || current.Period != 24 {
		t.Errorf("current signal %+v", current)
	}
}

// A block that comes hours late crosses all moments between, in their order;
// periods that are over get a signal to rest, for the battery has had none.
func TestLateBlockCrossesAllMoments(t *testing.T) {
	document := ledgertest.Document(t, ledgertest.ReferenceCase(t))
	document.Clock.CapMilliseconds = 3_600_000
	community := ledgertest.Gather(t, ledgertest.ReferenceCase(t), document, 1)
	community.RunTo(community.Grid.First + 3600)
	community.Interval = 5 * 3600 / ledgertest.Factor * 1_000_000_000
	community.Step()
	plan := inForce(t, community.State(), community.Day(0))
	for period := 2; period <= 6; period++ {
		signal, found := record.Load[control.Signal](community.State(), control.SignalKey(community.Day(0), period))
		want := plan.Charge[period] - plan.Discharge[period]
		if period < 6 {
			want = 0
		}
		if !found || signal.Power != want {
			t.Errorf("period %d: signal %+v, want %d W", period, signal, want)
		}
	}
	if round := roundOf(t, community.State(), vault.Forecast, community.Day(0)); round.Phase != vault.PhaseOpened {
		t.Errorf("round %s", round.Phase)
	}
}
