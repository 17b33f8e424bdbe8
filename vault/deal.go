package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// ErrCommittee reports a deal that was made for another committee: another
// chain, epoch, threshold or number of members.
var ErrCommittee = errors.New("deal is not for this committee")

// DealID is the SHA-256 hash of a deal's encoding, the name of that one deal.
type DealID [32]byte

// String gives the first eight bytes in hexadecimal, for messages.
func (id DealID) String() string { return fmt.Sprintf("%x", id[:8]) }

// Deal is a sealed series: public, byte for byte on the ledger. It does not
// change once it is made. What lies in it is proven by a Claim, over all deals
// that belong together.
type Deal struct{ sealed }

const dealFormat = 2

// MarshalBinary returns the one encoding of the deal. What HandOver made has
// none: it is rebuilt from the deal and its hand-overs.
func (d *Deal) MarshalBinary() ([]byte, error) {
	if d.encoded == nil {
		return nil, fmt.Errorf("deal %v was handed over: it has no encoding of its own", d.id)
	}
	return append([]byte(nil), d.encoded...), nil
}

// seal encodes d and names it by the hash.
func (d *Deal) seal() {
	var e encoder
	e.u8(dealFormat)
	d.header.encode(&e)
	d.encodeBody(&e)
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
	deal := &Deal{}
	deal.header = decodeHeader(&d)
	deal.expectDeal()
	deal.decodeBody(&d)
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("deal: %w", err)
	}
	deal.encoded = append([]byte(nil), encoded...)
	deal.id = sha256.Sum256(deal.encoded)
	return deal, nil
}

// PeekDeal reads what an encoded deal says it is, and refuses it if its length
// is another than that of such a deal. It decodes no points: a cheap look
// before UnmarshalDeal.
func PeekDeal(encoded []byte) (Header, error) {
	d := decoder{rest: encoded}
	d.version(dealFormat)
	deal := &Deal{}
	deal.header = decodeHeader(&d)
	if d.err == nil {
		deal.expectDeal()
		if want := deal.bodySize(); len(d.rest) != want {
			d.fail("%d bytes after the header, want %d", len(d.rest), want)
		}
	}
	if d.err != nil {
		return Header{}, fmt.Errorf("deal: %w", d.err)
	}
	return deal.header, nil
}

// expectDeal fixes how the shares of a deal are sealed: blindings are free at
// zero, so one more of them is derived than of the values.
func (d *Deal) expectDeal() {
	d.context = d.header.context()
	d.blindDerived = d.header.Threshold
}

// Check reports whether the deal is one for this committee (ErrCommittee): same
// chain, epoch, threshold and number of members. With the decoding rules and a
// Claim that is all that anybody without a share can check.
func (d *Deal) Check(committee *Committee) error { return d.header.Check(committee) }
