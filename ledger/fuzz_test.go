package ledger_test

import (
	"testing"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

// FuzzCheckTx feeds bytes of any kind to a machine: it refuses or accepts, and
// what it accepts a block does not refuse for its form.
func FuzzCheckTx(f *testing.F) {
	chain := newChain(f)
	key := ledgertest.NewParty("member1").Key
	for _, kind := range ledger.Kinds() {
		f.Add(transaction.Sign(ledgertest.ChainID, "member1", kind, 20, raise("seed"), key))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if chain.Machine.CheckTx(encoded) != nil {
			return
		}
		if _, err := transaction.Decode(encoded); err != nil {
			t.Fatalf("accepted what does not decode: %v", err)
		}
	})
}

// FuzzDeliver runs handlers of every kind on bodies of any bytes, signed by
// somebody who may send them: no body is an internal error.
func FuzzDeliver(f *testing.F) {
	for i := range ledger.Kinds() {
		f.Add(uint8(i), record.Encode(raise("seed")))
	}
	f.Add(uint8(0), record.Encode(alerts.Acknowledge{Alert: 1}))
	chain := newChain(f)
	f.Fuzz(func(t *testing.T, position uint8, body []byte) {
		kind := ledger.Kinds()[int(position)%len(ledger.Kinds())]
		party := ledgertest.NewParty(senders[ledger.RolesOf(kind)[0]])
		chain.T = t
		envelope := transaction.Envelope{
			Version: transaction.Version, Chain: ledgertest.ChainID, Sender: party.Name, Kind: kind,
			ValidUntil: chain.Height + 5, Body: body,
		}
		chain.Add(envelope.SignedBy(party.Key))
		if log := chain.Step().Transactions[0].Log; log == "internal error" {
			t.Errorf("%s: %x: internal error", kind, body)
		}
	})
}

// FuzzDecodeRecord shows records of any bytes under any key to people.
func FuzzDecodeRecord(f *testing.F) {
	chain := newChain(f)
	chain.State().Iterate("", func(key string, value []byte) bool {
		f.Add(key, value)
		return true
	})
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if decoded, err := ledger.DecodeRecord(key, value); err == nil && decoded == nil && string(value) != "\xf6" {
			t.Errorf("%q: %x: neither record nor error", key, value)
		}
	})
}
