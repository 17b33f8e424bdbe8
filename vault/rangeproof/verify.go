package rangeproof

import (
	"crypto/sha3"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// Verify reports whether the proof holds (ErrProof). It is deterministic: the
// factors that join its equations come from the transcript.
func Verify(s *Statement, encoded []byte) error {
	return VerifyAll([]*Statement{s}, [][]byte{encoded})
}

// VerifyAll reports whether all proofs hold, with one sum of points in which
// the generators occur once. It does not say which one fails; Verify does.
func VerifyAll(statements []*Statement, proofs [][]byte) error {
	if len(statements) != len(proofs) {
		return fmt.Errorf("%d proofs of %d statements", len(proofs), len(statements))
	}
	checks := make([]*check, len(statements))
	seeds := sha3.NewSHAKE256()
	for k, s := range statements {
		c, err := newCheck(s, proofs[k])
		if err != nil {
			return fmt.Errorf("range proof %d: %w", k, err)
		}
		checks[k] = c
		_, _ = seeds.Write(c.seed[:]) // a hash takes everything
	}
	total := &equation{}
	for _, c := range checks {
		var wide [64]byte
		_, _ = seeds.Read(wide[:]) // an endless stream
		total.add(c, new(group.Scalar).SetWide(&wide))
	}
	if !total.holds() {
		return ErrProof
	}
	return nil
}

// check is one proof with its challenges.
type check struct {
	*proof
	bits        int
	bounds      []uint64
	commitments []*group.Point
	y, z, x, w  group.Scalar
	rounds      []group.Scalar // u of each round
	join        group.Scalar   // c, which joins the two equations
	seed        [64]byte       // hash of everything, for weights
}

func newCheck(s *Statement, encoded []byte) (*check, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	commitments := s.padded()
	p, err := decode(encoded, rounds(len(commitments)*s.Bits))
	if err != nil {
		return nil, err
	}
	c := &check{proof: p, bits: s.Bits, bounds: s.bounds(len(commitments)), commitments: commitments}
	t := newTranscript(s, commitments)
	t.point("A", p.a)
	t.point("S", p.s)
	c.y, c.z = t.challenge("y"), t.challenge("z")
	t.point("T_1", p.t1)
	t.point("T_2", p.t2)
	c.x = t.challenge("x")
	t.scalar("t_x", &p.tx)
	t.scalar("t_x_blinding", &p.txBlinding)
	t.scalar("e_blinding", &p.eBlinding)
	c.w = t.challenge("w")
	t.merlin.AppendMessage("dom-sep", []byte("ipp v1"))
	t.number("n", len(commitments)*s.Bits)
	for k := range p.left {
		t.point("L", p.left[k])
		t.point("R", p.right[k])
		c.rounds = append(c.rounds, t.challenge("u"))
	}
	for _, challenge := range append([]group.Scalar{c.y, c.z, c.x, c.w}, c.rounds...) {
		if challenge.IsZero() {
			return nil, errors.New("a challenge is zero")
		}
	}
	t.scalar("a", &p.innerLeft)
	t.scalar("b", &p.innerRight)
	c.join = t.challenge("c")
	t.merlin.ExtractBytes(c.seed[:], "seed")
	return c, nil
}

// equation gathers sum scalar point == 0 over many proofs.
type equation struct {
	values, bits  int            // the largest proof so far
	onG, onH      []group.Scalar // of the generators, per value and maxBits
	base, blinder group.Scalar
	scalars       []group.Scalar // of the proofs' own points
	points        []*group.Point
}

// place is where bit k of value j has its generators' factors.
func place(j, k int) int { return j*maxBits + k }

func (e *equation) term(weight, factor *group.Scalar, p *group.Point) {
	e.scalars = append(e.scalars, *new(group.Scalar).Mul(weight, factor))
	e.points = append(e.points, p)
}

// add adds weight times the two equations of one proof.
func (e *equation) add(c *check, weight *group.Scalar) {
	one := group.NewScalar(1)
	e.term(weight, one, c.a)
	e.term(weight, &c.x, c.s)
	var power group.Scalar
	power.Mul(&c.z, &c.z)
	power.Mul(&power, &c.join)
	for _, commitment := range c.commitments {
		e.term(weight, &power, commitment)
		power.Mul(&power, &c.z)
	}
	var factor group.Scalar
	e.term(weight, factor.Mul(&c.join, &c.x), c.t1)
	e.term(weight, factor.Mul(&factor, &c.x), c.t2)

	inverses := append([]group.Scalar(nil), c.rounds...)
	group.InvertAll(inverses)
	for k := range c.rounds {
		e.term(weight, factor.Mul(&c.rounds[k], &c.rounds[k]), c.left[k])
		e.term(weight, factor.Mul(&inverses[k], &inverses[k]), c.right[k])
	}
	e.addGenerators(c, weight, inverses)
	e.addBases(c, weight)
}

// addBases adds to the factors of G and H:
//
//	G: w (t_x - a b) + c (delta - t_x)     H: -e - c t_x_blinding
func (e *equation) addBases(c *check, weight *group.Scalar) {
	var onBase, onBlinder, part group.Scalar
	part.Mul(&c.innerLeft, &c.innerRight)
	part.Sub(&c.tx, &part)
	onBase.Mul(&c.w, &part)
	delta := c.delta()
	part.Sub(&delta, &c.tx)
	onBase.MulAdd(&c.join, &part, &onBase)
	onBlinder.MulAdd(&c.join, &c.txBlinding, &c.eBlinding)
	e.base.MulAdd(weight, &onBase, &e.base)
	part.Mul(weight, &onBlinder)
	e.blinder.Sub(&e.blinder, &part)
}

// delta is (z - z^2) sum y^i - sum z^(3+j) (largest value of j).
func (c *check) delta() group.Scalar {
	size := len(c.commitments) * c.bits
	total := sum(powers(&c.y, size))
	var square, out, all group.Scalar
	square.Mul(&c.z, &c.z)
	out.Sub(&c.z, &square)
	out.Mul(&out, &total)
	weights := rangeWeights(&c.z, c.bounds, c.bits)
	all = sum(weights)
	all.Mul(&all, &c.z)
	return *out.Sub(&out, &all)
}

// addGenerators adds to the factors of the generators, with s_i the product of
// u or 1/u of each round:
//
//	G_i: -z - a s_i      H_i: z + y^-i (z^(2+j) u_jk - b / s_i)
func (e *equation) addGenerators(c *check, weight *group.Scalar, inverses []group.Scalar) {
	values := len(c.commitments)
	size := values * c.bits
	for len(e.onG) < values*maxBits {
		e.onG, e.onH = append(e.onG, group.Scalar{}), append(e.onH, group.Scalar{})
	}
	e.values, e.bits = max(e.values, values), max(e.bits, c.bits)

	s := c.products(inverses)
	yInverse := powers(new(group.Scalar).Invert(&c.y), size)
	weights := rangeWeights(&c.z, c.bounds, c.bits)
	// Products with weight that do not depend on the place are taken out.
	var weightZ, weightA, weightB, onH group.Scalar
	weightZ.Mul(weight, &c.z)
	weightA.Mul(weight, &c.innerLeft)
	weightB.Mul(weight, &c.innerRight)
	for i := range size {
		at := place(i/c.bits, i%c.bits)
		var onG group.Scalar
		onG.MulAdd(&weightA, &s[i], &weightZ)
		e.onG[at].Sub(&e.onG[at], &onG)

		weights[i].Mul(&weights[i], weight)
		onH.Mul(&weightB, &s[size-1-i]) // 1/s_i is s of the mirrored place
		onH.Sub(&weights[i], &onH)
		onH.MulAdd(&onH, &yInverse[i], &weightZ)
		e.onH[at].Add(&e.onH[at], &onH)
	}
}

// products returns s_i: bit b of i, highest first, takes u of round b or its
// inverse.
func (c *check) products(inverses []group.Scalar) []group.Scalar {
	size := 1 << len(c.rounds)
	s := make([]group.Scalar, size)
	s[0] = *group.NewScalar(1)
	squares := make([]group.Scalar, len(c.rounds))
	for k := range c.rounds {
		s[0].Mul(&s[0], &inverses[k])
		squares[k].Mul(&c.rounds[k], &c.rounds[k])
	}
	for bit := range c.rounds {
		high := 1 << bit
		for i := range high {
			s[high+i].Mul(&s[i], &squares[len(c.rounds)-1-bit])
		}
	}
	return s
}

func (e *equation) holds() bool {
	scalars := append(e.scalars, e.base, e.blinder)
	points := append(e.points, group.Base(), group.Blinder())
	g, h := generators.vectors(e.values, e.bits)
	for i := range g {
		at := place(i/e.bits, i%e.bits)
		scalars, points = append(scalars, e.onG[at], e.onH[at]), append(points, g[i], h[i])
	}
	return new(group.Point).CombineVartime(scalars, points).IsIdentity()
}
