package vault_test

import (
	"bytes"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// Every whole number has one encoding, and that one is read back.
func TestValuesSurviveTheirEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		magnitude := rapid.SliceOfN(rapid.Byte(), 0, 32).Draw(t, "magnitude")
		value := new(big.Int).SetBytes(magnitude)
		if rapid.Bool().Draw(t, "negative") {
			value.Neg(value)
		}
		decoded, err := vault.DecodeValue(vault.EncodeValue(value))
		if err != nil || decoded.Cmp(value) != 0 {
			t.Fatalf("%s became %v, %v", value, decoded, err)
		}
	})
}

// Whatever is decoded is encoded to the same bytes again.
func FuzzDecodeValue(f *testing.F) {
	for _, seed := range [][]byte{{}, {0}, {1}, {0, 0}, {0, 7}, {1, 7}, {2, 7}, {1, 255, 0}, make([]byte, 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		value, err := vault.DecodeValue(encoded)
		if err == nil && !bytes.Equal(vault.EncodeValue(value), encoded) {
			t.Errorf("%x was read as %s, which is %x", encoded, value, vault.EncodeValue(value))
		}
	})
}
