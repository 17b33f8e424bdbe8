package ledger_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/merkle"
)

// A node that saw all transactions before their blocks and one that saw none
// come to the same state, with deals that are false among them.
func TestWhatANodeSawBeforeDoesNotMatter(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.RunTo(community.Grid.First - 5*3600)
	falsify(community)
	community.Step()
	if len(community.Refused) != 1 || !strings.Contains(community.Refused[0], "park1: from forecast/load") {
		t.Fatalf("refused %q: expected the false deal", community.Refused)
	}
	machine := ledger.New(merkle.InMemory())
	if _, err := machine.InitChain(community.Genesis, community.Document.GenesisTime); err != nil {
		t.Fatal(err)
	}
	refused, hash := 0, []byte(nil)
	for _, block := range community.Blocks {
		for _, encoded := range block.Transactions {
			if machine.CheckTx(encoded) != nil {
				refused++
			}
		}
		result, err := machine.FinalizeBlock(block)
		if err != nil {
			t.Fatal(err)
		}
		hash = result.AppHash
		if _, err := machine.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if refused != 1 {
		t.Errorf("%d transactions were refused on arrival, expected the false deal alone", refused)
	}
	if !bytes.Equal(hash, community.AppHash) {
		t.Errorf("app hash %x, the first time %x", hash, community.AppHash)
	}
}

// falsify sends park1's forecast once more, as a later version of which one
// byte of the proof is another.
func falsify(community *ledgertest.Community) {
	park := community.Parks[0]
	surplus, _ := park.Forecast()
	body := park.Sealed(community.Chain, vault.Forecast, community.Day(0), 2, park.Series.Load, park.Series.PV, park.Series.Wind, surplus)
	body.Proof[100] ^= 1
	community.Submit(park.Party, "vault/deal", body)
}
