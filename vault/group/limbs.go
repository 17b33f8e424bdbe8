package group

import (
	"encoding/binary"
	"math/bits"
)

// limbs reads 32 little-endian bytes.
func limbs(encoded []byte) [4]uint64 {
	var out [4]uint64
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(encoded[8*i:])
	}
	return out
}

// subtractOrder returns x - l and the borrow: 1 where x < l.
func subtractOrder(x *[4]uint64) (difference [4]uint64, borrow uint64) {
	difference[0], borrow = bits.Sub64(x[0], order0, 0)
	difference[1], borrow = bits.Sub64(x[1], order1, borrow)
	difference[2], borrow = bits.Sub64(x[2], 0, borrow)
	difference[3], borrow = bits.Sub64(x[3], order3, borrow)
	return difference, borrow
}

// reduceOnce sets z = x mod l for x < 2l.
func reduceOnce(z, x *[4]uint64) {
	difference, borrow := subtractOrder(x)
	keep := -borrow // all ones where x < l already
	for i := range z {
		z[i] = difference[i] ^ (keep & (difference[i] ^ x[i]))
	}
}

// addOrderIf adds l to z, modulo 2^256, where borrow is 1.
func addOrderIf(z *[4]uint64, borrow uint64) {
	mask := -borrow
	var carry uint64
	z[0], carry = bits.Add64(z[0], order0&mask, 0)
	z[1], carry = bits.Add64(z[1], order1&mask, carry)
	z[2], carry = bits.Add64(z[2], 0, carry)
	z[3], _ = bits.Add64(z[3], order3&mask, carry)
}

// multiplyAdd returns a b + c + d, which always fits two limbs.
func multiplyAdd(a, b, c, d uint64) (high, low uint64) {
	high, low = bits.Mul64(a, b)
	low, carry := bits.Add64(low, c, 0)
	high += carry
	low, carry = bits.Add64(low, d, 0)
	return high + carry, low
}

// montgomeryMul sets z = x y / 2^256 mod l, for x < 2^256 and y < l, limb by
// limb (Koc, Acar, Kaliski 1996, coarsely integrated operand scanning). As
// l = 2^252 + order1 2^64 + order0, adding m l is two products and a shift.
func montgomeryMul(z, x, y *[4]uint64) {
	var t0, t1, t2, t3, t4, carry uint64
	for i := range 4 {
		digit := x[i]
		carry, t0 = multiplyAdd(y[0], digit, t0, 0)
		carry, t1 = multiplyAdd(y[1], digit, t1, carry)
		carry, t2 = multiplyAdd(y[2], digit, t2, carry)
		carry, t3 = multiplyAdd(y[3], digit, t3, carry)
		t4 = carry

		m := t0 * orderInverse
		carry, _ = multiplyAdd(m, order0, t0, 0)
		carry, t0 = multiplyAdd(m, order1, t1, carry)
		t1, carry = bits.Add64(t2, carry, 0)
		t2, carry = bits.Add64(t3, m<<60, carry)
		t3, _ = bits.Add64(t4, m>>4, carry)
	}
	reduceOnce(z, &[4]uint64{t0, t1, t2, t3})
}

// MulSmall sets s = a x for x < 2^32, the cheap step of evaluating a sharing
// polynomial at a member's index. With v = a x, q = v >> 252 and l = 2^252 + c
// the result is (v mod 2^252) - q c, once corrected.
func (s *Scalar) MulSmall(a *Scalar, x uint32) *Scalar {
	var v [4]uint64
	var carry uint64
	for i := range v {
		carry, v[i] = multiplyAdd(a.limb[i], uint64(x), carry, 0)
	}
	q := carry<<4 | v[3]>>60
	v[3] &= order3 - 1

	high0, low0 := bits.Mul64(q, order0)
	high1, low1 := multiplyAdd(q, order1, high0, 0)
	var borrow uint64
	s.limb[0], borrow = bits.Sub64(v[0], low0, 0)
	s.limb[1], borrow = bits.Sub64(v[1], low1, borrow)
	s.limb[2], borrow = bits.Sub64(v[2], high1, borrow)
	s.limb[3], borrow = bits.Sub64(v[3], 0, borrow)
	addOrderIf(&s.limb, borrow)
	return s
}

// Horner sets s to the polynomial, constant term first, at x < 2^32. Each step
// v = s x + c is folded like MulSmall, but l is added always, so that the sum
// stays in (0, 2^253) and is reduced only once at the end.
func (s *Scalar) Horner(polynomial []Scalar, x uint32) *Scalar {
	if len(polynomial) == 0 {
		*s = Scalar{}
		return s
	}
	var carry, borrow uint64
	last, factor := len(polynomial)-1, uint64(x)
	s0, s1, s2, s3 := polynomial[last].limb[0], polynomial[last].limb[1], polynomial[last].limb[2], polynomial[last].limb[3]
	for i := last - 1; i >= 0; i-- {
		c := &polynomial[i].limb
		carry, s0 = multiplyAdd(s0, factor, c[0], 0)
		carry, s1 = multiplyAdd(s1, factor, c[1], carry)
		carry, s2 = multiplyAdd(s2, factor, c[2], carry)
		carry, s3 = multiplyAdd(s3, factor, c[3], carry)
		q := carry<<4 | s3>>60
		// The limb 2^60 of l goes straight on top of v mod 2^252.
		s3 = s3&(order3-1) + order3
		s0, carry = bits.Add64(s0, order0, 0)
		s1, carry = bits.Add64(s1, order1, carry)
		s2, carry = bits.Add64(s2, 0, carry)
		s3 += carry

		high, low := bits.Mul64(q, order0)
		s0, borrow = bits.Sub64(s0, low, 0)
		high, low = multiplyAdd(q, order1, high, 0)
		s1, borrow = bits.Sub64(s1, low, borrow)
		s2, borrow = bits.Sub64(s2, high, borrow)
		s3 -= borrow
	}
	reduceOnce(&s.limb, &[4]uint64{s0, s1, s2, s3})
	return s
}

// Advance takes the forward differences of a polynomial at an integer, the
// value first, to those at the next integer: each grows by the one after it.
func Advance(differences []Scalar) {
	var carry uint64
	for k := 0; k+1 < len(differences); k++ {
		a, b := &differences[k].limb, &differences[k+1].limb
		s0, s1, s2, s3 := a[0], a[1], a[2], a[3]
		s0, carry = bits.Add64(s0, b[0], 0)
		s1, carry = bits.Add64(s1, b[1], carry)
		s2, carry = bits.Add64(s2, b[2], carry)
		s3, _ = bits.Add64(s3, b[3], carry)
		r0, borrow := bits.Sub64(s0, order0, 0)
		r1, borrow := bits.Sub64(s1, order1, borrow)
		r2, borrow := bits.Sub64(s2, 0, borrow)
		r3, borrow := bits.Sub64(s3, order3, borrow)
		keep := -borrow // all ones where the sum is below l already
		a[0] = r0 ^ keep&(r0^s0)
		a[1] = r1 ^ keep&(r1^s1)
		a[2] = r2 ^ keep&(r2^s2)
		a[3] = r3 ^ keep&(r3^s3)
	}
}
