package ledgertest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/ledger/genesis"
)

// The ledger of the tests: its name, how fast it runs, who carries it.
const (
	ChainID   = "sesame-test"
	Factor    = 60 // a second of block time is a ledger minute
	Threshold = 3
)

// Owners are who the five members belong to; the last two are of parks.
var Owners = []string{"grid", "operator", "regulator", "park1", "park2"}

// GenesisTime is the time of the first block.
var GenesisTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// ReferenceCase loads the paper's case.
func ReferenceCase(t testing.TB) *energy.Case {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	c, _, err := casefile.Load(filepath.Join(filepath.Dir(here), "..", "..", "cases", "reference"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Document draws up the genesis of a case with five members.
func Document(t testing.TB, c *energy.Case) genesis.Document {
	t.Helper()
	founding := genesis.Founding{
		ChainID: ChainID, Time: GenesisTime, Factor: Factor, Cap: 10 * time.Second, Threshold: Threshold,
		Parks: map[string]genesis.Keys{}, Grid: NewParty("grid").Public(t), Operator: NewParty("operator").Public(t),
	}
	parks := map[string]bool{}
	for _, park := range c.Parks {
		public := NewParty(park.Name).Public(t)
		founding.Parks[park.Name] = genesis.Keys{Signing: public.Key, Sealing: public.SealingKey}
		parks[park.Name] = true
	}
	for i, owner := range Owners {
		name := fmt.Sprintf("member%d", i+1)
		public := NewParty(name).Public(t)
		member := genesis.Member{
			Name: name, Owner: owner, Index: uint8(i + 1),
			Key: public.Key, SealingKey: public.SealingKey, ConsensusKey: ConsensusKey(name),
		}
		if parks[owner] {
			member.Park = owner
		}
		founding.Members = append(founding.Members, member)
	}
	document, err := genesis.FromCase(c, founding)
	if err != nil {
		t.Fatal(err)
	}
	return document
}
