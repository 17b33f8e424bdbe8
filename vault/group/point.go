package group

import (
	"crypto/sha3"
	"errors"
	"fmt"
	"sync"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
)

// PointSize is the length of an encoded point, bytes.
const PointSize = 32

// ErrPoint reports bytes that are not the canonical encoding of a point.
var ErrPoint = errors.New("not a canonical ristretto255 point")

// Point is an element of ristretto255. Only values that a function of this
// package returned are valid. Methods set the receiver and return it.
type Point struct {
	inner curve.RistrettoPoint
}

// Identity returns the neutral element.
func Identity() *Point {
	p := &Point{}
	p.inner.Identity()
	return p
}

// Base returns G, the base point of RFC 9496.
func Base() *Point {
	p := &Point{}
	p.inner.Set(curve.RISTRETTO_BASEPOINT_POINT)
	return p
}

// Blinder returns H, the second generator: the point that the SHA3-512 hash of
// the encoding of G maps to, so that nobody knows its logarithm to base G. It
// is the generator of dalek's PedersenGens, which range proofs expect.
func Blinder() *Point {
	p := &Point{}
	p.inner.Set(blinderTable().Basepoint())
	return p
}

var blinderTable = sync.OnceValue(func() *curve.RistrettoBasepointTable {
	base := Base().Bytes()
	digest := sha3.Sum512(base[:])
	p := curve.NewRistrettoPoint()
	_, _ = p.SetUniformBytes(digest[:]) // fails only for another length than 64
	return curve.NewRistrettoBasepointTable(p)
})

// HashToPoint maps 64 uniform bytes to a point by RFC 9496, section 4.3.4.
func HashToPoint(uniform *[64]byte) *Point {
	p := &Point{}
	_, _ = p.inner.SetUniformBytes(uniform[:]) // fails only for another length
	return p
}

// DecodePoint reads the canonical encoding, 32 bytes.
func DecodePoint(encoded []byte) (*Point, error) {
	p := &Point{}
	if err := p.SetBytes(encoded); err != nil {
		return nil, err
	}
	return p, nil
}

// SetBytes decodes the canonical encoding into p.
func (p *Point) SetBytes(encoded []byte) error {
	var compressed curve.CompressedRistretto
	if _, err := compressed.SetBytes(encoded); err != nil {
		return fmt.Errorf("%d bytes: %w", len(encoded), ErrPoint)
	}
	if _, err := p.inner.SetCompressed(&compressed); err != nil {
		return ErrPoint
	}
	return nil
}

// Bytes returns the canonical encoding.
func (p *Point) Bytes() [PointSize]byte {
	var compressed curve.CompressedRistretto
	compressed.SetRistrettoPoint(&p.inner)
	return compressed
}

// Equal reports whether p and q are the same element.
func (p *Point) Equal(q *Point) bool { return p.inner.Equal(&q.inner) == 1 }

// IsIdentity reports whether p is the neutral element.
func (p *Point) IsIdentity() bool { return p.inner.IsIdentity() }

// Set sets p = a.
func (p *Point) Set(a *Point) *Point {
	p.inner.Set(&a.inner)
	return p
}

// Add sets p = a + b.
func (p *Point) Add(a, b *Point) *Point {
	p.inner.Add(&a.inner, &b.inner)
	return p
}

// Sub sets p = a - b.
func (p *Point) Sub(a, b *Point) *Point {
	p.inner.Sub(&a.inner, &b.inner)
	return p
}

// Neg sets p = -a.
func (p *Point) Neg(a *Point) *Point {
	p.inner.Neg(&a.inner)
	return p
}

// Mul sets p = s a, in constant time.
func (p *Point) Mul(s *Scalar, a *Point) *Point {
	p.inner.Mul(&a.inner, s.voi())
	return p
}

// Commit sets p = value G + blinding H, the Pedersen commitment, in constant
// time.
func (p *Point) Commit(value, blinding *Scalar) *Point {
	var hidden curve.RistrettoPoint
	hidden.MulBasepoint(blinderTable(), blinding.voi())
	p.inner.MulBasepoint(curve.RISTRETTO_BASEPOINT_TABLE, value.voi())
	p.inner.Add(&p.inner, &hidden)
	return p
}

// MulBase sets p = s G, in constant time.
func (p *Point) MulBase(s *Scalar) *Point {
	p.inner.MulBasepoint(curve.RISTRETTO_BASEPOINT_TABLE, s.voi())
	return p
}

// MulBlinder sets p = s H, in constant time.
func (p *Point) MulBlinder(s *Scalar) *Point {
	p.inner.MulBasepoint(blinderTable(), s.voi())
	return p
}

// Select sets p to a where bit is 0 and to b where it is 1, in constant time.
func (p *Point) Select(a, b *Point, bit int) *Point {
	p.inner.ConditionalSelect(&a.inner, &b.inner, bit)
	return p
}

// Combine sets p = sum scalars[i] points[i], in constant time. Both slices have
// the same length.
func (p *Point) Combine(scalars []Scalar, points []*Point) *Point {
	factors, inner := voiTerms(scalars, points)
	p.inner.MultiscalarMul(factors, inner)
	return p
}

// CombineVartime sets p = sum scalars[i] points[i] for public values. Both
// slices have the same length.
func (p *Point) CombineVartime(scalars []Scalar, points []*Point) *Point {
	if len(scalars) == 0 {
		p.inner.Identity()
		return p
	}
	factors, inner := voiTerms(scalars, points)
	p.inner.MultiscalarMulVartime(factors, inner)
	return p
}

// voiTerms gives the terms of a sum as the curve library wants them.
func voiTerms(scalars []Scalar, points []*Point) ([]*scalar.Scalar, []*curve.RistrettoPoint) {
	inner := make([]*curve.RistrettoPoint, len(points))
	factors := make([]scalar.Scalar, len(scalars))
	pointers := make([]*scalar.Scalar, len(scalars))
	for i := range points {
		inner[i] = &points[i].inner
		pointers[i] = scalars[i].setVoi(&factors[i])
	}
	return pointers, inner
}

// voi converts s to the scalar type of the curve library.
func (s *Scalar) voi() *scalar.Scalar { return s.setVoi(scalar.New()) }

func (s *Scalar) setVoi(out *scalar.Scalar) *scalar.Scalar {
	encoded := s.Bytes()
	_, _ = out.SetBits(encoded[:]) // canonical, so the low 255 bits are all of it
	return out
}
