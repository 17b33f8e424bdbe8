package group

import (
	"errors"
	"math/big"
	"testing"

	"github.com/gtank/ristretto255"
	"pgregory.net/rapid"
)

// drawScalar draws scalars with their weight on the edges: near zero, near the
// order, and with limbs of all ones.
func drawScalar(t *rapid.T, label string) *Scalar {
	near := rapid.Int64Range(-3, 3).Draw(t, label+" near")
	switch rapid.IntRange(0, 4).Draw(t, label+" kind") {
	case 0:
		return NewScalarInt64(near)
	case 1:
		power := rapid.UintRange(0, 252).Draw(t, label+" power")
		v := new(big.Int).Lsh(big.NewInt(1), power)
		return NewScalarBig(v.Add(v, big.NewInt(near)))
	default:
		wide := [64]byte(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, label))
		return new(Scalar).SetWide(&wide)
	}
}

func oracleScalar(t fataler, s *Scalar) *ristretto255.Scalar {
	encoded := s.Bytes()
	out, err := ristretto255.NewScalar().SetCanonicalBytes(encoded[:])
	if err != nil {
		t.Fatalf("the second library refuses %x: %v", encoded, err)
	}
	return out
}

// integer gives s in 0..l-1.
func integer(s *Scalar) *big.Int { return new(big.Int).Mod(s.Signed(), Order()) }

func sameScalar(t fataler, what string, got *Scalar, want *big.Int) {
	if integer(got).Cmp(new(big.Int).Mod(want, Order())) != 0 {
		t.Fatalf("%s: %v, want %v modulo l", what, integer(got), want)
	}
	if _, borrow := subtractOrder(&got.limb); borrow == 0 {
		t.Fatalf("%s: limbs %x are not reduced", what, got.limb)
	}
}

func TestScalarsAgreeWithIntegersAndSecondLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawScalar(t, "a"), drawScalar(t, "b"), drawScalar(t, "c")
		x := rapid.Uint32().Draw(t, "x")
		ia, ib, ic := integer(a), integer(b), integer(c)
		sameScalar(t, "add", new(Scalar).Add(a, b), new(big.Int).Add(ia, ib))
		sameScalar(t, "sub", new(Scalar).Sub(a, b), new(big.Int).Sub(ia, ib))
		sameScalar(t, "neg", new(Scalar).Neg(a), new(big.Int).Neg(ia))
		sameScalar(t, "mul", new(Scalar).Mul(a, b), new(big.Int).Mul(ia, ib))
		product := new(big.Int).Mul(ia, ib)
		sameScalar(t, "muladd", new(Scalar).MulAdd(a, b, c), product.Add(product, ic))
		sameScalar(t, "mulsmall", new(Scalar).MulSmall(a, x), new(big.Int).Mul(ia, big.NewInt(int64(x))))
		if !a.IsZero() {
			sameScalar(t, "invert", new(Scalar).Invert(a), new(big.Int).ModInverse(ia, Order()))
		}

		encoded, oracle := new(Scalar).Mul(a, b).Bytes(), ristretto255.NewScalar()
		oracle.Multiply(oracleScalar(t, a), oracleScalar(t, b))
		if [32]byte(oracle.Bytes()) != encoded {
			t.Fatalf("product %x, the second library says %x", encoded, oracle.Bytes())
		}
	})
}

// Horner's folded steps agree with plain integers, at the edges of scalars and x.
func TestHornerAgreesWithIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(rapid.Uint32(), rapid.Uint32Range(0, 255), rapid.Just(uint32(1<<32-1))).Draw(t, "x")
		polynomial := make([]Scalar, rapid.IntRange(0, 8).Draw(t, "coefficients"))
		want := new(big.Int)
		for i := len(polynomial) - 1; i >= 0; i-- {
			polynomial[i] = *drawScalar(t, "coefficient")
			want.Mul(want, big.NewInt(int64(x)))
			want.Add(want, integer(&polynomial[i]))
		}
		sameScalar(t, "value", new(Scalar).Horner(polynomial, x), want)
	})
}

func TestReceiverMayBeOperand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawScalar(t, "a"), drawScalar(t, "b")
		for name, operation := range map[string]func(s, x, y *Scalar) *Scalar{
			"add": (*Scalar).Add, "sub": (*Scalar).Sub, "mul": (*Scalar).Mul,
			"small":  func(s, x, _ *Scalar) *Scalar { return s.MulSmall(x, 7) },
			"muladd": func(s, x, y *Scalar) *Scalar { return s.MulAdd(x, y, x) },
		} {
			want := operation(new(Scalar), a, b)
			first, second := *a, *b
			if got := operation(&first, &first, b); !got.Equal(want) {
				t.Errorf("%s into its first operand is wrong", name)
			}
			if got := operation(&second, a, &second); !got.Equal(want) {
				t.Errorf("%s into its second operand is wrong", name)
			}
		}
	})
}

func TestWideAndNarrowBytesReduceLikeIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wide := [64]byte(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "wide"))
		sameScalar(t, "wide", new(Scalar).SetWide(&wide), littleEndian(wide[:]))
		narrow := [32]byte(wide[:32])
		mask := new(big.Int).Lsh(big.NewInt(1), 252)
		mask.Sub(mask, big.NewInt(1))
		sameScalar(t, "252 bits", new(Scalar).SetBits252(&narrow), mask.And(mask, littleEndian(narrow[:])))
	})
	ones := [64]byte{}
	for i := range ones {
		ones[i] = 0xff
	}
	sameScalar(t, "all ones", new(Scalar).SetWide(&ones), littleEndian(ones[:]))
}

func littleEndian(encoded []byte) *big.Int {
	reversed := make([]byte, len(encoded))
	for i, b := range encoded {
		reversed[len(encoded)-1-i] = b
	}
	return new(big.Int).SetBytes(reversed)
}

func TestConstantsOfScalarArithmetic(t *testing.T) {
	order := new(big.Int).Lsh(big.NewInt(1), 252)
	order.Add(order, bigDecimal(t, "27742317777372353535851937790883648493"))
	if Order().Cmp(order) != 0 {
		t.Errorf("order %v, want %v", Order(), order)
	}
	if !order.ProbablyPrime(20) {
		t.Error("the order is not prime")
	}
	var orderLow uint64 = order0
	if negated := uint64(orderInverse); negated*orderLow != ^uint64(0) {
		t.Errorf("orderInverse times l is %x modulo 2^64, want -1", negated*orderLow)
	}
	sameScalar(t, "one", &Scalar{limb: montgomeryOne}, big.NewInt(1))
	sameScalar(t, "2^256", &Scalar{limb: montgomerySquare}, new(big.Int).Lsh(big.NewInt(1), 256))
}

func bigDecimal(t *testing.T, text string) *big.Int {
	t.Helper()
	v, ok := new(big.Int).SetString(text, 10)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return v
}

func TestNonCanonicalScalarsAreRefused(t *testing.T) {
	encode := func(v *big.Int) []byte {
		big := v.FillBytes(make([]byte, 32))
		for i := range 16 {
			big[i], big[31-i] = big[31-i], big[i]
		}
		return big
	}
	last := new(big.Int).Sub(Order(), big.NewInt(1))
	if s, err := DecodeScalar(encode(last)); err != nil || s.Signed().Int64() != -1 {
		t.Errorf("l-1 is %v, %v; want -1", s, err)
	}
	ones := make([]byte, 32)
	for i := range ones {
		ones[i] = 0xff
	}
	for name, encoded := range map[string][]byte{
		"l": encode(Order()), "l+1": encode(new(big.Int).Add(Order(), big.NewInt(1))),
		"2^256-1": ones, "empty": {}, "31 bytes": make([]byte, 31), "33 bytes": make([]byte, 33),
	} {
		if _, err := DecodeScalar(encoded); !errors.Is(err, ErrScalar) {
			t.Errorf("%s: error %v, want ErrScalar", name, err)
		}
	}
}

func TestSignedIsTheIntegerOfLeastAbsoluteValue(t *testing.T) {
	half := new(big.Int).Rsh(Order(), 1) // (l-1)/2
	for _, v := range []*big.Int{big.NewInt(0), big.NewInt(-1), big.NewInt(1 << 40), half, new(big.Int).Neg(half)} {
		if got := NewScalarBig(v).Signed(); got.Cmp(v) != 0 {
			t.Errorf("%v comes back as %v", v, got)
		}
	}
	for _, v := range []int64{0, 1, -1, 1<<63 - 1, -1 << 63} {
		if got := NewScalarInt64(v).Signed(); !got.IsInt64() || got.Int64() != v {
			t.Errorf("%d comes back as %v", v, got)
		}
	}
}

// Every one of the 252 bits is drawn: after 200 scalars each was once 0 and 1,
// but for a chance of 2^-190.
func TestRandomScalarsUseAllBits(t *testing.T) {
	scalars := make([]Scalar, 200)
	FillRandom(scalars)
	var ones, zeros [4]uint64
	for _, s := range scalars {
		if _, borrow := subtractOrder(&s.limb); borrow == 0 {
			t.Fatalf("limbs %x are not reduced", s.limb)
		}
		for i, limb := range s.limb {
			ones[i] |= limb
			zeros[i] |= ^limb
		}
	}
	all := [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), order3 - 1}
	if ones != all {
		t.Errorf("bits that were ever one: %x, want %x", ones, all)
	}
	if zeros != [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)} {
		t.Errorf("bits that were ever zero: %x, want all", zeros)
	}
}

func TestInvertAllInvertsEach(t *testing.T) {
	for _, size := range []int{0, 1, 2, 50} {
		scalars := make([]Scalar, size)
		for i := range scalars {
			scalars[i] = *RandomScalar()
		}
		inverses := append([]Scalar(nil), scalars...)
		InvertAll(inverses)
		for i := range scalars {
			if product := new(Scalar).Mul(&scalars[i], &inverses[i]); !product.Equal(NewScalar(1)) {
				t.Errorf("scalar %d of %d: times its inverse is %v", i, size, product.Signed())
			}
		}
	}
}

func FuzzDecodeScalar(f *testing.F) {
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		s, err := DecodeScalar(encoded)
		canonical := len(encoded) == 32 && littleEndian(encoded).Cmp(Order()) < 0
		if (err == nil) != canonical {
			t.Fatalf("%x: error %v, canonical %v", encoded, err, canonical)
		}
		if err == nil && s.Bytes() != [32]byte(encoded) {
			t.Fatalf("%x encodes as %x", encoded, s.Bytes())
		}
	})
}

func BenchmarkScalarMul(b *testing.B) {
	x, y := RandomScalar(), RandomScalar()
	for b.Loop() {
		x.Mul(x, y)
	}
}

func BenchmarkScalarMulSmall(b *testing.B) {
	x := RandomScalar()
	for b.Loop() {
		x.MulSmall(x, 201)
	}
}

func BenchmarkCommit(b *testing.B) {
	x, y, p := RandomScalar(), RandomScalar(), new(Point)
	for b.Loop() {
		p.Commit(x, y).Bytes()
	}
}

// Stepping through forward differences gives the values that Horner gives.
func TestAdvanceAgreesWithHorner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		polynomial := make([]Scalar, rapid.IntRange(1, 9).Draw(t, "coefficients"))
		FillRandom(polynomial)
		if rapid.Bool().Draw(t, "extreme") { // sums at the edge of the order
			polynomial[0] = *NewScalarInt64(-1)
		}
		differences := make([]Scalar, len(polynomial))
		for i := range differences {
			differences[i].Horner(polynomial, uint32(i))
		}
		for k := 1; k < len(differences); k++ {
			for i := len(differences) - 1; i >= k; i-- {
				differences[i].Sub(&differences[i], &differences[i-1])
			}
		}
		for x := range uint32(30) {
			var want Scalar
			if want.Horner(polynomial, x); !differences[0].Equal(&want) {
				t.Fatalf("at %d: %v, want %v", x, differences[0].Signed(), want.Signed())
			}
			Advance(differences)
		}
	})
}
