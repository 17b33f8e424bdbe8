package vault

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// Partial is a member's part of opening a form: the form over its shares.
type Partial struct {
	Value    group.Scalar // s of equation (E)
	Blinding group.Scalar // tau
}

// PartialSize is the length of an encoded partial, bytes.
const PartialSize = 2 * group.ScalarSize

// MarshalBinary encodes a partial in PartialSize bytes.
func (p Partial) MarshalBinary() ([]byte, error) {
	var e encoder
	e.scalars([]group.Scalar{p.Value, p.Blinding})
	return e.bytes, nil
}

// DecodePartial reads what MarshalBinary wrote.
func DecodePartial(encoded []byte) (Partial, error) {
	d := decoder{rest: encoded}
	scalars := d.scalars("scalar", 2)
	if err := d.finish(); err != nil {
		return Partial{}, fmt.Errorf("partial: %w", err)
	}
	return Partial{Value: scalars[0], Blinding: scalars[1]}, nil
}

// CheckPartials reports which of a member's partials are false, as ascending
// positions: polynomials[k] belongs to partials[k]. It returns nil where all
// are right. One equation checks all; only if that fails each is checked
// alone. It is deterministic, so it may run inside consensus.
func CheckPartials(index uint8, polynomials []Polynomial, partials []Partial) (wrong []int, err error) {
	if index == 0 {
		return nil, shamir.ErrIndexZero
	}
	if len(polynomials) != len(partials) {
		return nil, fmt.Errorf("%d partials for %d forms", len(partials), len(polynomials))
	}
	for k, polynomial := range polynomials {
		if len(polynomial) == 0 {
			return nil, fmt.Errorf("form %d has no commitments", k)
		}
	}
	if formsFit(index, polynomials, partials) {
		return nil, nil
	}
	for k := range partials {
		if !formsFit(index, polynomials[k:k+1], partials[k:k+1]) {
			wrong = append(wrong, k)
		}
	}
	if len(wrong) == 0 { // would need weights that cancel by chance, 2^-128
		return nil, errors.New("partials fail together but not alone")
	}
	return wrong, nil
}

// formsFit tests equation (E) at x for all pairs at once.
func formsFit(x uint8, polynomials []Polynomial, partials []Partial) bool {
	return fits(x, polynomials, partials, formsWeights(x, polynomials, partials))
}

// fits tests equation (E) at x for all pairs at once, each weighted by 128
// bits of a hash of everything, so that no errors cancel.
func fits(x uint8, polynomials []Polynomial, partials []Partial, weights weightStream) bool {
	size := 2
	for _, polynomial := range polynomials {
		size += len(polynomial)
	}
	scalars, points := make([]group.Scalar, 0, size), make([]*group.Point, 0, size)
	var value, blinding group.Scalar
	for k, polynomial := range polynomials {
		factor := weights.next()
		value.MulAdd(&factor, &partials[k].Value, &value)
		blinding.MulAdd(&factor, &partials[k].Blinding, &blinding)
		for _, point := range polynomial {
			scalars, points = append(scalars, factor), append(points, point)
			factor.MulSmall(&factor, uint32(x))
		}
	}
	scalars = append(scalars, *value.Neg(&value), *blinding.Neg(&blinding))
	points = append(points, group.Base(), group.Blinder())
	return new(group.Point).CombineVartime(scalars, points).IsIdentity()
}
