package vault

import "github.com/sesame-energy/sesame/vault/group"

// sealed is what deals and hand-overs have in common: a vector of secrets,
// committed to and sealed to the members of a committee.
type sealed struct {
	header  Header
	context [32]byte // hash that the keys of all shares depend on
	// blindDerived is the number of members who derive their blindings: as many
	// as the threshold where the blinding at zero is free, one less where it is
	// given. Values are always given, so threshold-1 members derive theirs.
	blindDerived int
	polynomials  []Polynomial
	keyHashes    [][32]byte // per member, of the key of its share
	boxes        [][]byte   // of members threshold..n; the others derive theirs
	encoded      []byte
	id           DealID
}

// tagSize is what AES-GCM adds to a box.
const tagSize = 16

// Header returns what the deal says it is.
func (d *sealed) Header() Header { return d.header }

// ID returns the hash of the encoding.
func (d *sealed) ID() DealID { return d.id }

// Polynomial returns the commitment of one period (0-based), decoded once;
// callers must not change it. It is nil for a period that there is not.
func (d *sealed) Polynomial(period int) Polynomial {
	if period < 0 || period >= len(d.polynomials) {
		return nil
	}
	return d.polynomials[period]
}

// boxSize is the length of a member's box, bytes: what it does not derive.
func (d *sealed) boxSize(member int) int {
	scalars := 0
	if member >= d.header.Threshold {
		scalars += d.header.Periods
	}
	if member > d.blindDerived {
		scalars += d.header.Periods
	}
	if scalars == 0 {
		return 0
	}
	return scalars*group.ScalarSize + tagSize
}

// bodySize is the length of what encodeBody writes, bytes.
func (d *sealed) bodySize() int {
	h := &d.header
	size := h.Periods*h.Threshold*group.PointSize + h.Members*32
	for member := h.Threshold; member <= h.Members; member++ {
		size += d.boxSize(member)
	}
	return size
}

func (d *sealed) encodeBody(e *encoder) {
	for _, polynomial := range d.polynomials {
		polynomial.encode(e)
	}
	for i := range d.keyHashes {
		e.raw(d.keyHashes[i][:])
	}
	for _, box := range d.boxes {
		e.raw(box)
	}
}

// decodeBody reads what the header, which was read before, promises.
func (d *sealed) decodeBody(from *decoder) {
	if from.err != nil {
		return
	}
	h := &d.header
	if d.polynomials = from.polynomials(h); from.err != nil {
		return
	}
	d.keyHashes = make([][32]byte, h.Members)
	for i := range d.keyHashes {
		d.keyHashes[i] = from.hash("key hash")
	}
	for member := h.Threshold; member <= h.Members; member++ {
		box := from.raw("box", d.boxSize(member))
		d.boxes = append(d.boxes, append([]byte(nil), box...))
	}
}

// polynomials reads the commitments of all periods.
func (d *decoder) polynomials(h *Header) []Polynomial {
	points := d.points("commitment", h.Periods*h.Threshold)
	if d.err != nil {
		return nil
	}
	all := make([]Polynomial, h.Periods)
	for j := range all {
		all[j] = points[j*h.Threshold : (j+1)*h.Threshold]
	}
	return all
}
