package rangeproof

import (
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// Prove makes a proof that the statement's commitments open to these values and
// blindings, and that the values are in range. It takes constant time for all
// values.
func Prove(s *Statement, values []uint64, blindings []group.Scalar) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("range proof: %w", err)
	}
	if len(values) != len(s.Commitments) || len(blindings) != len(s.Commitments) {
		return nil, fmt.Errorf("range proof: %d values and %d blindings for %d commitments", len(values), len(blindings), len(s.Commitments))
	}
	for j, value := range values {
		if most := s.bounds(len(values))[j]; value > most {
			return nil, fmt.Errorf("range proof: value %d is beyond %d", j, most)
		}
		if !new(group.Point).Commit(group.NewScalar(value), &blindings[j]).Equal(s.Commitments[j]) {
			return nil, fmt.Errorf("range proof: commitment %d is to another value", j)
		}
	}
	w := newWitness(s, values, blindings)
	return w.prove(w.commitBits()), nil
}

// witness is all that the prover knows.
type witness struct {
	bits       int
	bounds     []uint64
	blindings  []group.Scalar // of the values
	g, h       []*group.Point
	transcript transcript

	ones          []int          // the bits, 0 or 1
	left          []group.Scalar // the same as scalars
	sLeft, sRight []group.Scalar // masks
	aBlinding     group.Scalar
	sBlinding     group.Scalar
}

func newWitness(s *Statement, values []uint64, blindings []group.Scalar) *witness {
	commitments := s.padded()
	size := len(commitments) * s.Bits
	w := &witness{
		bits: s.Bits, bounds: s.bounds(len(commitments)), blindings: append([]group.Scalar(nil), blindings...),
		transcript: newTranscript(s, commitments),
		ones:       make([]int, size),
		left:       make([]group.Scalar, size), sLeft: make([]group.Scalar, size), sRight: make([]group.Scalar, size),
		aBlinding: *group.RandomScalar(), sBlinding: *group.RandomScalar(),
	}
	w.blindings = append(w.blindings, make([]group.Scalar, len(commitments)-len(blindings))...)
	w.g, w.h = generators.vectors(len(commitments), s.Bits)
	for j, value := range values {
		digits := digitsOf(value, w.bounds[j])
		for k := range s.Bits {
			w.ones[j*s.Bits+k] = int(digits >> k & 1)
			w.left[j*s.Bits+k] = *group.NewScalar(digits >> k & 1)
		}
	}
	group.FillRandom(w.sLeft)
	group.FillRandom(w.sRight)
	return w
}

// commitBits returns A: the bits with the first generators, the bits less one
// with the second.
func (w *witness) commitBits() *group.Point {
	sum := new(group.Point).MulBlinder(&w.aBlinding)
	var minusH, term group.Point
	for i, bit := range w.ones {
		sum.Add(sum, term.Select(minusH.Neg(w.h[i]), w.g[i], bit))
	}
	return sum
}

// prove makes the proof from the commitment to the bits.
func (w *witness) prove(a *group.Point) []byte {
	p := &proof{a: a}
	p.s = new(group.Point).Combine(append(append([]group.Scalar{w.sBlinding}, w.sLeft...), w.sRight...),
		append(append([]*group.Point{group.Blinder()}, w.g...), w.h...))
	w.transcript.point("A", p.a)
	w.transcript.point("S", p.s)
	y, z := w.transcript.challenge("y"), w.transcript.challenge("z")

	l0, r0, r1 := w.polynomials(&y, &z)
	t1, t2 := group.RandomScalar(), group.RandomScalar()
	t0Value, t2Value := innerProduct(l0, r0), innerProduct(w.sLeft, r1)
	t1Value := crossTerm(l0, w.sLeft, r0, r1)
	p.t1, p.t2 = new(group.Point).Commit(&t1Value, t1), new(group.Point).Commit(&t2Value, t2)
	w.transcript.point("T_1", p.t1)
	w.transcript.point("T_2", p.t2)
	x := w.transcript.challenge("x")

	atX := func(c0, c1, c2 *group.Scalar) (out group.Scalar) {
		out.MulAdd(c2, &x, c1)
		out.MulAdd(&out, &x, c0)
		return out
	}
	p.tx = atX(&t0Value, &t1Value, &t2Value)
	valueBlinding := w.valueBlinding(&z)
	p.txBlinding = atX(&valueBlinding, t1, t2)
	p.eBlinding.MulAdd(&w.sBlinding, &x, &w.aBlinding)
	w.transcript.scalar("t_x", &p.tx)
	w.transcript.scalar("t_x_blinding", &p.txBlinding)
	w.transcript.scalar("e_blinding", &p.eBlinding)
	challenge := w.transcript.challenge("w")

	for i := range l0 {
		l0[i].MulAdd(&w.sLeft[i], &x, &l0[i])
		r0[i].MulAdd(&r1[i], &x, &r0[i])
	}
	inner := newInnerProver(w.g, w.h, &y, &challenge, l0, r0)
	p.left, p.right, p.innerLeft, p.innerRight = inner.prove(w.transcript)
	return p.encode()
}

// polynomials returns the constant part of l and both parts of r; the linear
// part of l is sLeft. With a_R = a_L - 1:
//
//	l = (a_L - z) + sLeft x,   r = y^i (a_R + z + sRight x) + z^(2+j) u_jk
//
// where u_jk are the digits' units, 2^k for a plain range.
func (w *witness) polynomials(y, z *group.Scalar) (l0, r0, r1 []group.Scalar) {
	size := len(w.left)
	l0, r0, r1 = make([]group.Scalar, size), make([]group.Scalar, size), make([]group.Scalar, size)
	yPowers := powers(y, size)
	weights := rangeWeights(z, w.bounds, w.bits)
	shift := new(group.Scalar).Sub(z, group.NewScalar(1))
	for i := range size {
		l0[i].Sub(&w.left[i], z)
		r0[i].Add(&w.left[i], shift)
		r0[i].MulAdd(&r0[i], &yPowers[i], &weights[i])
		r1[i].Mul(&yPowers[i], &w.sRight[i])
	}
	return l0, r0, r1
}

// crossTerm is <l0, r1> + <l1, r0>.
func crossTerm(l0, l1, r0, r1 []group.Scalar) group.Scalar {
	a, b := innerProduct(l0, r1), innerProduct(l1, r0)
	return *a.Add(&a, &b)
}

// valueBlinding is sum z^(2+j) blinding_j.
func (w *witness) valueBlinding(z *group.Scalar) group.Scalar {
	power := new(group.Scalar).Mul(z, z)
	var out group.Scalar
	for j := range w.blindings {
		out.MulAdd(power, &w.blindings[j], &out)
		power.Mul(power, z)
	}
	return out
}
