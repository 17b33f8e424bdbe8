package test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
)

// Backups of a member and a park are made while they run. Both machines are
// lost in the middle of the day and their folders restored elsewhere: the member
// signs again and has signed nothing twice; the park, whose readings of the lost
// hours are gone, seals the next day's forecast, which the ledger takes.
func TestAMemberAndAParkAreLostAndComeBackFromBackups(t *testing.T) {
	skipShort(t)
	a := layOutApart(bounded(t, 5*time.Minute), t, fourParks(t))
	a.startAll("")
	a.until("the plan", func() bool {
		_, found := load[scheduling.Plan](a.witness, scheduling.Key(firstDay, 1))
		return found
	})
	lost := map[string]string{"member3": a.layout.Members[2], "park1": a.layout.Parks[0]}
	kept := t.TempDir()
	code, public, words := sesame(a.ctx, t, "backup", "key", filepath.Join(kept, "key"))
	if code != 0 {
		t.Fatalf("backup key: exit code %d: %s", code, words)
	}
	for name, path := range lost {
		if code, _, words := sesame(a.ctx, t, "backup", "create", filepath.Dir(path),
			"--out", filepath.Join(kept, name), "--to", public[:len(public)-1]); code != 0 {
			t.Fatalf("backup of %s: exit code %d: %s", name, code, words)
		}
	}

	day := must[tariff.Tariff](a.witness, tariff.Key(firstDay))
	a.reach("ten in the morning", day.Starts[10])
	for name, path := range lost {
		a.roles[name].kill()
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			t.Fatal(err)
		}
	}
	a.until("the alert about member3", func() bool { return a.alert(alerts.MemberAbsent, "member3") })
	status, err := a.ledger.Status(a.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range lost {
		arguments := []string{"backup", "restore", filepath.Join(kept, name), "--home", filepath.Dir(path), "--key", filepath.Join(kept, "key")}
		if name == "member3" {
			arguments = append(arguments, "--signed-through", strconv.FormatInt(status.Height+10, 10))
		}
		if code, _, words := sesame(a.ctx, t, arguments...); code != 0 {
			t.Fatalf("restore %s: exit code %d: %s", name, code, words)
		}
	}
	a.start(lost["member3"], "member", "start")
	a.start(lost["park1"], "park", "start")

	a.until("member3 to sign again", func() bool {
		return !must[committee.Member](a.witness, committee.MemberKey("member3")).Absent
	})
	a.until("the settlement", func() bool {
		_, found := load[trade.Settlement](a.witness, trade.SettlementKey(firstDay))
		return found
	})
	var next scheduling.Plan
	a.until("the next day's plan", func() (found bool) {
		next, found = load[scheduling.Plan](a.witness, scheduling.Key(firstDay+1, 1))
		return found
	})
	if !slices.Contains(next.Parks, "park1") {
		t.Errorf("the next day is planned for %v: expected park1 among them", next.Parks)
	}
	if a.alert(alerts.DoubleSigning, "member3") {
		t.Error("member3 has signed twice")
	}
	agree(t, a.nodes())
}
