package test

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// attempt is a transaction that would open sealed series once more.
type attempt struct {
	says    string
	sender  string
	kind    string
	body    any
	because string // pattern of the contract's reason
}

// What a round has opened is opened by no other weights and for no other set,
// whichever node is asked, and all nodes go on with one state.
func TestSecondOpeningIsRefusedByTheContractOnEveryNode(t *testing.T) {
	skipShort(t)
	town := layOut(bounded(t, 4*time.Minute), t)
	town.start(nil)
	id := contract.RoundID(contract.Forecast, firstDay, 1)
	town.until("the plan", func() bool {
		_, found := load[scheduling.Plan](town.witness, scheduling.Key(firstDay, 1))
		return found
	})
	before := must[contract.Round](town.witness, contract.RoundKey(id))
	opened := must[contract.Opened](town.witness, contract.OpenedKey(id))
	plan := must[scheduling.Plan](town.witness, scheduling.Key(firstDay, 1))

	sums := must[[][]byte](town.witness, contract.PartialKey(id, before.Partials[0]))
	opener := town.document.Members[before.Partials[0]-1].Name
	turned := slices.Clone(sums)
	slices.Reverse(turned)
	sealed := must[contract.Sealed](town.witness, contract.SealedKey(contract.Forecast, firstDay, "park1"))
	nodes := town.nodes()
	const posted = "has posted its partial sums|does not take partial sums"
	for _, tried := range []attempt{
		{"a further round over the same series", opener, "vault/request", contract.Request{Kind: contract.Forecast, Day: firstDay}, "needs fresh versions from all its parks"},
		{"the same sums once more", opener, "vault/partials", contract.Partials{Round: id, Sums: sums}, posted},
		{"other sums for the same round", opener, "vault/partials", contract.Partials{Round: id, Sums: turned}, posted},
		{"one sum over all periods", opener, "vault/partials", contract.Partials{Round: id, Sums: sums[:1]}, posted},
		{"sums for a round of one's own", opener, "vault/partials", contract.Partials{Round: contract.RoundID(contract.Forecast, firstDay, 2), Sums: sums}, "does not take partial sums"},
		{"sums for the readings' round before it is due", opener, "vault/partials", contract.Partials{Round: contract.RoundID(contract.Reading, firstDay, 1), Sums: sums}, "does not take partial sums"},
		{"an acknowledgement that would change the quorum", opener, "vault/acknowledge", contract.Acknowledge{Round: id, Refusals: []contract.Refusal{}}, "does not wait for acknowledgements"},
		{"fresh series of one park after the gate", "park1", "vault/deal", contract.Deal{Day: firstDay, Kind: contract.Forecast, Version: 2, Parts: sealed.Parts}, "after its gate"},
	} {
		t.Run(tried.says, func(t *testing.T) {
			for i := range nodes {
				refusedEverywhere(t, town, nodes, i, tried)
			}
		})
	}

	if after := must[contract.Round](town.witness, contract.RoundKey(id)); !sameOpening(before, after) {
		t.Errorf("the round was %+v, now %+v", before, after)
	}
	if after := must[contract.Opened](town.witness, contract.OpenedKey(id)); string(record.Encode(after)) != string(record.Encode(opened)) {
		t.Error("what the round has opened has changed")
	}
	if rounds := all[contract.Round](town.witness, contract.RoundPrefix); len(rounds) != 1 {
		t.Errorf("%d rounds on the ledger, expected one", len(rounds))
	}
	if inForce := must[scheduling.InForce](town.witness, scheduling.InForceKey(firstDay)); inForce.Version != plan.Version {
		t.Errorf("plan %d is in force, expected %d", inForce.Version, plan.Version)
	}
	agree(t, nodes)
}

// sameOpening says whether a round opens the same sums of the same parks and
// versions; posts that were on their way may have come since.
func sameOpening(before, after contract.Round) bool {
	after.Partials = before.Partials
	return string(record.Encode(after)) == string(record.Encode(before))
}

// refusedEverywhere hands a transaction to one node and sees that the contract
// refuses it, in a block, by the judgement of each of the nodes.
func refusedEverywhere(t *testing.T, town *town, nodes []*witness, to int, tried attempt) {
	t.Helper()
	who, err := identity.Load(filepath.Join(town.layout.Dir, tried.sender))
	if err != nil {
		t.Fatal(err)
	}
	status, err := nodes[to].ledger.Status(town.ctx)
	if err != nil {
		t.Fatal(err)
	}
	transaction := who.Sign(town.document.ChainID, tried.kind, status.Height+50+int64(to), tried.body) // one per node
	_, err = nodes[to].ledger.Submit(town.ctx, transaction)
	var refused *client.Refused
	if !errors.As(err, &refused) {
		t.Fatalf("node %d: %v: expected the ledger to refuse", to+1, err)
	}
	if !regexp.MustCompile(tried.because).MatchString(refused.Reason) {
		t.Errorf("refused because %q: expected %s", refused.Reason, tried.because)
	}
	if refused.Height == 0 {
		return // the node's own copy of the contract has refused it at the door
	}
	for i, node := range nodes {
		node.height(refused.Height)
		inclusion, found, err := node.ledger.Transaction(town.ctx, refused.Hash)
		if err != nil || !found || inclusion.Code == 0 || inclusion.Log != refused.Reason {
			t.Errorf("node %d judges %+v, found %t (%v): expected %q", i+1, inclusion, found, err, refused.Reason)
		}
	}
}
