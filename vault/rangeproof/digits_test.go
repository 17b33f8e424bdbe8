package rangeproof

import (
	"errors"
	"math"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
	"pgregory.net/rapid"
)

// valueOf is what bits stand for under a bound.
func valueOf(digits, most uint64) (value uint64) {
	top, unit := topDigit(most)
	return digits&(1<<top-1) + (digits>>top&1)*unit
}

// Whatever bits are chosen, they stand for a value within the bound, and each
// value within it has bits.
func TestDigitsReachExactlyTheBound(t *testing.T) {
	for most := range uint64(300) {
		for digits := range uint64(1024) {
			if value := valueOf(digits, most); value > most {
				t.Fatalf("bound %d: digits %b stand for %d", most, digits, value)
			}
		}
		for value := range most + 1 {
			if digits := digitsOf(value, most); valueOf(digits, most) != value {
				t.Fatalf("bound %d: digits %b for %d stand for %d", most, digits, value, valueOf(digits, most))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.Uint64().Draw(t, "most")
		value := rapid.Uint64Range(0, most).Draw(t, "value")
		if digits := digitsOf(value, most); valueOf(digits, most) != value {
			t.Fatalf("digits %b", digits)
		}
	})
}

// The weights of the digits are what dalek's are where the bound is 2^n - 1.
func TestFullRangeHasPowersOfTwo(t *testing.T) {
	weights := rangeWeights(group.NewScalar(1), []uint64{255, math.MaxUint32}, 32)
	for k := range 32 {
		if k < 8 != weights[k].Equal(group.NewScalar(1<<k)) || !weights[32+k].Equal(group.NewScalar(1<<k)) {
			t.Errorf("weights of bit %d are %v and %v", k, weights[k].Signed(), weights[32+k].Signed())
		}
	}
}

func bounded(values, most []uint64) (*Statement, []group.Scalar) {
	s, blindings := committed(32, values...)
	s.Most = most
	return s, blindings
}

func TestValuesWithinBoundsAreProven(t *testing.T) {
	values, most := []uint64{0, 400_000, 7, 0, 1 << 20, 12}, []uint64{400_000, 400_000, 7, 0, math.MaxUint32, 1000}
	s, blindings := bounded(values, most)
	proof, err := Prove(s, values, blindings)
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(s, proof); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Statement){
		"lower bound":      func(s *Statement) { s.Most[5] = 999 },
		"higher bound":     func(s *Statement) { s.Most[5] = 1001 },
		"no bounds":        func(s *Statement) { s.Most = nil },
		"bounds exchanged": func(s *Statement) { s.Most[2], s.Most[3] = s.Most[3], s.Most[2] },
	} {
		changed := *s
		changed.Most = append([]uint64(nil), most...)
		change(&changed)
		if err := Verify(&changed, proof); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v, want ErrProof", name, err)
		}
	}
}

// The prover refuses a value beyond its bound; one that does not check gets
// nowhere with any bits.
func TestNoProofBeyondTheBound(t *testing.T) {
	s, blindings := bounded([]uint64{1001}, []uint64{1000})
	if _, err := Prove(s, []uint64{1001}, blindings); err == nil {
		t.Error("the prover did not refuse")
	}
	for _, pretended := range []uint64{0, 1, 489, 1000} {
		w := newWitness(s, []uint64{pretended}, blindings)
		if err := Verify(s, w.prove(w.commitBits())); !errors.Is(err, ErrProof) {
			t.Errorf("1001 pretended to be %d: %v, want ErrProof", pretended, err)
		}
	}
	w := newWitness(s, []uint64{1001 - 489}, blindings) // bit 9 stands for 489 here; give it twice
	w.left[9] = *group.NewScalar(2)
	if err := Verify(s, w.prove(w.commitBits())); !errors.Is(err, ErrProof) {
		t.Errorf("a digit of two: %v, want ErrProof", err)
	}
	for name, most := range map[string][]uint64{"too few": {}, "too many": {1, 2}, "beyond the bits": {1 << 32}} {
		bad := &Statement{Bits: 32, Commitments: s.Commitments, Most: most}
		if _, err := Prove(bad, []uint64{0}, blindings); err == nil {
			t.Errorf("%s: proven", name)
		}
		if err := Verify(bad, make([]byte, Size(1, 32))); err == nil || errors.Is(err, ErrProof) {
			t.Errorf("%s: %v, want the statement refused", name, err)
		}
	}
}
