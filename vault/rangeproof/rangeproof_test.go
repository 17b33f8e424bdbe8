package rangeproof

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// committed returns a statement about the values with fresh blindings.
func committed(bits int, values ...uint64) (*Statement, []group.Scalar) {
	s := &Statement{Label: "test", Context: []byte("here"), Bits: bits}
	blindings := make([]group.Scalar, len(values))
	group.FillRandom(blindings)
	for j, value := range values {
		s.Commitments = append(s.Commitments, new(group.Point).Commit(group.NewScalar(value), &blindings[j]))
	}
	return s, blindings
}

func proven(t testing.TB, bits int, values ...uint64) (*Statement, []byte) {
	t.Helper()
	s, blindings := committed(bits, values...)
	proof, err := Prove(s, values, blindings)
	if err != nil {
		t.Fatal(err)
	}
	return s, proof
}

func TestValuesInRangeAreProven(t *testing.T) {
	for _, bits := range []int{8, 16, 32, 64} {
		last := uint64(math.MaxUint64) >> (64 - bits)
		for _, values := range [][]uint64{{0}, {last}, {0, last}, {1, 2, 3}, {last, last, last, last, 7}} {
			s, proof := proven(t, bits, values...)
			if err := Verify(s, proof); err != nil {
				t.Errorf("%d bits, %v: %v", bits, values, err)
			}
			if len(proof) != Size(len(values), bits) {
				t.Errorf("%d bits, %d values: %d bytes, Size says %d", bits, len(values), len(proof), Size(len(values), bits))
			}
		}
	}
	if got := Size(24, 32); got != 928 {
		t.Errorf("24 values of 32 bits take %d bytes, want 928", got)
	}
}

// The prover is bypassed: the bits of a value that is out of range are cut to
// the range, and the proof made of them must not hold.
func TestNoProofForValuesOutOfRange(t *testing.T) {
	for _, value := range []*group.Scalar{
		group.NewScalar(256), group.NewScalar(1 << 40), group.NewScalarInt64(-1), group.RandomScalar(),
	} {
		s, blindings := committed(8, 3)
		s.Commitments[0].Commit(value, &blindings[0])
		encoded := value.Bytes()
		w := newWitness(s, []uint64{uint64(encoded[0])}, blindings)
		proof := w.prove(w.commitBits())
		if err := Verify(s, proof); !errors.Is(err, ErrProof) {
			t.Errorf("value %v: %v, want ErrProof", value.Signed(), err)
		}
	}
}

// "Bits" that are not bits but add up to the value must not pass either, with
// everything else as an honest prover does it.
func TestNoProofWithDigitsInPlaceOfBits(t *testing.T) {
	s, blindings := committed(8, 300)
	w := newWitness(s, []uint64{44}, blindings)
	w.left[7] = *group.NewScalar(2) // 44 + 2 x 128 = 300
	scalars, generators := []group.Scalar{w.aBlinding}, []*group.Point{group.Blinder()}
	for i := range w.left {
		less := new(group.Scalar).Sub(&w.left[i], group.NewScalar(1))
		scalars, generators = append(scalars, w.left[i], *less), append(generators, w.g[i], w.h[i])
	}
	proof := w.prove(new(group.Point).Combine(scalars, generators))
	if err := Verify(s, proof); !errors.Is(err, ErrProof) {
		t.Errorf("a digit of two passed for a bit: %v", err)
	}
}

// The same route with true bits does give a proof, so the tests above fail for
// the reason that they name.
func TestBypassedProverIsComplete(t *testing.T) {
	s, blindings := committed(8, 44)
	w := newWitness(s, []uint64{44}, blindings)
	if err := Verify(s, w.prove(w.commitBits())); err != nil {
		t.Error(err)
	}
}

func TestProverRefusesWhatItCannotProve(t *testing.T) {
	s, blindings := committed(8, 3, 4)
	if _, err := Prove(s, []uint64{3, 256}, blindings); err == nil {
		t.Error("a value out of range was proven")
	}
	if _, err := Prove(s, []uint64{3, 5}, blindings); err == nil {
		t.Error("another value than the committed one was proven")
	}
	if _, err := Prove(s, []uint64{3}, blindings); err == nil {
		t.Error("one value for two commitments was proven")
	}
	if _, err := Prove(s, []uint64{3, 4}, blindings[:1]); err == nil {
		t.Error("one blinding for two commitments was enough")
	}
	for _, bits := range []int{0, 1, 31, 128, -8} {
		bad := &Statement{Bits: bits, Commitments: s.Commitments}
		if _, err := Prove(bad, []uint64{0, 0}, blindings); err == nil {
			t.Errorf("%d bits were proven", bits)
		}
		if err := Verify(bad, nil); err == nil {
			t.Errorf("%d bits were verified", bits)
		}
	}
	if err := Verify(&Statement{Bits: 8}, nil); err == nil {
		t.Error("a statement about nothing was verified")
	}
}

func TestEveryFlippedBitOfAProofIsFound(t *testing.T) {
	s, proof := proven(t, 8, 200)
	for position := range proof {
		for bit := range 8 {
			flipped := append([]byte(nil), proof...)
			flipped[position] ^= 1 << bit
			if err := Verify(s, flipped); !errors.Is(err, ErrProof) {
				t.Errorf("byte %d, bit %d: %v, want ErrProof", position, bit, err)
			}
		}
	}
	for length := range len(proof) + 33 {
		if err := Verify(s, append(proof[:len(proof):len(proof)], make([]byte, 33)...)[:length]); (err == nil) != (length == len(proof)) {
			t.Errorf("%d of %d bytes: %v", length, len(proof), err)
		}
	}
}

func TestAProofHoldsForItsStatementOnly(t *testing.T) {
	s, proof := proven(t, 8, 5, 6, 7)
	other, _ := committed(8, 5)
	for name, change := range map[string]func(*Statement){
		"label":          func(s *Statement) { s.Label = "another" },
		"context":        func(s *Statement) { s.Context = []byte("there") },
		"no context":     func(s *Statement) { s.Context = nil },
		"wider":          func(s *Statement) { s.Bits = 16 },
		"order":          func(s *Statement) { s.Commitments[0], s.Commitments[1] = s.Commitments[1], s.Commitments[0] },
		"one less":       func(s *Statement) { s.Commitments = s.Commitments[:2] },
		"another value":  func(s *Statement) { s.Commitments[2] = other.Commitments[0] },
		"sum plus minus": func(s *Statement) { s.Commitments[0] = new(group.Point).Add(s.Commitments[0], group.Base()) },
	} {
		changed := *s
		changed.Commitments = append([]*group.Point(nil), s.Commitments...)
		change(&changed)
		if err := Verify(&changed, proof); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v, want ErrProof", name, err)
		}
	}
	if err := Verify(s, proof); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

// Proofs of different sizes hold together exactly if each holds alone.
func TestManyProofsHoldTogetherExactlyIfEachHolds(t *testing.T) {
	var statements []*Statement
	var proofs [][]byte
	for _, shape := range []struct {
		bits   int
		values []uint64
	}{{8, []uint64{1}}, {8, []uint64{255, 0, 3}}, {16, []uint64{9, 65535}}, {32, []uint64{1 << 31}}, {8, []uint64{4, 4}}} {
		s, proof := proven(t, shape.bits, shape.values...)
		statements, proofs = append(statements, s), append(proofs, proof)
	}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "order")[:rapid.IntRange(0, 5).Draw(t, "count")]
		var chosen []*Statement
		var given [][]byte
		for _, k := range order {
			chosen, given = append(chosen, statements[k]), append(given, proofs[k])
		}
		if err := VerifyAll(chosen, given); err != nil {
			t.Fatalf("proofs %v: %v", order, err)
		}
		if len(order) == 0 {
			return
		}
		bad := rapid.IntRange(0, len(order)-1).Draw(t, "bad")
		changed := *chosen[bad]
		changed.Context = []byte("elsewhere")
		chosen[bad] = &changed
		if err := VerifyAll(chosen, given); !errors.Is(err, ErrProof) {
			t.Fatalf("proofs %v with number %d false: %v, want ErrProof", order, bad, err)
		}
	})
	if err := VerifyAll(statements, proofs[:2]); err == nil {
		t.Error("two proofs for five statements passed")
	}
}

// golden is one proof of ours, to see that later versions go on accepting it.
type golden struct {
	Label       string   `json:"label"`
	Context     string   `json:"context"`
	Bits        int      `json:"bits"`
	Values      []uint64 `json:"values"`
	Commitments []string `json:"commitments"`
	Proof       string   `json:"proof"`
}

func TestPublishedProofHolds(t *testing.T) {
	const file = "testdata/proof.json"
	if *update {
		writeGolden(t, file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	s := &Statement{Label: g.Label, Context: []byte(g.Context), Bits: g.Bits, Commitments: points(t, g.Commitments)}
	if err := Verify(s, fromHex(t, g.Proof)); err != nil {
		t.Error(err)
	}
}

func writeGolden(t *testing.T, file string) {
	values := []uint64{0, 400_000, math.MaxUint32}
	s, proof := proven(t, 32, values...)
	g := golden{Label: s.Label, Context: string(s.Context), Bits: s.Bits, Values: values, Proof: hex.EncodeToString(proof)}
	for _, commitment := range s.Commitments {
		encoded := commitment.Bytes()
		g.Commitments = append(g.Commitments, hex.EncodeToString(encoded[:]))
	}
	raw, err := json.MarshalIndent(g, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(raw, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func points(t *testing.T, encoded []string) (out []*group.Point) {
	t.Helper()
	for _, text := range encoded {
		p, err := group.DecodePoint(fromHex(t, text))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The sixteen proofs that dalek's library publishes for its own later versions:
// 8 to 64 bits, 1 to 8 values. A proof with one bit flipped, or for the other
// half of the commitments, does not hold, so the sixteen do not hold by chance.
func TestProofsOfDalekHold(t *testing.T) {
	raw, err := os.ReadFile("testdata/dalek.json")
	if err != nil {
		t.Fatal(err)
	}
	var published struct {
		Label       string   `json:"label"`
		Commitments []string `json:"commitments"`
		Proofs      []struct {
			Bits   int    `json:"bits"`
			Values int    `json:"values"`
			Proof  string `json:"proof"`
		} `json:"proofs"`
	}
	if err := json.Unmarshal(raw, &published); err != nil {
		t.Fatal(err)
	}
	if len(published.Proofs) != 16 {
		t.Fatalf("%d proofs, want 16", len(published.Proofs))
	}
	commitments := points(t, published.Commitments)
	for _, p := range published.Proofs {
		s := &Statement{Label: published.Label, Bits: p.Bits, Commitments: commitments[:p.Values]}
		proof := fromHex(t, p.Proof)
		if err := Verify(s, proof); err != nil {
			t.Errorf("%d bits, %d values: %v", p.Bits, p.Values, err)
		}
		proof[len(proof)/2] ^= 1
		if err := Verify(s, proof); !errors.Is(err, ErrProof) {
			t.Errorf("%d bits, %d values, one bit flipped: %v, want ErrProof", p.Bits, p.Values, err)
		}
		proof[len(proof)/2] ^= 1
		s.Commitments = commitments[len(commitments)-p.Values:]
		if err := Verify(s, proof); p.Values < len(commitments) && !errors.Is(err, ErrProof) {
			t.Errorf("%d bits, %d other values: %v, want ErrProof", p.Bits, p.Values, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	s, proof := proven(f, 8, 1, 2)
	f.Add(proof)
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if Verify(s, encoded) == nil && string(encoded) != string(proof) {
			t.Fatalf("another proof passes: %x", encoded)
		}
	})
}

func benchmarkStatement(b *testing.B, count int) (*Statement, []uint64, []group.Scalar) {
	values := make([]uint64, count)
	for j := range values {
		values[j] = uint64(j) * 1000
	}
	s, blindings := committed(32, values...)
	return s, values, blindings
}

func BenchmarkProve24Values(b *testing.B) {
	s, values, blindings := benchmarkStatement(b, 24)
	for b.Loop() {
		if _, err := Prove(s, values, blindings); err != nil {
			b.Fatal(err)
		}
	}
}

// Verification in batches, as of one park or of three hundred before a gate.
func BenchmarkVerify24Values(b *testing.B) {
	s, values, blindings := benchmarkStatement(b, 24)
	proof, err := Prove(s, values, blindings)
	if err != nil {
		b.Fatal(err)
	}
	for _, count := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("batch-of-%d", count), func(b *testing.B) {
			statements, proofs := make([]*Statement, count), make([][]byte, count)
			for k := range statements {
				statements[k], proofs[k] = s, proof
			}
			for b.Loop() {
				if err := VerifyAll(statements, proofs); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "us/proof")
		})
	}
}
