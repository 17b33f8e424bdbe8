package ledger_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

func newChain(t testing.TB) *ledgertest.Chain {
	t.Helper()
	chain := ledgertest.NewChain(t, ledgertest.ReferenceCase(t))
	chain.Step()
	return chain
}

func raise(subject string) alerts.Raise {
	return alerts.Raise{Rule: "test", Subject: subject, Detail: "in words"}
}

func TestAppHashCommitsToEveryByteOfGenesis(t *testing.T) {
	document := ledgertest.Document(t, ledgertest.ReferenceCase(t))
	encoded, err := genesis.Encode(document)
	if err != nil {
		t.Fatal(err)
	}
	hash := func(encoded []byte) []byte {
		machine := ledger.New(merkle.InMemory())
		first, err := machine.InitChain(encoded, document.GenesisTime)
		if err != nil {
			t.Fatal(err)
		}
		again, err := machine.InitChain(encoded, document.GenesisTime)
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("InitChain twice: %x, then %x, %v", first, again, err)
		}
		return first
	}
	if bytes.Equal(hash(encoded), hash(append([]byte(" "), encoded...))) {
		t.Error("a document with a space before it has the same app hash")
	}
}

func TestGenesisOfAnotherTimeIsRefused(t *testing.T) {
	encoded, err := genesis.Encode(ledgertest.Document(t, ledgertest.ReferenceCase(t)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = ledger.New(merkle.InMemory()).InitChain(encoded, ledgertest.GenesisTime.Add(time.Second))
	if err == nil || !strings.Contains(err.Error(), "the engine begins at") {
		t.Errorf("error %v", err)
	}
}

func TestBlocksComeInOrder(t *testing.T) {
	chain := newChain(t)
	for _, height := range []int64{0, 1, 3} {
		_, err := chain.Machine.FinalizeBlock(ledger.Block{Height: height, Time: chain.Time})
		if err == nil {
			t.Errorf("block %d after block 1: no error", height)
		}
	}
	_, err := chain.Machine.FinalizeBlock(ledger.Block{Height: 2, Time: chain.Time.Add(-time.Second)})
	if err == nil || !strings.Contains(err.Error(), "lies before") {
		t.Errorf("block of the past: error %v", err)
	}
	_, err = ledger.New(merkle.InMemory()).FinalizeBlock(ledger.Block{Height: 1, Time: chain.Time})
	if err == nil || !strings.Contains(err.Error(), "InitChain comes first") {
		t.Errorf("block without genesis: error %v", err)
	}
}

func TestReplayIsRefusedAsLongAsItCouldBeIncluded(t *testing.T) {
	chain := newChain(t)
	signed := transaction.Sign(ledgertest.ChainID, "member1", "alerts/raise", chain.Height+3, raise("first"), ledgertest.NewParty("member1").Key)
	chain.Add(signed)
	chain.Add(signed)
	first := chain.Step().Transactions
	if first[0].Code != 0 || first[1].Code != 1 || !strings.Contains(first[1].Log, "has this transaction already") {
		t.Fatalf("twice in a block: %+v", first)
	}
	if err := chain.Machine.CheckTx(signed); err == nil {
		t.Error("CheckTx lets the replay pass")
	}
	for range 2 {
		chain.Add(signed)
		if again := chain.Step().Transactions[0]; !strings.Contains(again.Log, "has this transaction already") {
			t.Fatalf("at height %d: %+v", chain.Height, again)
		}
	}
	chain.Add(signed)
	if late := chain.Step().Transactions[0]; !strings.Contains(late.Log, "valid until height") {
		t.Errorf("after its time: %+v", late)
	}
	if left := ledgertest.Show(chain.State(), "replay/"); left != "none\n" {
		t.Errorf("remembered beyond need: %s", left)
	}
}

func TestTransactionsThatNoContractMaySeeAreRefused(t *testing.T) {
	chain := newChain(t)
	key, other := ledgertest.NewParty("member1").Key, ledgertest.NewParty("member2").Key
	until := chain.Height + 10
	for name, c := range map[string]struct {
		encoded []byte
		reason  string
	}{
		"bytes of nothing": {[]byte{0xff}, "decode"},
		"another chain":    {transaction.Sign("other", "member1", "alerts/raise", until, raise("a"), key), "expected \"sesame-test\""},
		"another's key":    {transaction.Sign(ledgertest.ChainID, "member1", "alerts/raise", until, raise("a"), other), "signature does not fit"},
		"no account":       {transaction.Sign(ledgertest.ChainID, "nobody", "alerts/raise", until, raise("a"), key), "no account"},
		"the past":         {transaction.Sign(ledgertest.ChainID, "member1", "alerts/raise", chain.Height, raise("a"), key), "valid until height 1"},
		"too long":         {transaction.Sign(ledgertest.ChainID, "member1", "alerts/raise", until+transaction.MaxLifetime, raise("a"), key), "at most 600"},
		"body of another":  {transaction.Sign(ledgertest.ChainID, "member1", "alerts/raise", until, alerts.Acknowledge{Alert: 1}, key), "decode"},
	} {
		if err := chain.Machine.CheckTx(c.encoded); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: CheckTx says %v, want %q", name, err, c.reason)
		}
		held := *chain
		held.Add(c.encoded)
		if got := held.Step().Transactions[0]; got.Code != 1 || !strings.Contains(got.Log, c.reason) {
			t.Errorf("%s: the block says %+v, want %q", name, got, c.reason)
		}
		chain = &held
	}
}

func TestFaultInAHandlerIsRefusedAndLeavesNoTrace(t *testing.T) {
	ledger.AddRoute(t, "test/fault", func(ctx contract.Context, _ []byte) error {
		ctx.State.Set("test", []byte{1})
		panic("a fault")
	})
	chain := newChain(t)
	chain.Submit(ledgertest.NewParty("member1"), "test/fault", []byte{})
	result := chain.Step()
	if got := result.Transactions[0]; got.Code != 1 || got.Log != "internal error" {
		t.Errorf("result %+v", got)
	}
	if len(result.Faults) != 1 || !strings.Contains(result.Faults[0], "a fault\ngoroutine") {
		t.Errorf("faults %q, want one with its trace", result.Faults)
	}
	if _, found := chain.State().Get("test"); found {
		t.Error("the fault's write stands")
	}
	for _, change := range result.Changes {
		if change.Key != ledger.ClockKey {
			t.Errorf("changed: %s", change.Key)
		}
	}
}

func TestFaultOutsideTransactionsStopsTheMachine(t *testing.T) {
	chain := newChain(t)
	chain.Store.Set(contract.MomentPrefix+"000000000000/1-period/000001/000", []byte("no moment"))
	if _, _, err := chain.Store.Commit(); err != nil {
		t.Fatal(err)
	}
	before, _ := chain.Store.WorkingHash()
	_, err := chain.Machine.FinalizeBlock(ledger.Block{Height: 3, Time: chain.Time.Add(time.Second)})
	if err == nil || !strings.Contains(err.Error(), "block 3: state: moment/000000000000") {
		t.Errorf("error %v", err)
	}
	if after, _ := chain.Store.WorkingHash(); !bytes.Equal(before, after) {
		t.Error("the state has changed")
	}
}

func TestLedgerTimeFollowsBlockTimeUpToItsCap(t *testing.T) {
	chain := newChain(t)
	start := chain.Document.Clock.Start
	if chain.Now != start {
		t.Fatalf("block 1 at %d, want %d", chain.Now, start)
	}
	chain.Interval = 1500 * time.Millisecond
	chain.Step()
	if want := start + 90; chain.Now != want {
		t.Errorf("1.5 s later: %d, want %d", chain.Now, want)
	}
	chain.Interval = time.Hour
	chain.Step()
	if want := start + 90 + 600; chain.Now != want {
		t.Errorf("after a pause: %d, want %d: no more than the cap of 10 s", chain.Now, want)
	}
}
