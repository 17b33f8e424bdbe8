package vault

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// ErrOpening reports a sum that does not open its commitment.
var ErrOpening = errors.New("sum does not open its commitment")

// Sum is an opened form: its value, in (-l/2, l/2), and the blinding that
// proves it.
type Sum struct {
	Value    *big.Int
	Blinding group.Scalar
}

// MarshalBinary encodes a sum in 64 bytes: value and blinding as scalars.
func (s Sum) MarshalBinary() ([]byte, error) { return s.partial().MarshalBinary() }

// DecodeSum reads what MarshalBinary wrote.
func DecodeSum(encoded []byte) (Sum, error) {
	p, err := DecodePartial(encoded)
	if err != nil {
		return Sum{}, fmt.Errorf("sum: %w", err)
	}
	return Sum{Value: p.Value.Signed(), Blinding: p.Blinding}, nil
}

func (s Sum) partial() Partial {
	return Partial{Value: *group.NewScalarBig(s.Value), Blinding: s.Blinding}
}

// CheckOpening reports whether sum opens the commitment, which is Form.Value or
// C_0 of a polynomial (ErrOpening).
func CheckOpening(commitment *group.Point, sum Sum) error {
	p := sum.partial()
	expected := new(group.Point).Commit(&p.Value, &p.Blinding)
	if !expected.Equal(commitment) {
		return ErrOpening
	}
	return nil
}

// Open interpolates each form at zero from the partials of at least threshold
// members, posts[index][k] belonging to polynomials[k], and checks the results
// against the commitments. With more posts than the threshold it takes the
// lowest indices. Partials that were not checked before (CheckPartials) make
// it fail with ErrOpening, never give a wrong value. The result does not
// depend on which members took part.
func Open(threshold int, polynomials []Polynomial, posts map[uint8][]Partial) ([]Sum, error) {
	if err := shamir.CheckThreshold(threshold, shamir.MaxMembers); err != nil {
		return nil, err
	}
	for k, polynomial := range polynomials {
		if len(polynomial) != threshold {
			return nil, fmt.Errorf("form %d has %d commitments, want the threshold, %d", k, len(polynomial), threshold)
		}
	}
	if len(posts) < threshold {
		return nil, fmt.Errorf("opening: %w: %d of %d", shamir.ErrTooFew, len(posts), threshold)
	}
	indices := slices.Sorted(maps.Keys(posts))[:threshold]
	factors, err := shamir.Lagrange(0, indices)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	opened := make([]Partial, len(polynomials))
	for i, index := range indices {
		if len(posts[index]) != len(polynomials) {
			return nil, fmt.Errorf("opening: member %d posts %d partials for %d forms", index, len(posts[index]), len(polynomials))
		}
		for k := range opened {
			opened[k].Value.MulAdd(&factors[i], &posts[index][k].Value, &opened[k].Value)
			opened[k].Blinding.MulAdd(&factors[i], &posts[index][k].Blinding, &opened[k].Blinding)
		}
	}
	atZero := make([]Polynomial, len(polynomials))
	for k, polynomial := range polynomials {
		atZero[k] = polynomial[:1]
	}
	if !formsFit(0, atZero, opened) {
		return nil, fmt.Errorf("from members %v: %w", indices, ErrOpening)
	}
	sums := make([]Sum, len(opened))
	for k, p := range opened {
		sums[k] = Sum{Value: p.Value.Signed(), Blinding: p.Blinding}
	}
	return sums, nil
}

// Opening is what a dealer keeps of its own deal, secret: values and blindings
// per period, which open each commitment.
type Opening struct {
	Deal      DealID
	Values    []uint64
	Blindings []group.Scalar
}

// String keeps the secret out of logs and errors.
func (o Opening) String() string { return fmt.Sprintf("opening of deal %v", o.Deal) }

// GoString is String, for %#v.
func (o Opening) GoString() string { return o.String() }

const openingFormat = 1

// MarshalBinary encodes the opening for storage, secret.
func (o *Opening) MarshalBinary() ([]byte, error) {
	if len(o.Values) != len(o.Blindings) || len(o.Values) > MaxPeriods {
		return nil, fmt.Errorf("opening of %d values and %d blindings", len(o.Values), len(o.Blindings))
	}
	var e encoder
	e.u8(openingFormat)
	e.raw(o.Deal[:])
	e.u16(uint16(len(o.Values)))
	for _, value := range o.Values {
		e.u32(uint32(value))
	}
	e.scalars(o.Blindings)
	return e.bytes, nil
}

// DecodeOpening reads what MarshalBinary wrote.
func DecodeOpening(encoded []byte) (*Opening, error) {
	d := decoder{rest: encoded}
	d.version(openingFormat)
	o := &Opening{Deal: d.hash("deal")}
	periods := int(d.u16("periods"))
	if periods < 1 || periods > MaxPeriods {
		d.fail("%d periods, want 1..%d", periods, MaxPeriods)
	}
	for range periods {
		o.Values = append(o.Values, uint64(d.u32("value")))
	}
	o.Blindings = d.scalars("blinding", periods)
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	return o, nil
}
