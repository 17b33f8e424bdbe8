package proof_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/merkle/proof"
)

// populated is a state of a hundred records with its app hash.
func populated(t testing.TB) (*merkle.Store, []byte) {
	t.Helper()
	store := merkle.InMemory()
	for i := range 100 {
		store.Set(fmt.Sprintf("record/%03d", i), fmt.Appendf(nil, "value %d", i))
	}
	hash, _, err := store.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return store, hash
}

// No change of a proof makes it prove another value or a false absence.
func TestChangedProofProvesNothingElse(t *testing.T) {
	store, hash := populated(t)
	rapid.Check(t, func(t *rapid.T) {
		key := fmt.Sprintf("record/%03d", rapid.IntRange(0, 99).Draw(t, "record"))
		asked := rapid.SampledFrom([]string{key, key + "/x", "a", "z"}).Draw(t, "asked")
		_, evidence, err := store.Prove(1, asked)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(t, "flips") {
			bit := rapid.IntRange(0, len(evidence)*8-1).Draw(t, "bit")
			evidence[bit/8] ^= 1 << (bit % 8)
		}
		if err := proof.VerifyPresent(hash, key, []byte("forged"), evidence); !errors.Is(err, proof.ErrInvalid) {
			t.Fatalf("a forged value passed: %v", err)
		}
		if err := proof.VerifyAbsent(hash, key, evidence); !errors.Is(err, proof.ErrInvalid) {
			t.Fatalf("a false absence passed: %v", err)
		}
		if err := proof.VerifyPresent(hash, asked+"/y", []byte("value 1"), evidence); !errors.Is(err, proof.ErrInvalid) {
			t.Fatalf("a record that does not exist passed: %v", err)
		}
	})
}

func TestProofOfAnotherStateIsRefused(t *testing.T) {
	store, before := populated(t)
	store.Set("record/000", []byte("changed"))
	after, _, err := store.Commit()
	if err != nil {
		t.Fatal(err)
	}
	value, evidence, err := store.Prove(2, "record/000")
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.VerifyPresent(after, "record/000", value, evidence); err != nil {
		t.Fatal(err)
	}
	if err := proof.VerifyPresent(before, "record/000", value, evidence); !errors.Is(err, proof.ErrInvalid) {
		t.Fatalf("passed against the state before: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	store, hash := populated(f)
	for _, key := range []string{"record/000", "record/050", "record/050x", "a", "z"} {
		_, evidence, err := store.Prove(1, key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(evidence)
	}
	f.Fuzz(func(t *testing.T, evidence []byte) {
		if proof.VerifyPresent(hash, "record/050", []byte("forged"), evidence) == nil {
			t.Fatal("a forged value passed")
		}
		if proof.VerifyAbsent(hash, "record/050", evidence) == nil {
			t.Fatal("a false absence passed")
		}
	})
}
