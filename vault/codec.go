package vault

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// ErrFormat reports bytes that are not the one encoding of anything.
var ErrFormat = errors.New("malformed encoding")

// maxName bounds the names of chains, dealers and series, bytes.
const maxName = 64

// checkName refuses empty and overlong names.
func checkName(what, name string) error {
	if len(name) == 0 || len(name) > maxName {
		return fmt.Errorf("%s of %d bytes, want 1..%d", what, len(name), maxName)
	}
	return nil
}

// encoder appends fields: integers big endian, names after one byte of length.
type encoder struct{ bytes []byte }

func (e *encoder) raw(b []byte)  { e.bytes = append(e.bytes, b...) }
func (e *encoder) u8(v uint8)    { e.bytes = append(e.bytes, v) }
func (e *encoder) u16(v uint16)  { e.bytes = binary.BigEndian.AppendUint16(e.bytes, v) }
func (e *encoder) u32(v uint32)  { e.bytes = binary.BigEndian.AppendUint32(e.bytes, v) }
func (e *encoder) u64(v uint64)  { e.bytes = binary.BigEndian.AppendUint64(e.bytes, v) }
func (e *encoder) name(s string) { e.u8(uint8(len(s))); e.bytes = append(e.bytes, s...) }

func (e *encoder) scalars(values []group.Scalar) {
	for i := range values {
		encoded := values[i].Bytes()
		e.raw(encoded[:])
	}
}

// decoder reads fields in order. After the first error it reads zeros; finish
// tells. It never reads past the end and copies nothing.
type decoder struct {
	rest []byte
	err  error
}

func (d *decoder) fail(format string, arguments ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %w", ErrFormat, fmt.Errorf(format, arguments...))
	}
}

// raw returns the next n bytes, or nil where fewer are left.
func (d *decoder) raw(what string, n int) []byte {
	if d.err == nil && len(d.rest) < n {
		d.fail("%s: %d bytes left, want %d", what, len(d.rest), n)
	}
	if d.err != nil {
		return nil
	}
	out := d.rest[:n:n]
	d.rest = d.rest[n:]
	return out
}

func (d *decoder) hash(what string) (out [32]byte) {
	copy(out[:], d.raw(what, 32))
	return out
}

func (d *decoder) u8(what string) uint8 {
	if b := d.raw(what, 1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) u16(what string) uint16 {
	if b := d.raw(what, 2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (d *decoder) u32(what string) uint32 {
	if b := d.raw(what, 4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) u64(what string) uint64 {
	if b := d.raw(what, 8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) name(what string) string {
	name := string(d.raw(what, int(d.u8(what))))
	if d.err == nil {
		if err := checkName(what, name); err != nil {
			d.fail("%w", err)
		}
	}
	return name
}

// version reads the format's version byte and refuses any but want.
func (d *decoder) version(want uint8) {
	if got := d.u8("format version"); d.err == nil && got != want {
		d.fail("format version %d, want %d", got, want)
	}
}

// scalars reads count canonical scalars.
func (d *decoder) scalars(what string, count int) []group.Scalar {
	encoded := d.raw(what, count*group.ScalarSize)
	if encoded == nil {
		return nil
	}
	out := make([]group.Scalar, count)
	for i := range out {
		if err := out[i].SetBytes(encoded[i*group.ScalarSize : (i+1)*group.ScalarSize]); err != nil {
			d.fail("%s %d: %w", what, i, err)
			return nil
		}
	}
	return out
}

// points reads count canonical points. The neutral element is refused: an
// honest dealer meets it with probability 2^-252.
func (d *decoder) points(what string, count int) []*group.Point {
	encoded := d.raw(what, count*group.PointSize)
	if encoded == nil {
		return nil
	}
	values, out := make([]group.Point, count), make([]*group.Point, count)
	for i := range out {
		out[i] = &values[i]
		if err := out[i].SetBytes(encoded[i*group.PointSize : (i+1)*group.PointSize]); err != nil {
			d.fail("%s %d: %w", what, i, err)
			return nil
		}
		if out[i].IsIdentity() {
			d.fail("%s %d: the neutral element commits to nothing", what, i)
			return nil
		}
	}
	return out
}

// finish reports the first error, or bytes left over.
func (d *decoder) finish() error {
	if d.err == nil && len(d.rest) > 0 {
		d.fail("%d bytes too many", len(d.rest))
	}
	return d.err
}
