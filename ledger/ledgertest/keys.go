package ledgertest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"testing"

	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/vault"
)

// Party is somebody with keys that follow from the name, the same in each run.
type Party struct {
	Name    string
	Key     ed25519.PrivateKey // signs transactions
	Sealing []byte             // X-Wing, private
}

// NewParty makes a party.
func NewParty(name string) Party {
	sealing := seed("sealing", name)
	return Party{Name: name, Key: ed25519.NewKeyFromSeed(seed("account", name)), Sealing: sealing}
}

// Public is what genesis says about the party.
func (p Party) Public(t testing.TB) genesis.Party {
	t.Helper()
	sealing, err := vault.PublicKey(p.Sealing)
	if err != nil {
		t.Fatal(err)
	}
	return genesis.Party{Name: p.Name, Key: p.Key.Public().(ed25519.PublicKey), SealingKey: sealing}
}

// ConsensusKey is the public key with which the member of that name signs blocks.
func ConsensusKey(name string) []byte {
	return ed25519.NewKeyFromSeed(seed("consensus", name)).Public().(ed25519.PublicKey)
}

func seed(purpose, name string) []byte {
	hash := sha256.Sum256([]byte("sesame test/" + purpose + "/" + name))
	return hash[:]
}
