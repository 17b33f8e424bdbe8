package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// ErrCommittee reports a deal that was made for another committee: another
// chain, epoch, threshold or number of members.
var ErrCommittee = errors.New("deal is not for this committee")

// DealID is the SHA-256 hash of a deal's encoding, the name of that one deal.
type DealID [32]byte

// String gives the first eight bytes in hexadecimal, for messages.
func (id DealID) String() string { return fmt.Sprintf("%x", id[:8]) }

// Deal is a sealed series: public, byte for byte on the ledger. It does not
// change once it is made.
type Deal struct {
	header      Header
	polynomials []Polynomial
	keyHashes   [][32]byte // per member, of the key of its share
	boxes       [][]byte   // of members threshold..n; the others derive theirs
	encoded     []byte
	id          DealID
}

const dealFormat = 1

// tagSize is what AES-GCM adds to a box.
const tagSize = 16

// boxSize is the length of a member's box, bytes: members below the threshold
// derive both halves of their share, member number threshold its blindings.
func (h *Header) boxSize(member int) int {
	switch {
	case member < h.Threshold:
		return 0
	case member == h.Threshold:
		return h.Periods*group.ScalarSize + tagSize
	default:
		return 2*h.Periods*group.ScalarSize + tagSize
	}
}

// Header returns what the deal says it is.
func (d *Deal) Header() Header { return d.header }

// ID returns the hash of the deal's encoding.
func (d *Deal) ID() DealID { return d.id }

// Polynomial returns the commitment of one period (0-based), decoded once;
// callers must not change it. It is nil for a period that the deal lacks.
func (d *Deal) Polynomial(period int) Polynomial {
	if period < 0 || period >= len(d.polynomials) {
		return nil
	}
	return d.polynomials[period]
}

// MarshalBinary returns the one encoding of the deal.
func (d *Deal) MarshalBinary() ([]byte, error) {
	return append([]byte(nil), d.encoded...), nil
}

// seal encodes d and names it by the hash.
func (d *Deal) seal() {
	var e encoder
	e.u8(dealFormat)
	d.header.encode(&e)
	for _, polynomial := range d.polynomials {
		polynomial.encode(&e)
	}
	for i := range d.keyHashes {
		e.raw(d.keyHashes[i][:])
	}
	for _, box := range d.boxes {
		e.raw(box)
	}
	e.u32(0) // room for range proofs, of which format 1 has none
	d.encoded = e.bytes
	d.id = sha256.Sum256(d.encoded)
}

// UnmarshalDeal reads an encoding and rejects everything that MarshalBinary
// would not have written: other lengths, non-canonical points, trailing bytes.
// The degree is exact because the header's threshold fixes the number of
// commitments per period.
func UnmarshalDeal(encoded []byte) (*Deal, error) {
	d := decoder{rest: encoded}
	d.version(dealFormat)
	deal := &Deal{header: decodeHeader(&d)}
	if d.err == nil {
		deal.decodeBody(&d)
	}
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("deal: %w", err)
	}
	deal.encoded = append([]byte(nil), encoded...)
	deal.id = sha256.Sum256(deal.encoded)
	return deal, nil
}

func (d *Deal) decodeBody(from *decoder) {
	h := &d.header
	points := from.points("commitment", h.Periods*h.Threshold)
	if from.err != nil {
		return
	}
	d.polynomials = make([]Polynomial, h.Periods)
	for j := range d.polynomials {
		d.polynomials[j] = points[j*h.Threshold : (j+1)*h.Threshold]
	}
	d.keyHashes = make([][32]byte, h.Members)
	for i := range d.keyHashes {
		d.keyHashes[i] = from.hash("key hash")
	}
	for member := h.Threshold; member <= h.Members; member++ {
		box := from.raw("box", h.boxSize(member))
		d.boxes = append(d.boxes, append([]byte(nil), box...))
	}
	if proofs := from.u32("length of range proofs"); proofs != 0 {
		from.fail("range proofs of %d bytes, want none in format %d", proofs, dealFormat)
	}
}

// Check reports whether the deal is one for this committee (ErrCommittee): same
// chain, epoch, threshold and number of members. With the decoding rules that
// is all that anybody without a share can check.
func (d *Deal) Check(committee *Committee) error {
	h := &d.header
	switch {
	case h.Chain != committee.Chain:
		return fmt.Errorf("%w: chain %q, want %q", ErrCommittee, h.Chain, committee.Chain)
	case h.Epoch != committee.Epoch:
		return fmt.Errorf("%w: epoch %d, want %d", ErrCommittee, h.Epoch, committee.Epoch)
	case h.Threshold != committee.Threshold || h.Members != len(committee.Keepers):
		return fmt.Errorf("%w: %d of %d members, want %d of %d", ErrCommittee,
			h.Threshold, h.Members, committee.Threshold, len(committee.Keepers))
	}
	return nil
}
