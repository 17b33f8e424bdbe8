package network

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/cases"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/ledger/genesis"
)

func referenceOptions(t *testing.T) Options {
	t.Helper()
	folder, remove, err := cases.Reference()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	c, _, err := casefile.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Case: c, CasePath: folder, ChainID: "test", Begin: time.Now(), Factor: 1, Members: 5, Threshold: 3,
	}
}

func TestNetworkIsLaidOutOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "net")
	layout, err := Create(dir, referenceOptions(t))
	if err != nil {
		t.Fatal(err)
	}
	files := append([]string{layout.Genesis, layout.Grid, layout.Operator, layout.Monitor, layout.Observer, layout.Meters, layout.Battery},
		append(layout.Members, layout.Parks...)...)
	if len(files) != 7+5+3 {
		t.Errorf("%d files", len(files))
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
	_, err = Create(dir, referenceOptions(t))
	if unsuitable := (*Unsuitable)(nil); !errors.As(err, &unsuitable) || !errors.Is(err, ErrOccupied) {
		t.Errorf("a second network in the folder: %v", err)
	}
}

func TestAtTheWorldsPaceLedgerTimeIsTheWorlds(t *testing.T) {
	for factor, want := range map[int64]func(Options) int64{
		1:   func(o Options) int64 { return o.Begin.Unix() },
		720: func(o Options) int64 { return o.Case.Horizon.Start - 6*3_600 },
	} {
		options := referenceOptions(t)
		options.Factor = factor
		layout, err := Create(filepath.Join(t.TempDir(), "net"), options)
		if err != nil {
			t.Fatal(err)
		}
		document, _, err := genesis.Load(layout.Genesis)
		if err != nil {
			t.Fatal(err)
		}
		if document.Clock.Start != want(options) {
			t.Errorf("factor %d: ledger time begins at %d, expected %d", factor, document.Clock.Start, want(options))
		}
	}
}

func TestSecretsAreTheOwnersOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "net")
	if _, err := Create(dir, referenceOptions(t)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"member1/identity.json", "member1/consensus-key.json", "park1/identity.json", "grid/identity.json", "operator/identity.json"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %04o", name, mode)
		}
	}
}

func TestWhatMakesNoNetworkLeavesNothingBehind(t *testing.T) {
	twoParks, badThreshold, partDay := referenceOptions(t), referenceOptions(t), referenceOptions(t)
	namesake, leaking := referenceOptions(t), referenceOptions(t)
	twoParks.Case.Parks = twoParks.Case.Parks[:2]
	badThreshold.Threshold = 6
	partDay.Case.Horizon.Periods = 23
	namesake.Case.Parks[0].Name = "grid"
	leaking.Case.Storage.SelfDischarge = 1_000
	for name, options := range map[string]Options{"two parks": twoParks, "threshold above members": badThreshold, "part of a day": partDay, "a park called grid": namesake, "what only plans offline": leaking} {
		dir := t.TempDir()
		_, err := Create(dir, options)
		if unsuitable := (*Unsuitable)(nil); !errors.As(err, &unsuitable) {
			t.Errorf("%s: %v", name, err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("%s: left %v", name, entries)
		}
	}
}

func TestFixedPortsDifferAndFreePortsAreNotGivenTwice(t *testing.T) {
	for _, free := range []bool{false, true} {
		options := referenceOptions(t)
		options.FreePorts = free
		draft := &draft{dir: t.TempDir(), options: options, addresses: addresses{free: free}}
		if err := draft.write(); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, address := range append(append([]string{}, draft.peers...), draft.urls...) {
			if seen[address] {
				t.Errorf("free %t: %s twice", free, address)
			}
			seen[address] = true
		}
		if err := draft.addresses.release(); err != nil {
			t.Error(err)
		}
	}
}
