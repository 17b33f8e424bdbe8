package transaction_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

var key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

type body struct {
	_    struct{} `cbor:",toarray"`
	Name string
	Sums [][]byte
}

func public() ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func sign() []byte {
	return transaction.Sign("chain", "park1", "vault/deal", 7, body{Name: "x", Sums: [][]byte{{1}}}, key)
}

func TestSignedTransactionComesBack(t *testing.T) {
	envelope, err := transaction.Decode(sign())
	if err != nil {
		t.Fatal(err)
	}
	if err := envelope.Verify(public()); err != nil {
		t.Error(err)
	}
	if envelope.Sender != "park1" || envelope.Kind != "vault/deal" || envelope.ValidUntil != 7 || envelope.Chain != "chain" {
		t.Errorf("envelope %+v", envelope)
	}
	if got, err := record.Decode[body](envelope.Body); err != nil || got.Name != "x" {
		t.Errorf("body %+v, %v", got, err)
	}
}

// Every flipped bit of a transaction makes it another that nobody has signed.
func TestEveryFlippedBitIsRefused(t *testing.T) {
	encoded := sign()
	for bit := range len(encoded) * 8 {
		flipped := bytes.Clone(encoded)
		flipped[bit/8] ^= 1 << (bit % 8)
		envelope, err := transaction.Decode(flipped)
		if err == nil {
			err = envelope.Verify(public())
		}
		if err == nil {
			t.Fatalf("bit %d of byte %d: no error", bit%8, bit/8)
		}
	}
}

func TestOtherKeysAndSizesAreRefused(t *testing.T) {
	envelope, err := transaction.Decode(sign())
	if err != nil {
		t.Fatal(err)
	}
	other := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	for name, key := range map[string]ed25519.PublicKey{"another": other, "none": nil, "short": other[:31]} {
		if err := envelope.Verify(key); !errors.Is(err, transaction.ErrSignature) {
			t.Errorf("key %s: error %v", name, err)
		}
	}
	if _, err := transaction.Decode(make([]byte, transaction.MaxSize+1)); err == nil || !strings.Contains(err.Error(), "at most 1048576") {
		t.Errorf("too large: error %v", err)
	}
	later := transaction.Envelope{Version: 2, Chain: "chain"}
	if _, err := transaction.Decode(later.SignedBy(key)); err == nil || !strings.Contains(err.Error(), "version 2: expected 1") {
		t.Errorf("version 2: error %v", err)
	}
}

// FuzzDecode: what decodes has one encoding, the one that was decoded.
func FuzzDecode(f *testing.F) {
	f.Add(sign())
	f.Add([]byte{0x87})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		envelope, err := transaction.Decode(encoded)
		if err == nil && !bytes.Equal(record.Encode(envelope), encoded) {
			t.Fatalf("%x decodes and encodes to %x", encoded, record.Encode(envelope))
		}
	})
}
