package group

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"math/bits"
)

// ScalarSize is the length of an encoded scalar, bytes.
const ScalarSize = 32

// ErrScalar reports bytes that are not the canonical encoding of a scalar.
var ErrScalar = errors.New("not a canonical scalar: want 32 bytes, little endian, below the group order")

// The group order l in limbs, least significant first. Limb 2 is zero and
// limb 3 is 2^60, which saves half of each Montgomery step.
const (
	order0 = 0x5812631a5cf5d3ed
	order1 = 0x14def9dea2f79cd6
	order3 = 0x1000000000000000

	// orderInverse is -1/l modulo 2^64.
	orderInverse = 0xd2b51da312547e1b
)

var (
	// montgomeryOne is 2^256 modulo l, montgomerySquare 2^512 modulo l.
	montgomeryOne    = [4]uint64{0xd6ec31748d98951d, 0xc6ef5bf4737dcf70, 0xfffffffffffffffe, 0x0fffffffffffffff}
	montgomerySquare = [4]uint64{0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x0399411b7c309a3d}
)

// Scalar is an integer modulo the group order l. The zero value is zero and
// ready to use. Methods set the receiver and return it, like math/big; the
// receiver may be an operand.
type Scalar struct {
	// limb holds value x 2^256 mod l, fully reduced, least significant first.
	limb [4]uint64
}

// NewScalar returns v.
func NewScalar(v uint64) *Scalar {
	s := &Scalar{}
	montgomeryMul(&s.limb, &[4]uint64{v}, &montgomerySquare)
	return s
}

// NewScalarInt64 returns v modulo l.
func NewScalarInt64(v int64) *Scalar {
	if v < 0 {
		s := NewScalar(uint64(-(v + 1)) + 1)
		return s.Neg(s)
	}
	return NewScalar(uint64(v))
}

// NewScalarBig returns v modulo l, for v of any size and sign. Its running
// time depends on v.
func NewScalarBig(v *big.Int) *Scalar {
	reduced := new(big.Int).Mod(v, Order())
	var little [ScalarSize]byte
	reduced.FillBytes(little[:])
	for i := range ScalarSize / 2 {
		little[i], little[ScalarSize-1-i] = little[ScalarSize-1-i], little[i]
	}
	s, _ := DecodeScalar(little[:]) // reduced above, so canonical
	return s
}

// DecodeScalar reads the canonical encoding, 32 bytes little endian.
func DecodeScalar(encoded []byte) (*Scalar, error) {
	s := &Scalar{}
	if err := s.SetBytes(encoded); err != nil {
		return nil, err
	}
	return s, nil
}

// RandomScalar returns a scalar from the system's random source, within 2^-127
// of uniform.
func RandomScalar() *Scalar {
	one := make([]Scalar, 1)
	FillRandom(one)
	return &one[0]
}

// FillRandom sets all scalars as RandomScalar does. It draws the limbs
// themselves: uniform is uniform, with or without Montgomery's factor.
func FillRandom(scalars []Scalar) {
	random := make([]byte, ScalarSize*len(scalars))
	_, _ = rand.Read(random) // never fails: crypto/rand ends the program instead
	for i := range scalars {
		scalars[i].limb = limbs(random[ScalarSize*i:])
		scalars[i].limb[3] &= order3 - 1
	}
}

// Order returns l.
func Order() *big.Int {
	order := new(big.Int).Lsh(big.NewInt(order3), 192)
	order.Or(order, new(big.Int).Lsh(big.NewInt(order1), 64))
	return order.Or(order, big.NewInt(order0))
}

// SetBytes decodes the canonical encoding into s.
func (s *Scalar) SetBytes(encoded []byte) error {
	if len(encoded) != ScalarSize {
		return fmt.Errorf("%d bytes: %w", len(encoded), ErrScalar)
	}
	raw := limbs(encoded)
	if _, borrow := subtractOrder(&raw); borrow == 0 {
		return ErrScalar
	}
	montgomeryMul(&s.limb, &raw, &montgomerySquare)
	return nil
}

// SetWide sets s to the 64 bytes, little endian, modulo l. Uniform bytes give
// a scalar within 2^-259 of uniform.
func (s *Scalar) SetWide(wide *[64]byte) *Scalar {
	low, high := limbs(wide[:32]), limbs(wide[32:])
	var a, b Scalar
	montgomeryMul(&a.limb, &low, &montgomerySquare)
	montgomeryMul(&b.limb, &high, &montgomerySquare)
	montgomeryMul(&b.limb, &b.limb, &montgomerySquare)
	return s.Add(&a, &b)
}

// SetBits252 sets s to the lowest 252 bits of 32 little-endian bytes. Uniform
// bytes give a scalar within 2^-127 of uniform, without any loop.
func (s *Scalar) SetBits252(encoded *[32]byte) *Scalar {
	raw := limbs(encoded[:])
	raw[3] &= order3 - 1
	montgomeryMul(&s.limb, &raw, &montgomerySquare)
	return s
}

// Bytes returns the canonical encoding.
func (s *Scalar) Bytes() [ScalarSize]byte {
	var plain [4]uint64
	montgomeryMul(&plain, &s.limb, &[4]uint64{1})
	var out [ScalarSize]byte
	for i, limb := range plain {
		binary.LittleEndian.PutUint64(out[8*i:], limb)
	}
	return out
}

// Signed returns s as the integer of least absolute value, in (-l/2, l/2).
func (s *Scalar) Signed() *big.Int {
	little := s.Bytes()
	for i := range ScalarSize / 2 {
		little[i], little[ScalarSize-1-i] = little[ScalarSize-1-i], little[i]
	}
	value, order := new(big.Int).SetBytes(little[:]), Order()
	if new(big.Int).Lsh(value, 1).Cmp(order) > 0 {
		value.Sub(value, order)
	}
	return value
}

// Equal reports whether s and t are the same scalar.
func (s *Scalar) Equal(t *Scalar) bool {
	difference := uint64(0)
	for i := range s.limb {
		difference |= s.limb[i] ^ t.limb[i]
	}
	return difference == 0
}

// IsZero reports whether s is zero.
func (s *Scalar) IsZero() bool { return s.Equal(&Scalar{}) }

// Set sets s = a.
func (s *Scalar) Set(a *Scalar) *Scalar {
	s.limb = a.limb
	return s
}

// Select sets s to a where bit is 0 and to b where it is 1, in constant time.
func (s *Scalar) Select(a, b *Scalar, bit int) *Scalar {
	mask := -uint64(bit)
	for i := range s.limb {
		s.limb[i] = a.limb[i] ^ (mask & (a.limb[i] ^ b.limb[i]))
	}
	return s
}

// Add sets s = a + b.
func (s *Scalar) Add(a, b *Scalar) *Scalar {
	var sum [4]uint64
	var carry uint64
	for i := range sum {
		sum[i], carry = bits.Add64(a.limb[i], b.limb[i], carry)
	}
	reduceOnce(&s.limb, &sum)
	return s
}

// Sub sets s = a - b.
func (s *Scalar) Sub(a, b *Scalar) *Scalar {
	var borrow uint64
	for i := range s.limb {
		s.limb[i], borrow = bits.Sub64(a.limb[i], b.limb[i], borrow)
	}
	addOrderIf(&s.limb, borrow)
	return s
}

// Neg sets s = -a.
func (s *Scalar) Neg(a *Scalar) *Scalar { return s.Sub(&Scalar{}, a) }

// Mul sets s = a b.
func (s *Scalar) Mul(a, b *Scalar) *Scalar {
	montgomeryMul(&s.limb, &a.limb, &b.limb)
	return s
}

// MulAdd sets s = a b + c.
func (s *Scalar) MulAdd(a, b, c *Scalar) *Scalar {
	var product Scalar
	montgomeryMul(&product.limb, &a.limb, &b.limb)
	return s.Add(&product, c)
}

// Invert sets s = 1/a, and to zero where a is zero.
func (s *Scalar) Invert(a *Scalar) *Scalar {
	base, result := *a, Scalar{limb: montgomeryOne}
	exponent := [4]uint64{order0 - 2, order1, 0, order3}
	for i := range 253 {
		if exponent[i/64]>>(i%64)&1 == 1 { // the exponent is public
			result.Mul(&result, &base)
		}
		base.Mul(&base, &base)
	}
	*s = result
	return s
}

// InvertAll replaces each scalar by its inverse with one inversion. None may
// be zero.
func InvertAll(scalars []Scalar) {
	if len(scalars) == 0 {
		return
	}
	products := make([]Scalar, len(scalars)) // products[i] = s_0 .. s_i
	products[0] = scalars[0]
	for i := 1; i < len(scalars); i++ {
		products[i].Mul(&products[i-1], &scalars[i])
	}
	var inverse Scalar
	inverse.Invert(&products[len(scalars)-1])
	for i := len(scalars) - 1; i > 0; i-- {
		current := scalars[i]
		scalars[i].Mul(&inverse, &products[i-1])
		inverse.Mul(&inverse, &current)
	}
	scalars[0] = inverse
}
