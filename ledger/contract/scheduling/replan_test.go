package scheduling_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

func TestMidnightPlansAnewOnlyOnAnotherEnergy(t *testing.T) {
	l := workdays(t, 1)
	surplus, deficit := sums(24)
	open(l, day, surplus, deficit)
	for _, measured := range []energy.WattHour{500_000, 499_998, 500_002} {
		scheduling.Midnight(l.Context(""), day, measured)
		if plan := inForce(l, day); plan.Version != 1 {
			t.Errorf("version %d on %d Wh, what was planned but for rounding", plan.Version, measured)
		}
	}
	scheduling.Midnight(l.Context(""), day, 480_123)
	plan := inForce(l, day)
	if plan.Version != 2 || plan.From != 0 || plan.Start != 480_123 || plan.Reason != "measured energy" {
		t.Errorf("version %d from period %d, %d Wh: %s", plan.Version, plan.From, plan.Start, plan.Reason)
	}
	if !slices.Equal(plan.Surplus, surplus) || !slices.Equal(plan.Deficit, deficit) {
		t.Error("other sums")
	}
	if end := plan.Energy[23]; end < 500_000 || end > 500_001 {
		t.Errorf("ends with %d Wh: expected the end energy of 500,000 Wh all the same", end)
	}
}

func TestReplanKeepsWhatHasBeenDone(t *testing.T) {
	l := workdays(t, 1)
	surplus, deficit := sums(24)
	before := open(l, day, surplus, deficit)
	const from = 9
	if !scheduling.ReplanRest(l.Context(""), day, from, before.Energy[from-1]-50_000, "battery off plan") {
		t.Fatal("no new plan")
	}
	plan := inForce(l, day)
	for name, pair := range map[string][2]any{
		"charge":    {before.Charge[:from], plan.Charge[:from]},
		"discharge": {before.Discharge[:from], plan.Discharge[:from]},
		"energy":    {before.Energy[:from], plan.Energy[:from]},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s of what is over has changed:\n%s", name, diff)
		}
	}
	if _, err := plan.Prove(); err != nil {
		t.Errorf("the plan of the rest: %v", err)
	}
}

func TestReplanBeyondTheDayDoesNothing(t *testing.T) {
	l := workdays(t, 2)
	surplus, deficit := sums(24)
	open(l, day, surplus, deficit)
	for name, made := range map[string]bool{
		"after the last period": scheduling.ReplanRest(l.Context(""), day, 24, 0, ""),
		"before the first":      scheduling.ReplanRest(l.Context(""), day, -1, 0, ""),
		"day without plan":      scheduling.ReplanRest(l.Context(""), day+1, 0, 0, ""),
		"day without tariff":    scheduling.ReplanRest(l.Context(""), day+7, 0, 0, ""),
	} {
		if made {
			t.Errorf("%s: a new plan was made", name)
		}
	}
}

// Wherever the battery is found and however little of the day is left, there
// is a plan, it keeps the limits, and an end energy out of reach is relaxed to
// the nearest in words.
func TestReplanNeverFailsWhereverTheBatteryIs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := workdays(t, 1)
		surplus, deficit := sums(24)
		open(l, day, surplus, deficit)
		from := rapid.IntRange(0, 23).Draw(r, "from")
		stored := energy.WattHour(rapid.Int64Range(-20_000, 1_020_000).Draw(r, "stored"))
		if !scheduling.ReplanRest(l.Context(""), day, from, stored, "found there") {
			r.Fatal("no plan")
		}
		plan := inForce(l, day)
		if len(l.Alerts()) != 0 {
			r.Fatalf("alerts %v, reason %s", l.Alerts(), plan.Reason)
		}
		last := plan.Energy[23]
		if reached := last >= 500_000 && last <= 500_001; !reached && !strings.Contains(plan.Reason, "out of reach") {
			r.Fatalf("ends with %d Wh: %s", last, plan.Reason)
		}
		if outside := stored < 0 || stored > 1_000_000; outside != strings.Contains(plan.Reason, "outside the window") {
			r.Fatalf("from %d Wh: %s", stored, plan.Reason)
		}
		if _, err := plan.Prove(); err != nil {
			r.Fatal(err)
		}
		if slices.Min(plan.Energy) < 0 || slices.Max(plan.Energy) > 1_000_000 {
			r.Fatal("the plan leaves the window")
		}
	})
}

func TestReplanByTransaction(t *testing.T) {
	l := workdays(t, 1)
	if err := scheduling.HandleReplan(l.Context("operator"), scheduling.Replan{Day: day, Reason: "why not"}); err == nil {
		t.Error("a day without plan was planned anew")
	}
	surplus, deficit := sums(24)
	open(l, day, surplus, deficit)
	published, _ := tariff.Load(l.State, day)
	l.Now = published.Starts[3] + 10
	if err := scheduling.HandleReplan(l.Context("operator"), scheduling.Replan{Day: day, Reason: strings.Repeat("x", 201)}); err == nil {
		t.Error("a reason of 201 bytes was taken")
	}
	l.Must(scheduling.HandleReplan(l.Context("operator"), scheduling.Replan{Day: day, Reason: "battery derated"}))
	if plan := inForce(l, day); plan.Version != 2 || plan.From != 4 || plan.Reason != "battery derated" {
		t.Errorf("version %d from period %d: %s", plan.Version, plan.From, plan.Reason)
	}
	for range 48 {
		l.Must(scheduling.HandleReplan(l.Context("operator"), scheduling.Replan{Day: day}))
	}
	if err := scheduling.HandleReplan(l.Context("operator"), scheduling.Replan{Day: day}); err == nil {
		t.Error("requests without end were taken")
	}
	l.Now = published.Starts[23]
	other := workdays(t, 1)
	open(other, day, surplus, deficit)
	other.Now = l.Now
	if err := scheduling.HandleReplan(other.Context("operator"), scheduling.Replan{Day: day}); err == nil {
		t.Error("a day whose last period has begun was planned anew")
	}
}

// A block that comes late, after the day has begun, plans what is left.
func TestRoundThatClosesDuringTheDayPlansTheRest(t *testing.T) {
	l := workdays(t, 1)
	published, _ := tariff.Load(l.State, day)
	l.Now = published.Starts[5]
	surplus, deficit := sums(24)
	plan := open(l, day, surplus, deficit)
	if plan.From != 6 || slices.Max(plan.Charge[:6]) != 0 {
		t.Errorf("plans from period %d, %v W before", plan.From, plan.Charge[:6])
	}
	if plan.Start != contracttest.Storage.Start {
		t.Errorf("starts from %d Wh", plan.Start)
	}
}

func TestNewPlansAreTakenOnce(t *testing.T) {
	l := workdays(t, 2)
	surplus, deficit := sums(24)
	open(l, day+1, surplus, deficit)
	open(l, day, surplus, deficit)
	scheduling.Midnight(l.Context(""), day, 400_000)
	var taken []uint32
	for _, plan := range scheduling.TakeNew(l.State) {
		taken = append(taken, plan.Day, plan.Version)
	}
	if want := []uint32{day, 2, day + 1, 1}; !slices.Equal(taken, want) {
		t.Errorf("days and versions %v: expected %v", taken, want)
	}
	if again := scheduling.TakeNew(l.State); len(again) != 0 {
		t.Errorf("%d plans taken twice", len(again))
	}
}
