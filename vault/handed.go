package vault

import "fmt"

const handedFormat = 1

// MarshalHanded encodes what HandOver made, for who keeps it: the header, the
// new commitments and the name, without shares.
func (d *Deal) MarshalHanded() ([]byte, error) {
	if d.encoded != nil {
		return nil, fmt.Errorf("deal %v was dealt, not handed over: it has an encoding of its own", d.id)
	}
	var e encoder
	e.u8(handedFormat)
	e.raw(d.id[:])
	d.header.encode(&e)
	for _, polynomial := range d.polynomials {
		polynomial.encode(&e)
	}
	return e.bytes, nil
}

// UnmarshalHanded reads what MarshalHanded wrote. That the name and the
// commitments are right is the word of who kept it.
func UnmarshalHanded(encoded []byte) (*Deal, error) {
	d := decoder{rest: encoded}
	d.version(handedFormat)
	deal := &Deal{}
	deal.id = d.hash("deal")
	deal.header = decodeHeader(&d)
	if d.err == nil {
		deal.polynomials = d.polynomials(&deal.header)
	}
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("handed-over deal: %w", err)
	}
	return deal, nil
}

// PeekHandover reads what an encoded hand-over says it is, and refuses it if
// its length is another than that of such a one. It decodes no points.
func PeekHandover(encoded []byte) (from uint8, header Header, err error) {
	d := decoder{rest: encoded}
	d.version(handoverFormat)
	h := &Handover{from: d.u8("old member"), origin: d.hash("deal")}
	h.header = decodeHeader(&d)
	if d.err == nil {
		h.expectHandover()
		if want := h.bodySize(); len(d.rest) != want {
			d.fail("%d bytes after the header, want %d", len(d.rest), want)
		}
	}
	if d.err != nil {
		return 0, Header{}, fmt.Errorf("hand-over: %w", d.err)
	}
	return h.from, h.header, nil
}
