package rangeproof

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// ErrProof reports bytes that do not prove the statement.
var ErrProof = errors.New("range proof does not hold")

// proof is a decoded proof, in the order of its bytes.
type proof struct {
	a, s, t1, t2              *group.Point
	tx, txBlinding, eBlinding group.Scalar
	left, right               []*group.Point // of the inner product's rounds
	innerLeft, innerRight     group.Scalar
}

// Size is the length of a proof for values of bits each, bytes.
func Size(values, bits int) int {
	for values&(values-1) != 0 {
		values++
	}
	return 32 * (9 + 2*rounds(values*bits))
}

func (p *proof) encode() []byte {
	var out []byte
	point := func(q *group.Point) {
		encoded := q.Bytes()
		out = append(out, encoded[:]...)
	}
	scalar := func(s *group.Scalar) {
		encoded := s.Bytes()
		out = append(out, encoded[:]...)
	}
	for _, q := range []*group.Point{p.a, p.s, p.t1, p.t2} {
		point(q)
	}
	for _, s := range []*group.Scalar{&p.tx, &p.txBlinding, &p.eBlinding} {
		scalar(s)
	}
	for k := range p.left {
		point(p.left[k])
		point(p.right[k])
	}
	scalar(&p.innerLeft)
	scalar(&p.innerRight)
	return out
}

// decode reads a proof of the given number of rounds.
func decode(encoded []byte, rounds int) (*proof, error) {
	if want := 32 * (9 + 2*rounds); len(encoded) != want {
		return nil, fmt.Errorf("%w: %d bytes, want %d", ErrProof, len(encoded), want)
	}
	p, err := &proof{}, error(nil)
	next := func() []byte {
		piece := encoded[:32]
		encoded = encoded[32:]
		return piece
	}
	point := func() *group.Point {
		q, failure := group.DecodePoint(next())
		if failure != nil {
			err = failure
			return nil
		}
		if q.IsIdentity() {
			err = errors.New("the neutral element is no part of a proof")
		}
		return q
	}
	scalar := func(s *group.Scalar) {
		if failure := s.SetBytes(next()); failure != nil {
			err = failure
		}
	}
	p.a, p.s, p.t1, p.t2 = point(), point(), point(), point()
	scalar(&p.tx)
	scalar(&p.txBlinding)
	scalar(&p.eBlinding)
	for range rounds {
		p.left, p.right = append(p.left, point()), append(p.right, point())
	}
	scalar(&p.innerLeft)
	scalar(&p.innerRight)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return p, nil
}
