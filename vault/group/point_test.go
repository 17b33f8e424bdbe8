package group

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/gtank/ristretto255"
	"pgregory.net/rapid"
)

// standardVectors are those of RFC 9496, appendix A.
type standardVectors struct {
	MultiplesOfBase   []string `json:"multiples_of_base"`
	BadEncodings      []string `json:"bad_encodings"`
	Labels            []string `json:"labels"`
	LabelsSHA512MapTo []string `json:"labels_sha512_map_to"`
	SamePointInputs   []string `json:"same_point_inputs"`
	SamePoint         string   `json:"same_point"`
}

func readStandardVectors(t *testing.T) standardVectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/rfc9496.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors standardVectors
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestMultiplesOfBaseAreThoseOfRFC9496(t *testing.T) {
	vectors := readStandardVectors(t)
	if len(vectors.MultiplesOfBase) != 16 {
		t.Fatalf("%d vectors, want 16", len(vectors.MultiplesOfBase))
	}
	sum := Identity()
	for i, want := range vectors.MultiplesOfBase {
		product := new(Point).MulBase(NewScalar(uint64(i)))
		for name, p := range map[string]*Point{"sum": sum, "product": product} {
			if got := p.Bytes(); hex.EncodeToString(got[:]) != want {
				t.Errorf("%d G as %s: %x, want %s", i, name, got, want)
			}
		}
		decoded, err := DecodePoint(fromHex(t, want))
		if err != nil || !decoded.Equal(sum) {
			t.Errorf("decoding %d G: %v", i, err)
		}
		sum.Add(sum, Base())
	}
}

func TestBadEncodingsOfRFC9496AreRefused(t *testing.T) {
	vectors := readStandardVectors(t)
	if len(vectors.BadEncodings) < 29 {
		t.Fatalf("%d vectors, want at least 29", len(vectors.BadEncodings))
	}
	for _, encoding := range vectors.BadEncodings {
		if _, err := DecodePoint(fromHex(t, encoding)); !errors.Is(err, ErrPoint) {
			t.Errorf("%s: error %v, want ErrPoint", encoding, err)
		}
	}
	for _, length := range []int{0, 31, 33, 64} {
		if _, err := DecodePoint(make([]byte, length)); !errors.Is(err, ErrPoint) {
			t.Errorf("%d bytes: error %v, want ErrPoint", length, err)
		}
	}
}

func TestHashToPointIsThatOfRFC9496(t *testing.T) {
	vectors := readStandardVectors(t)
	for i, label := range vectors.Labels {
		digest := sha512.Sum512([]byte(label))
		if got := HashToPoint(&digest).Bytes(); hex.EncodeToString(got[:]) != vectors.LabelsSHA512MapTo[i] {
			t.Errorf("%q: %x, want %s", label, got, vectors.LabelsSHA512MapTo[i])
		}
	}
	for _, input := range vectors.SamePointInputs {
		uniform := [64]byte(fromHex(t, input))
		if got := HashToPoint(&uniform).Bytes(); hex.EncodeToString(got[:]) != vectors.SamePoint {
			t.Errorf("%s: %x, want %s", input, got, vectors.SamePoint)
		}
	}
}

// The generator that dalek's PedersenGens documents.
func TestBlinderIsThatOfDalek(t *testing.T) {
	const want = "8c9240b456a9e6dc65c377a1048d745f94a08cdb7f44cbcd7b46f34048871134"
	if got := Blinder().Bytes(); hex.EncodeToString(got[:]) != want {
		t.Errorf("H is %x, want %s", got, want)
	}
}

// oracle converts to the second library.
func oraclePoint(t fataler, p *Point) *ristretto255.Element {
	encoded := p.Bytes()
	element, err := ristretto255.NewIdentityElement().SetCanonicalBytes(encoded[:])
	if err != nil {
		t.Fatalf("the second library refuses %x: %v", encoded, err)
	}
	return element
}

type fataler interface {
	Fatalf(format string, arguments ...any)
}

func samePoint(t fataler, what string, got *Point, want *ristretto255.Element) {
	encoded := got.Bytes()
	if !bytes.Equal(encoded[:], want.Bytes()) {
		t.Fatalf("%s: %x, the second library says %x", what, encoded, want.Bytes())
	}
}

// Every operation agrees with a second library on random points and scalars.
func TestPointsAgreeWithSecondLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawScalar(t, "a"), drawScalar(t, "b")
		uniform := [64]byte(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "uniform"))
		p := HashToPoint(&uniform)
		q := new(Point).Mul(a, p)
		op, oq, oh := oraclePoint(t, p), oraclePoint(t, q), oraclePoint(t, Blinder())
		oa, ob := oracleScalar(t, a), oracleScalar(t, b)

		samePoint(t, "hash", p, mustUniform(t, uniform[:]))
		samePoint(t, "mul", q, ristretto255.NewIdentityElement().ScalarMult(oa, op))
		samePoint(t, "add", new(Point).Add(p, q), ristretto255.NewIdentityElement().Add(op, oq))
		samePoint(t, "sub", new(Point).Sub(p, q), ristretto255.NewIdentityElement().Subtract(op, oq))
		samePoint(t, "neg", new(Point).Neg(p), ristretto255.NewIdentityElement().Negate(op))
		samePoint(t, "base", new(Point).MulBase(a), ristretto255.NewIdentityElement().ScalarBaseMult(oa))
		samePoint(t, "blinder", new(Point).MulBlinder(b), ristretto255.NewIdentityElement().ScalarMult(ob, oh))
		commitment := ristretto255.NewIdentityElement().ScalarBaseMult(oa)
		commitment.Add(commitment, ristretto255.NewIdentityElement().ScalarMult(ob, oh))
		samePoint(t, "commit", new(Point).Commit(a, b), commitment)
	})
}

func TestSelectTakesTheNamedOperand(t *testing.T) {
	x, y := RandomScalar(), RandomScalar()
	if s := new(Scalar).Select(x, y, 0); !s.Equal(x) {
		t.Error("bit 0 does not give the first scalar")
	}
	if s := new(Scalar).Select(x, y, 1); !s.Equal(y) {
		t.Error("bit 1 does not give the second scalar")
	}
	a, b := Base(), Blinder()
	if p := Identity().Select(a, b, 0); !p.Equal(a) {
		t.Error("bit 0 does not give the first point")
	}
	if p := Identity().Select(a, b, 1); !p.Equal(b) {
		t.Error("bit 1 does not give the second point")
	}
}

func mustUniform(t fataler, uniform []byte) *ristretto255.Element {
	element, err := ristretto255.NewIdentityElement().SetUniformBytes(uniform)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return element
}

// The table-driven combination agrees with a second library from one point to
// the sizes at which the algorithm changes (190 points).
func TestCombinationAgreesWithSecondLibrary(t *testing.T) {
	for _, size := range []int{0, 1, 2, 74, 189, 190, 191, 250} {
		scalars, points := make([]Scalar, size), make([]*Point, size)
		sum := ristretto255.NewIdentityElement()
		for i := range scalars {
			scalars[i] = *RandomScalar()
			points[i] = new(Point).MulBase(RandomScalar())
			term := ristretto255.NewIdentityElement().ScalarMult(oracleScalar(t, &scalars[i]), oraclePoint(t, points[i]))
			sum.Add(sum, term)
		}
		samePoint(t, "combination", new(Point).CombineVartime(scalars, points), sum)
		samePoint(t, "combination in constant time", new(Point).Combine(scalars, points), sum)
	}
}

func FuzzDecodePoint(f *testing.F) {
	base := Base().Bytes()
	f.Add(base[:])
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		p, err := DecodePoint(encoded)
		_, oracleErr := ristretto255.NewIdentityElement().SetCanonicalBytes(encoded)
		if (err == nil) != (oracleErr == nil) {
			t.Fatalf("%x: %v, the second library says %v", encoded, err, oracleErr)
		}
		if err != nil {
			return
		}
		if again := p.Bytes(); !bytes.Equal(again[:], encoded) {
			t.Fatalf("%x decodes to a point that encodes as %x", encoded, again)
		}
	})
}
