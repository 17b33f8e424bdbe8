package ledger_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

// The same blocks give the same app hashes and results, however often the
// machine is stopped between blocks, or within one before its commit.
func TestRestartsChangeNothing(t *testing.T) {
	reference := ledgertest.ReferenceCase(t)
	rapid.Check(t, func(r *rapid.T) {
		chain := ledgertest.NewChain(t, reference)
		var hashes [][]byte
		for range rapid.IntRange(1, 12).Draw(r, "blocks") {
			chain.Interval = time.Duration(rapid.Int64Range(1, int64(20*time.Second)).Draw(r, "interval"))
			for range rapid.IntRange(0, 3).Draw(r, "transactions") {
				chain.Add(drawTransaction(r, chain.Height+1))
			}
			member := rapid.SampledFrom(chain.Document.Members).Draw(r, "member").Name
			chain.Down[member] = rapid.Bool().Draw(r, "down")
			if rapid.IntRange(0, 20).Draw(r, "accuse") == 0 {
				chain.Accuse(member)
			}
			hashes = append(hashes, chain.Step().AppHash)
		}
		runAgain(r, t, chain, hashes)
	})
}

func runAgain(r *rapid.T, t *testing.T, chain *ledgertest.Chain, hashes [][]byte) {
	folder := t.TempDir()
	store := open(t, folder)
	defer func() { _ = store.Close() }()
	machine := ledger.New(store)
	if _, err := machine.InitChain(chain.Genesis, chain.Document.GenesisTime); err != nil {
		t.Fatal(err)
	}
	for i, block := range chain.Blocks {
		result, err := machine.FinalizeBlock(block)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(result.AppHash, hashes[i]) {
			r.Fatalf("block %d: app hash %x, the first time %x", block.Height, result.AppHash, hashes[i])
		}
		if i > 0 && rapid.IntRange(0, 5).Draw(r, "stop before commit") == 0 {
			store, machine = reopen(t, store, folder)
			if _, err := machine.FinalizeBlock(block); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := machine.Commit(); err != nil {
			t.Fatal(err)
		}
		if rapid.IntRange(0, 5).Draw(r, "stop") == 0 {
			store, machine = reopen(t, store, folder)
		}
	}
}

func open(t *testing.T, folder string) *merkle.Store {
	store, err := merkle.Open(folder, 5)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func reopen(t *testing.T, store *merkle.Store, folder string) (*merkle.Store, *ledger.Machine) {
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = open(t, folder)
	return store, ledger.New(store)
}

// drawTransaction draws one of those that need no day, good ones and bad ones.
func drawTransaction(r *rapid.T, height int64) []byte {
	party := ledgertest.NewParty(rapid.SampledFrom([]string{"member1", "member2", "member3", "park1", "grid"}).Draw(r, "sender"))
	kind, body := "alerts/raise", any(alerts.Raise{Rule: "drawn", Subject: fmt.Sprint("s", rapid.IntRange(0, 3).Draw(r, "subject"))})
	switch rapid.IntRange(0, 3).Draw(r, "kind") {
	case 0:
		kind, body = "alerts/acknowledge", alerts.Acknowledge{Alert: rapid.Uint64Range(0, 5).Draw(r, "alert")}
	case 1:
		kind, body = "committee/propose", committee.Propose{Action: committee.ActionRemoveMember, Subject: "member5"}
	case 2:
		kind, body = "committee/vote", committee.Vote{Proposal: rapid.Uint64Range(0, 2).Draw(r, "proposal"), Approve: rapid.Bool().Draw(r, "approve")}
	}
	return transaction.Sign(ledgertest.ChainID, party.Name, kind, height+rapid.Int64Range(-1, 5).Draw(r, "lifetime"), body, party.Key)
}
