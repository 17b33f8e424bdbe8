package zeroproof

import (
	"errors"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
	"pgregory.net/rapid"
)

// secret is a statement with all that the prover knows.
type secret struct {
	statement                     *Statement
	left, right                   []uint64
	leftBlindings, rightBlindings []group.Scalar
}

func committed(left, right []uint64) *secret {
	c := &secret{statement: &Statement{Context: []byte("here")}, left: left, right: right}
	c.leftBlindings, c.rightBlindings = make([]group.Scalar, len(left)), make([]group.Scalar, len(right))
	group.FillRandom(c.leftBlindings)
	group.FillRandom(c.rightBlindings)
	for j := range left {
		c.statement.Left = append(c.statement.Left, new(group.Point).Commit(group.NewScalar(left[j]), &c.leftBlindings[j]))
		c.statement.Right = append(c.statement.Right, new(group.Point).Commit(group.NewScalar(right[j]), &c.rightBlindings[j]))
	}
	return c
}

func (c *secret) prove() ([]byte, error) {
	return Prove(c.statement, c.left, c.right, c.leftBlindings, c.rightBlindings)
}

func TestPairsWithAZeroAreProven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var left, right []uint64
		for range rapid.IntRange(1, 5).Draw(t, "pairs") {
			value := rapid.Uint64().Draw(t, "value")
			if rapid.Bool().Draw(t, "left") {
				left, right = append(left, value), append(right, 0)
			} else {
				left, right = append(left, 0), append(right, value)
			}
		}
		c := committed(left, right)
		proof, err := c.prove()
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(c.statement, proof); err != nil {
			t.Fatalf("%v and %v: %v", left, right, err)
		}
		if len(proof) != Size(len(left)) {
			t.Fatalf("%d bytes, Size says %d", len(proof), Size(len(left)))
		}
	})
	if got := Size(24); got != 2336 {
		t.Errorf("24 pairs take %d bytes, want 2336", got)
	}
}

// The cheat that matters: the same amount on both sides leaves the net exchange
// as it was. The honest prover refuses; one that does not check gets nowhere,
// whichever side it pretends to be zero.
func TestAnAmountOnBothSidesIsNotProven(t *testing.T) {
	c := committed([]uint64{7, 1000}, []uint64{0, 1000})
	if proof, err := c.prove(); err == nil || proof != nil {
		t.Error("the prover did not refuse")
	}
	for _, side := range []int{0, 1} {
		s := c.statement
		pairs := []pair{
			newPair(1, s.Left[0], s.Right[0], &c.leftBlindings[0], &c.rightBlindings[0]),
			newPair(side, s.Left[1], s.Right[1], &c.leftBlindings[1], &c.rightBlindings[1]),
		}
		challenge := s.challenge([][2]*group.Point{pairs[0].first(), pairs[1].first()})
		proof := appendScalar(nil, &challenge)
		for j := range pairs {
			proof = pairs[j].appendAnswers(proof, &challenge)
		}
		if err := Verify(s, proof); !errors.Is(err, ErrProof) {
			t.Errorf("side %d pretended: %v, want ErrProof", side, err)
		}
	}
}

func TestEveryFlippedBitOfAProofIsFound(t *testing.T) {
	c := committed([]uint64{7}, []uint64{0})
	proof, err := c.prove()
	if err != nil {
		t.Fatal(err)
	}
	for position := range proof {
		for bit := range 8 {
			flipped := append([]byte(nil), proof...)
			flipped[position] ^= 1 << bit
			if err := Verify(c.statement, flipped); !errors.Is(err, ErrProof) {
				t.Errorf("byte %d, bit %d: %v, want ErrProof", position, bit, err)
			}
		}
	}
	for _, length := range []int{0, 31, 32, len(proof) - 1, len(proof) + 1} {
		if err := Verify(c.statement, append(proof[:len(proof):len(proof)], 0)[:length]); !errors.Is(err, ErrProof) {
			t.Errorf("%d of %d bytes: %v, want ErrProof", length, len(proof), err)
		}
	}
}

func TestAProofHoldsForItsStatementOnly(t *testing.T) {
	c := committed([]uint64{7, 0}, []uint64{0, 9})
	other := committed([]uint64{7}, []uint64{0})
	proof, err := c.prove()
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Statement){
		"context":         func(s *Statement) { s.Context = []byte("there") },
		"sides exchanged": func(s *Statement) { s.Left, s.Right = s.Right, s.Left },
		"pairs exchanged": func(s *Statement) {
			s.Left[0], s.Left[1] = s.Left[1], s.Left[0]
			s.Right[0], s.Right[1] = s.Right[1], s.Right[0]
		},
		"another left": func(s *Statement) { s.Left[0] = other.statement.Left[0] },
		"value added": func(s *Statement) {
			s.Left[0] = new(group.Point).Add(s.Left[0], group.Base())
			s.Right[0] = new(group.Point).Add(s.Right[0], group.Base())
		},
		"one pair": func(s *Statement) { s.Left, s.Right = s.Left[:1], s.Right[:1] },
	} {
		changed := &Statement{
			Context: c.statement.Context,
			Left:    append([]*group.Point(nil), c.statement.Left...),
			Right:   append([]*group.Point(nil), c.statement.Right...),
		}
		change(changed)
		if err := Verify(changed, proof); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v, want ErrProof", name, err)
		}
	}
	if err := Verify(c.statement, proof); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	for name, bad := range map[string]*Statement{"nothing": {}, "uneven": {Left: c.statement.Left, Right: c.statement.Right[:1]}} {
		if err := Verify(bad, proof); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
}

func TestProverRefusesOpeningsOfOtherCommitments(t *testing.T) {
	for name, change := range map[string]func(*secret){
		"another value":    func(c *secret) { c.left[0] = 8 },
		"another blinding": func(c *secret) { c.rightBlindings[0] = *group.RandomScalar() },
		"values missing":   func(c *secret) { c.left = nil },
		"blinding missing": func(c *secret) { c.leftBlindings = nil },
		"nothing":          func(c *secret) { c.statement = &Statement{} },
	} {
		c := committed([]uint64{7}, []uint64{0})
		change(c)
		if _, err := c.prove(); err == nil {
			t.Errorf("%s: a proof came out", name)
		}
	}
}

// Both branches of a proof are equally plausible: for a proof made with the
// left side zero, the verifier's view (challenges and answers) is that of one
// made with the right side zero, each number uniform.
func TestProofsOfEitherSideUseAllBits(t *testing.T) {
	for _, side := range [][2]uint64{{0, 5}, {5, 0}} {
		var ones, zeros [128]byte
		for range 64 {
			c := committed(side[:1], side[1:])
			proof, err := c.prove()
			if err != nil {
				t.Fatal(err)
			}
			for i, b := range proof {
				ones[i] |= b
				zeros[i] |= ^b
			}
		}
		for i := range ones {
			want := byte(0xff)
			if i%32 == 31 {
				want = 0x0f
			}
			if ones[i]&want != want || zeros[i]&want != want {
				t.Errorf("side %v: byte %d never had some bit at 0 or at 1", side, i)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	c := committed([]uint64{7}, []uint64{0})
	proof, err := c.prove()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(proof)
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if Verify(c.statement, encoded) == nil && string(encoded) != string(proof) {
			t.Fatalf("another proof passes: %x", encoded)
		}
	})
}

func benchmarkPairs() *secret {
	left, right := make([]uint64, 24), make([]uint64, 24)
	for j := range left {
		if j%2 == 0 {
			left[j] = uint64(j)
		} else {
			right[j] = uint64(j)
		}
	}
	return committed(left, right)
}

func BenchmarkProve24Pairs(b *testing.B) {
	c := benchmarkPairs()
	for b.Loop() {
		if _, err := c.prove(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify24Pairs(b *testing.B) {
	c := benchmarkPairs()
	proof, err := c.prove()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := Verify(c.statement, proof); err != nil {
			b.Fatal(err)
		}
	}
}
