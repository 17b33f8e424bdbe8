package rangeproof

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/oasisprotocol/curve25519-voi/primitives/merlin"
	"github.com/sesame-energy/sesame/vault/group"
)

const (
	maxBits   = 64
	maxValues = 256 // so that a proof has at most 2^14 bits
)

// Statement is what is proven: each commitment is to a value of 0..2^Bits-1.
type Statement struct {
	// Label names the protocol that the proof is made for.
	Label string
	// Context binds the proof to its place, so that it cannot be moved; empty
	// for none.
	Context []byte
	// Bits is 8, 16, 32 or 64.
	Bits int
	// Commitments are value G + blinding H, 1..256 of them.
	Commitments []*group.Point
	// Most are tighter bounds, one per commitment: the value is in 0..Most[j],
	// which must be below 2^Bits. nil asks for no tighter ones, and the proof
	// is then byte for byte one of dalek's library.
	Most []uint64
}

func (s *Statement) check() error {
	switch s.Bits {
	case 8, 16, 32, 64:
	default:
		return fmt.Errorf("range of %d bits, want 8, 16, 32 or 64", s.Bits)
	}
	if len(s.Commitments) < 1 || len(s.Commitments) > maxValues {
		return fmt.Errorf("%d values, want 1..%d", len(s.Commitments), maxValues)
	}
	if s.Most != nil && len(s.Most) != len(s.Commitments) {
		return fmt.Errorf("%d bounds for %d values", len(s.Most), len(s.Commitments))
	}
	for j, most := range s.Most {
		if most > s.largest() {
			return fmt.Errorf("value %d: bound %d is not below 2^%d", j, most, s.Bits)
		}
	}
	return nil
}

// largest is 2^Bits - 1.
func (s *Statement) largest() uint64 { return math.MaxUint64 >> (64 - s.Bits) }

// bounds are the largest values that the commitments may be to, padding
// included.
func (s *Statement) bounds(padded int) []uint64 {
	bounds := make([]uint64, padded)
	for j := range bounds {
		bounds[j] = s.largest()
		if j < len(s.Most) {
			bounds[j] = s.Most[j]
		}
	}
	return bounds
}

// padded returns the commitments up to a power of two: what is missing commits
// to zero with blinding zero.
func (s *Statement) padded() []*group.Point {
	padded := append([]*group.Point(nil), s.Commitments...)
	for len(padded)&(len(padded)-1) != 0 {
		padded = append(padded, group.Identity())
	}
	return padded
}

// rounds is log2 of the number of bits in all values.
func rounds(bits int) int {
	n := 0
	for 1<<n < bits {
		n++
	}
	return n
}

// transcript is a Merlin transcript with dalek's messages. Everything that a
// challenge must depend on is in it before the challenge is drawn.
type transcript struct{ merlin *merlin.Transcript }

func newTranscript(s *Statement, commitments []*group.Point) transcript {
	t := transcript{merlin.NewTranscript(s.Label)}
	if len(s.Context) > 0 {
		t.merlin.AppendMessage("context", s.Context)
	}
	t.merlin.AppendMessage("dom-sep", []byte("rangeproof v1"))
	t.number("n", s.Bits)
	t.number("m", len(commitments))
	for _, most := range s.Most {
		t.merlin.AppendMessage("most", binary.LittleEndian.AppendUint64(nil, most))
	}
	for _, commitment := range commitments {
		t.point("V", commitment)
	}
	return t
}

func (t transcript) number(label string, v int) {
	t.merlin.AppendMessage(label, binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

func (t transcript) point(label string, p *group.Point) {
	encoded := p.Bytes()
	t.merlin.AppendMessage(label, encoded[:])
}

func (t transcript) scalar(label string, s *group.Scalar) {
	encoded := s.Bytes()
	t.merlin.AppendMessage(label, encoded[:])
}

func (t transcript) challenge(label string) (out group.Scalar) {
	var wide [64]byte
	t.merlin.ExtractBytes(wide[:], label)
	out.SetWide(&wide)
	return out
}
