package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/gtank/ristretto255"
)

// The published deal, read here from docs/protocol.md with the standard
// library and a second group library and nothing of this package: every share
// satisfies equation (E), any two interpolate to the values.
func TestSecondLibraryReadsThePublishedDeal(t *testing.T) {
	v := readVectors(t)
	deal := bytesOf(t, v.Deal)
	periods, members := len(v.Values), len(v.Private)
	// format, chain, epoch, dealer, series, version, day, periods, threshold,
	// members, nonce, counter
	headerEnd := 1 + 1 + len(v.Chain) + 4 + 1 + len(v.Dealer) + 1 + len("forecast/load") + 4 + 4 + 2 + 1 + 1 + 16 + 8
	label := "sesame-deal/1"
	context := sha256.Sum256(append(append([]byte{byte(len(label))}, label...), deal[1:headerEnd]...))
	if !bytes.Equal(context[:], bytesOf(t, v.Context)) {
		t.Fatalf("context %x, want %s", context, v.Context)
	}
	commitments := deal[headerEnd : headerEnd+32*periods*v.Threshold]
	keyHashes := deal[headerEnd+len(commitments):][:32*members]
	boxes := deal[headerEnd+len(commitments)+len(keyHashes):]

	var values [][]*ristretto255.Scalar
	for i := range members {
		key := oracleExpand(t, bytesOf(t, v.Channels[i].DayKey), "vec"+string(context[:]))
		hash := sha256.Sum256(append(append([]byte("kc"), context[:]...), key...))
		if !bytes.Equal(hash[:], keyHashes[32*i:32*i+32]) {
			t.Errorf("member %d: key hash %x, want %x", i+1, hash, keyHashes[32*i:32*i+32])
		}
		var f, g []*ristretto255.Scalar
		f, g, boxes = oracleShare(t, key, context, i+1, periods, v.Threshold, boxes)
		values = append(values, f)
		for j := range periods {
			oracleEquation(t, i+1, f[j], g[j], commitments[32*v.Threshold*j:][:32*v.Threshold])
		}
	}
	if len(boxes) != 0 {
		t.Errorf("after the boxes come %x, want nothing", boxes)
	}
	for j, value := range v.Values { // lines through members a and b: (b f(a) - a f(b)) / (b - a)
		for _, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
			a, b := oracleInt(uint64(pair[0]+1)), oracleInt(uint64(pair[1]+1))
			left := ristretto255.NewScalar().Multiply(b, values[pair[0]][j])
			right := ristretto255.NewScalar().Multiply(a, values[pair[1]][j])
			width := ristretto255.NewScalar().Invert(ristretto255.NewScalar().Subtract(b, a))
			got := ristretto255.NewScalar().Multiply(ristretto255.NewScalar().Subtract(left, right), width)
			if got.Equal(oracleInt(value)) != 1 {
				t.Errorf("period %d from members %v: %x, want %d", j, pair, got.Bytes(), value)
			}
		}
	}
}

func oracleInt(v uint64) *ristretto255.Scalar {
	encoded := make([]byte, 32)
	binary.LittleEndian.PutUint64(encoded, v)
	s, err := ristretto255.NewScalar().SetCanonicalBytes(encoded)
	if err != nil {
		panic(err)
	}
	return s
}

func oracleExpand(t *testing.T, key []byte, info string) []byte {
	out, err := hkdf.Expand(sha256.New, key, info, 32)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// oracleShare takes one member's share and returns the boxes that are left.
func oracleShare(t *testing.T, key []byte, context [32]byte, member, periods, threshold int, boxes []byte) (f, g []*ristretto255.Scalar, rest []byte) {
	stream := make([]byte, 64*periods)
	block, err := aes.NewCipher(oracleExpand(t, key, "share"))
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCTR(block, make([]byte, 16)).XORKeyStream(stream, stream)
	for j := 31; j < len(stream); j += 32 {
		stream[j] &= 0x0f
	}
	explicit := []byte{}
	if member >= threshold {
		size := 32*periods + 16
		if member > threshold {
			size = 64*periods + 16
		}
		block, err := aes.NewCipher(oracleExpand(t, key, "box"))
		if err != nil {
			t.Fatal(err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		explicit, err = aead.Open(nil, make([]byte, 12), boxes[:size], append(context[:], byte(member)))
		if err != nil {
			t.Fatalf("member %d: %v", member, err)
		}
		boxes = boxes[size:]
	}
	copy(stream, explicit)
	for j := range 2 * periods {
		s, err := ristretto255.NewScalar().SetCanonicalBytes(stream[32*j : 32*j+32])
		if err != nil {
			t.Fatalf("member %d: scalar %d: %v", member, j, err)
		}
		if j < periods {
			f = append(f, s)
		} else {
			g = append(g, s)
		}
	}
	return f, g, boxes
}

// oracleEquation tests sum_c x^c C_c == s G + tau H.
func oracleEquation(t *testing.T, x int, s, tau *ristretto255.Scalar, commitments []byte) {
	blinder, err := ristretto255.NewIdentityElement().SetCanonicalBytes(bytesOf(t, "8c9240b456a9e6dc65c377a1048d745f94a08cdb7f44cbcd7b46f34048871134"))
	if err != nil {
		t.Fatal(err)
	}
	left, power := ristretto255.NewIdentityElement(), oracleInt(1)
	for c := 0; c < len(commitments); c += 32 {
		point, err := ristretto255.NewIdentityElement().SetCanonicalBytes(commitments[c : c+32])
		if err != nil {
			t.Fatal(err)
		}
		left.Add(left, ristretto255.NewIdentityElement().ScalarMult(power, point))
		power = ristretto255.NewScalar().Multiply(power, oracleInt(uint64(x)))
	}
	right := ristretto255.NewIdentityElement().ScalarBaseMult(s)
	right.Add(right, ristretto255.NewIdentityElement().ScalarMult(tau, blinder))
	if left.Equal(right) != 1 {
		t.Errorf("member %d: equation (E) does not hold", x)
	}
}
