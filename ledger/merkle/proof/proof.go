// Package proof checks that a record is, or is not, in the ledger's state, from
// the state's app hash alone. It is all that a light client or an auditor
// needs of the state, and it is small on purpose: it knows ICS-23 proofs of an
// IAVL tree (github.com/cosmos/ics23) and nothing of how the tree is kept.
package proof

import (
	"errors"
	"fmt"

	ics23 "github.com/cosmos/ics23/go"
)

// MaxBytes bounds a proof: a proof of absence carries two neighbours with
// their values, and a transaction, hence a value, has at most 1 MiB.
const MaxBytes = 3 << 20

// maxSteps bounds the way from a leaf to the root. A balanced tree of 2^32
// leaves needs 1.44 x 32.
const maxSteps = 64

// ErrInvalid is the reason of every proof that does not prove what it should.
var ErrInvalid = errors.New("proof is not valid")

// VerifyPresent checks that the state with this app hash holds value at key.
func VerifyPresent(appHash []byte, key string, value, proof []byte) (err error) {
	defer refusePanic(&err)
	commitment, err := decode(proof)
	if err != nil {
		return fmt.Errorf("record %q: %w", key, err)
	}
	existence := commitment.GetExist()
	if existence == nil {
		return fmt.Errorf("record %q: %w: not a proof of presence", key, ErrInvalid)
	}
	if err := checkDepth(existence); err != nil {
		return fmt.Errorf("record %q: %w", key, err)
	}
	if err := existence.Verify(ics23.IavlSpec, appHash, []byte(key), value); err != nil {
		return fmt.Errorf("record %q: %w: %w", key, ErrInvalid, err)
	}
	return nil
}

// VerifyAbsent checks that the state with this app hash holds nothing at key.
func VerifyAbsent(appHash []byte, key string, proof []byte) (err error) {
	defer refusePanic(&err)
	commitment, err := decode(proof)
	if err != nil {
		return fmt.Errorf("record %q: %w", key, err)
	}
	absence := commitment.GetNonexist()
	if absence == nil {
		return fmt.Errorf("record %q: %w: not a proof of absence", key, ErrInvalid)
	}
	for _, neighbour := range []*ics23.ExistenceProof{absence.Left, absence.Right} {
		if err := checkDepth(neighbour); err != nil {
			return fmt.Errorf("record %q: %w", key, err)
		}
	}
	if err := absence.Verify(ics23.IavlSpec, appHash, []byte(key)); err != nil {
		return fmt.Errorf("record %q: %w: %w", key, ErrInvalid, err)
	}
	return nil
}

func decode(proof []byte) (*ics23.CommitmentProof, error) {
	if len(proof) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrInvalid, len(proof), MaxBytes)
	}
	commitment := new(ics23.CommitmentProof)
	if err := commitment.Unmarshal(proof); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return commitment, nil
}

func checkDepth(existence *ics23.ExistenceProof) error {
	if existence == nil {
		return nil // the other neighbour alone proves an end of the tree
	}
	if len(existence.Path) > maxSteps {
		return fmt.Errorf("%w: %d steps, at most %d", ErrInvalid, len(existence.Path), maxSteps)
	}
	for _, step := range existence.Path {
		if step == nil {
			return fmt.Errorf("%w: empty step", ErrInvalid)
		}
	}
	if existence.Leaf == nil {
		return fmt.Errorf("%w: no leaf", ErrInvalid)
	}
	return nil
}

// refusePanic turns a panic into a refusal: the comparison of two neighbours in
// the library assumes paths of a shape that a forger need not give.
func refusePanic(err *error) {
	if reason := recover(); reason != nil {
		*err = fmt.Errorf("%w: %v", ErrInvalid, reason)
	}
}
