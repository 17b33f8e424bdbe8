package transaction_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/transaction"
)

// The vector that docs/ledger.md shows: the seed 00 01 .. 1f signs that
// member1 acknowledges alert 7 until height 500.
func TestDocumentedTransaction(t *testing.T) {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	body := struct {
		_     struct{} `cbor:",toarray"`
		Alert uint64
	}{Alert: 7}
	signed := hex.EncodeToString(transaction.Sign("sesame-test", "member1", "alerts/acknowledge", 500, body, ed25519.NewKeyFromSeed(seed)))
	documented, err := os.ReadFile("../../docs/ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	if compact := strings.Join(strings.Fields(string(documented)), ""); !strings.Contains(compact, signed) {
		t.Errorf("docs/ledger.md lacks the transaction %s", signed)
	}
}
