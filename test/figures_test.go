package test

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/demo"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/network"
)

// Readings equal to the forecasts give the figures of docs/planning.md, to the cent,
// also where the demo is stopped on its way and goes on, and is killed and goes
// on. It is stopped in an hour in which the battery rests: in another the
// battery would be switched off while it earns. It is killed in one in which the
// battery discharges: a battery goes on when programs are killed.
func TestFiguresOfTheDesignComeOutOfADayThatIsStoppedAndKilledAndGoesOn(t *testing.T) {
	skipShort(t)
	ctx := bounded(t, 6*time.Minute)
	dir := filepath.Join(t.TempDir(), "network")
	arguments := []string{"demo", referenceCase, "--headless", "--json", "--noise", "0", "--speed", "2", "--dir", dir, "--keep"}

	first := launch(ctx, t, "the demo", nil, arguments...)
	witness := await(ctx, t, dir)
	var day tariff.Tariff
	witness.until("the tariff", func() (found bool) {
		day, found = load[tariff.Tariff](witness, tariff.Key(firstDay))
		return found
	})
	witness.reach("four in the morning", day.Starts[4]+600)
	if code := first.interrupt(); code != 1 || first.stdout.Len() != 0 {
		t.Errorf("stopped on its way the demo ends with exit code %d and prints %q: expected 1 and nothing\n%s", code, first.stdout, first.tail())
	}
	refusesToGoOnOtherwise(t, dir)

	second := launch(ctx, t, "the demo goes on", nil, arguments...)
	witness = await(ctx, t, dir)
	witness.reach("nine in the morning", day.Starts[9]+1200)
	second.kill()

	third := launch(ctx, t, "the demo goes on once more", nil, arguments...)
	if code := third.wait(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, third.tail())
	}
	var report demo.Report
	if err := json.Unmarshal(third.stdout.Bytes(), &report); err != nil {
		t.Fatalf("%v: %s", err, third.stdout)
	}
	if len(report.Days) != 1 {
		t.Fatalf("days %+v: expected one", report.Days)
	}
	for _, alert := range report.Alerts {
		if alert.Rule != alerts.BatteryAlarm || alert.Time.Hour() >= 9 { // the stopped battery has been without its gateway
			t.Errorf("alert %+v", alert)
		}
	}
	figuresOfTheDay(t, report.Days[0])
}

// await waits until the network in a folder makes blocks.
func await(ctx context.Context, t *testing.T, dir string) *witness {
	t.Helper()
	eventually(ctx, t, "the network's folder", func() bool {
		layout, err := network.Open(dir)
		return err == nil && exists(layout.Meters) // the last that is written
	})
	layout, err := network.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	document, _, err := genesis.Load(layout.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	witness := newWitness(ctx, t, document, api(t, layout.Members[0]))
	eventually(ctx, t, "the first member's node", func() bool {
		_, err := witness.ledger.Status(ctx)
		return err == nil
	})
	witness.height(1)
	return witness
}

// figuresOfTheDay holds a day against the figures of docs/planning.md.
func figuresOfTheDay(t *testing.T, day demo.Day) {
	t.Helper()
	near := func(what string, got, want, within float64) {
		t.Helper()
		if !(math.Abs(got-want) <= within) {
			t.Errorf("%s is %.4f, expected %.4f", what, got, want)
		}
	}
	near("cost without storage", day.BaselineCost, 4721.07, 0.006)
	near("the plan's cost", day.PlanCost, 2947.57, 0.006)
	near("what the parks pay", day.SettledCost, 2947.57, 0.006)
	near("what they would have paid", day.SettledBaselineCost, 4721.07, 0.006)
	near("rho", day.Rho, 0.456, 0.0005)
	near("what the operator keeps", day.Storage.SettledIncome, 48.81, 0.006)
	if len(day.Parks) != 3 {
		t.Fatalf("%d parks", len(day.Parks))
	}
	for i, want := range []struct{ without, rebate float64 }{{4165.43, 614.7}, {2270.32, 584.3}, {-1714.67, 574.6}} {
		park := day.Parks[i]
		near(park.Name+" without storage", park.BaselineCost, want.without, 0.006)
		near("the rebate of "+park.Name, park.BaselineCost-park.Bill, want.rebate, 0.06)
	}
}

// refusesToGoOnOtherwise asks to go on with another case or another pace, or
// without saying so.
func refusesToGoOnOtherwise(t *testing.T, dir string) {
	t.Helper()
	another := variant(t, func(text *caseText) { text.series[5][1] = "349" })
	for says, arguments := range map[string][]string{
		"another case":    {another, "--noise", "0", "--speed", "2", "--keep"},
		"another speed":   {referenceCase, "--noise", "0", "--speed", "1", "--keep"},
		"another noise":   {referenceCase, "--noise", "0.01", "--speed", "2", "--keep"},
		"without keeping": {referenceCase, "--noise", "0", "--speed", "2"},
	} {
		code, stdout, stderr := sesame(bounded(t, 2*time.Minute), t, append([]string{"demo", "--headless", "--json", "--dir", dir}, arguments...)...)
		if code != 2 || stdout != "" || stderr == "" {
			t.Errorf("%s: exit code %d, standard output %q, error %q: expected 2 and a reason", says, code, stdout, stderr)
		}
	}
}
