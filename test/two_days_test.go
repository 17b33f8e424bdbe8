package test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/demo"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/network"
)

// Two days of the reference case with readings 2% around the forecast. While
// the network still runs, somebody who has only the genesis document and the
// members' addresses starts a node of its own, and reads all that is claimed
// through that node, with proof.
func TestTwoDaysAreProvenToWhoeverHasOnlyGenesisAndPeers(t *testing.T) {
	skipShort(t)
	ctx := bounded(t, 8*time.Minute)
	prepared, report := liveThrough(ctx, t, demo.Options{CasePath: referenceCase, Days: 2, Speed: 2, Noise: 0.02, Headless: true})
	seen := &lived{dir: prepared.Dir(), report: report, observer: observe(ctx, t, prepared.Dir())}
	for _, claim := range []struct {
		says  string
		holds func(*testing.T, *lived)
	}{
		{"all members and the observer hold the same state", sameState},
		{"the plan is what anybody computes offline, to the bit", planIsComputedOffline},
		{"every plan proves itself from its record", plansProveThemselves},
		{"two members' keys rebuild no series", twoMembersRebuildNothing},
		{"three members' keys rebuild every series to the watt", threeMembersRebuildEverything},
		{"no series lies on the ledger in clear", nothingInClear},
		{"no park pays more than without storage", nobodyPaysMore},
		{"books balance to the last unit", booksBalance},
		{"bills are proven from commitments without keys", billsAreProven},
		{"contracts are settled", contractsAreSettled},
		{"the report has the shape that programs rely on", reportHasItsShape},
		{"a quiet run raises no alert", nothingIsAmiss},
	} {
		t.Run(claim.says, func(t *testing.T) {
			seen.observer.t = t
			claim.holds(t, seen)
		})
	}
}

// lived is what a witness can see of days that a demo has lived through, beside
// the demo's own report and its folder, in which all keys lie.
type lived struct {
	dir      string
	report   demo.Report
	observer *witness
}

// liveThrough runs a demo and returns when its days are settled; the network
// runs on until the test ends.
func liveThrough(ctx context.Context, t *testing.T, options demo.Options) (*demo.Demo, demo.Report) {
	t.Helper()
	options.Dir = filepath.Join(t.TempDir(), "network")
	options.Progress = func(moment demo.Moment) {
		if moment.Text != "" {
			t.Log(moment.Time.Format("01-02 15:04"), moment.Text)
		}
	}
	prepared, err := demo.Prepare(options)
	if err != nil {
		t.Fatal(err)
	}
	prepared.Log(logger())
	ctx, stop := context.WithCancel(ctx)
	settled, ended := make(chan demo.Report, 1), make(chan error, 1)
	go func() {
		ended <- prepared.Run(ctx, func(ctx context.Context, report demo.Report) error {
			settled <- report
			<-ctx.Done()
			return nil
		})
	}()
	select {
	case report := <-settled:
		t.Cleanup(func() {
			stop()
			if err := <-ended; err != nil {
				t.Errorf("the network ended: %v", err)
			}
		})
		return prepared, report
	case err := <-ended:
		stop()
		t.Fatalf("the network ended before its days were settled: %v", err)
		return nil, demo.Report{}
	}
}

// logger shows the daemons' logs where SESAME_TEST_LOG is set.
func logger() *slog.Logger {
	if os.Getenv("SESAME_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

// observe starts the network's observer, a node that has never run, and waits
// until it follows the chain.
func observe(ctx context.Context, t *testing.T, dir string) *witness {
	t.Helper()
	layout, err := network.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(layout.Observer))
	if err != nil || len(entries) != 1 {
		t.Fatalf("the observer's folder holds %v (%v): expected its configuration alone", entries, err)
	}
	settings, err := config.Load[member.ObserverConfig](layout.Observer)
	if err != nil {
		t.Fatal(err)
	}
	document, _, err := genesis.Load(settings.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- member.Observe(ctx, settings, logger()) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the observer ended: %v", err)
		}
	})
	return newWitness(ctx, t, document, "http://"+settings.Node.API)
}

// members are witnesses at each member's own node.
func members(ctx context.Context, t *testing.T, dir string) []*witness {
	t.Helper()
	layout, err := network.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	document, _, err := genesis.Load(layout.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	var nodes []*witness
	for _, path := range layout.Members {
		settings, err := config.Load[member.Config](path)
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, newWitness(ctx, t, document, "http://"+settings.Node.API))
	}
	return nodes
}

func sameState(t *testing.T, seen *lived) {
	report := seen.report
	seen.observer.height(report.Height)
	hash := seen.observer.appHash(report.Height)
	if len(report.Members) != 5 {
		t.Fatalf("the report has %d members, expected five", len(report.Members))
	}
	for _, one := range report.Members {
		if one.AppHash != hash || one.Height < report.Height {
			t.Errorf("%s reports app hash %q at height %d, the observer's is %s at %d", one.Name, one.AppHash, one.Height, hash, report.Height)
		}
	}
	agree(t, append(members(seen.observer.ctx, t, seen.dir), seen.observer))
}

func nothingIsAmiss(t *testing.T, seen *lived) {
	if len(seen.report.Alerts) != 0 {
		t.Errorf("alerts: %+v", seen.report.Alerts)
	}
}

func reportHasItsShape(t *testing.T, seen *lived) {
	promised, err := os.ReadFile("testdata/report.json")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(seen.report)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := json.Unmarshal(promised, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	sameShape(t, "report", want, got)
	if seen.report.ChainID != "sesame-demo" || len(seen.report.Days) != 2 || seen.report.Days[0].Date != "2024-07-15" || seen.report.Days[1].Date != "2024-07-16" {
		t.Errorf("chain %s, days %+v: expected the two days from 2024-07-15 on sesame-demo", seen.report.ChainID, seen.report.Days)
	}
}

// sameShape checks that got has every key that want has, with a value of the
// same kind; of lists the first entries are compared.
func sameShape(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		object, is := got.(map[string]any)
		if !is {
			t.Errorf("%s is %T, expected an object", path, got)
			return
		}
		for key, value := range want {
			if _, has := object[key]; !has {
				t.Errorf("%s has no %q", path, key)
				continue
			}
			sameShape(t, path+"."+key, value, object[key])
		}
	case []any:
		list, is := got.([]any)
		if !is {
			t.Errorf("%s is %T, expected a list", path, got)
			return
		}
		if len(list) > 0 {
			sameShape(t, path+"[0]", want[0], list[0])
		}
	case string:
		if _, is := got.(string); !is {
			t.Errorf("%s is %T, expected text", path, got)
		}
	case float64:
		if _, is := got.(float64); !is {
			t.Errorf("%s is %T, expected a number", path, got)
		}
	}
}
