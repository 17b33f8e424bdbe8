package vault_test

import (
	"math/big"
	"testing"

	sealing "github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// openedSum is a recorded sum as the vault takes it.
func openedSum(t *testing.T, value *big.Int, blinding []byte) sealing.Sum {
	t.Helper()
	scalar, err := group.DecodeScalar(blinding)
	if err != nil {
		t.Fatal(err)
	}
	return sealing.Sum{Value: value, Blinding: *scalar}
}
