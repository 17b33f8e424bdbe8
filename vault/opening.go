package vault

import (
	"math/big"

	"github.com/sesame-energy/sesame/vault/group"
)

// Opening is what a dealer keeps of its own deal, secret: values and blindings
// per period, which open each commitment.
type Opening struct {
	Deal      DealID
	Values    []uint64
	Blindings []group.Scalar
}

// MarshalBinary encodes the opening for storage, secret.
func (o *Opening) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodeOpening reads what MarshalBinary wrote.
func DecodeOpening(encoded []byte) (*Opening, error) { return nil, errNotBuilt }

// Sum is an opened form: its value, in (-l/2, l/2), and the blinding that
// proves it.
type Sum struct {
	Value    *big.Int
	Blinding group.Scalar
}

// MarshalBinary encodes a sum in 64 bytes: value and blinding as scalars.
func (s Sum) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodeSum reads what MarshalBinary wrote.
func DecodeSum(encoded []byte) (Sum, error) { return Sum{}, errNotBuilt }

// CheckOpening reports whether sum opens the commitment (Form.Value or C_0).
func CheckOpening(commitment *group.Point, sum Sum) error { return errNotBuilt }

// Open interpolates each form at zero from the partials of at least threshold
// members, posts[index][k] belonging to polynomials[k], and checks the results
// against the commitments. With more posts than the threshold it takes the
// lowest indices. Partials that were not checked before make it fail, never
// give a wrong value. The result does not depend on which members took part.
func Open(threshold int, polynomials []Polynomial, posts map[uint8][]Partial) ([]Sum, error) {
	return nil, errNotBuilt
}
