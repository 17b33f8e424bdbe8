package certificate

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A certificate's bytes: the version 1, then for t = 0..T the function W_t as
//
//	uvarint  number of vertices, at least 1
//	zigzag   first energy, as difference to that of W_{t-1} (to 0 for t = 0)
//	zigzag   first value, likewise
//	then for each further vertex
//	uvarint  difference of the energy to that of the vertex before, at least 1
//	zigzag   difference of the value
//
// Energies are in units of the lattice, values in energy.Cost units. Every
// varint has its shortest form, so that a certificate has one encoding.
const version = 1

// maxVertices bounds the vertices of one function that the checker accepts.
const maxVertices = 1 << 14

// maxBytes bounds a certificate: 64 MiB.
const maxBytes = 64 << 20

// Encoder writes a certificate.
type Encoder struct {
	bytes         []byte
	first, last   [2]int64 // energy and value of the first vertex of the last function, and of the last vertex
	atFirstVertex bool
}

// NewEncoder begins a certificate for a horizon of so many periods.
func NewEncoder(periods int) *Encoder {
	const typical = 48 // bytes of one function
	return &Encoder{bytes: append(make([]byte, 0, typical*(periods+1)), version)}
}

// Begin begins the function of the next moment, from t = 0 on.
func (e *Encoder) Begin(vertices int) {
	e.bytes = binary.AppendUvarint(e.bytes, uint64(vertices))
	e.atFirstVertex = true
}

// Vertex adds the next vertex, energies ascending.
func (e *Encoder) Vertex(stored, value int64) {
	if e.atFirstVertex {
		e.bytes = binary.AppendVarint(e.bytes, stored-e.first[0])
		e.bytes = binary.AppendVarint(e.bytes, value-e.first[1])
		e.first, e.atFirstVertex = [2]int64{stored, value}, false
	} else {
		e.bytes = binary.AppendUvarint(e.bytes, uint64(stored-e.last[0]))
		e.bytes = binary.AppendVarint(e.bytes, value-e.last[1])
	}
	e.last = [2]int64{stored, value}
}

// Bytes is the certificate.
func (e *Encoder) Bytes() []byte { return e.bytes }

// point is a vertex of a function W_t.
type point struct{ e, v int64 }

// functions are W_0 .. W_T: W_t is all[start[t]:start[t+1]].
type functions struct {
	all   []point
	start []int
}

func (f *functions) at(t int) []point { return f.all[f.start[t]:f.start[t+1]] }

// bound on energies and values in a certificate; see package model.
const magnitude = 1 << 60

// decode reads a certificate for a horizon of so many periods.
func decode(data []byte, periods int) (functions, error) {
	if len(data) > maxBytes {
		return functions{}, fmt.Errorf("larger than %d bytes", maxBytes)
	}
	if len(data) == 0 || data[0] != version {
		return functions{}, fmt.Errorf("does not begin with version %d", version)
	}
	r := reader{data: data[1:]}
	f := functions{all: make([]point, 0, len(data)/3), start: make([]int, 1, periods+2)}
	first := point{}
	for t := range periods + 1 {
		var err error
		if first, err = r.function(&f, first); err != nil {
			return functions{}, fmt.Errorf("function %d: %w", t, err)
		}
	}
	if len(r.data) > 0 {
		return functions{}, fmt.Errorf("%d bytes too many", len(r.data))
	}
	return f, nil
}

type reader struct{ data []byte }

var (
	errShort    = errors.New("ends too early")
	errLong     = errors.New("a number is not in its shortest form")
	errRange    = errors.New("a number is out of range")
	errVertices = fmt.Errorf("expected 1 to %d vertices with ascending energies", maxVertices)
)

func (r *reader) function(f *functions, first point) (point, error) {
	n, err := r.unsigned()
	if err != nil {
		return point{}, err
	}
	if n < 1 || n > maxVertices {
		return point{}, errVertices
	}
	var last point
	for i := range n {
		var p point
		if i == 0 {
			p, err = r.next(first, false)
			first = p
		} else if p, err = r.next(last, true); err == nil && p.e <= last.e {
			err = errVertices
		}
		if err != nil {
			return point{}, err
		}
		f.all = append(f.all, p)
		last = p
	}
	f.start = append(f.start, len(f.all))
	return first, nil
}

// next reads a vertex as differences to another.
func (r *reader) next(to point, ascending bool) (point, error) {
	var de int64
	var err error
	if ascending {
		var step uint64
		step, err = r.unsigned()
		if step >= magnitude {
			return point{}, errRange
		}
		de = int64(step)
	} else {
		de, err = r.signed()
	}
	if err != nil {
		return point{}, err
	}
	dv, err := r.signed()
	if err != nil {
		return point{}, err
	}
	p := point{to.e + de, to.v + dv}
	if p.e < 0 || p.e >= magnitude || p.v <= -magnitude || p.v >= magnitude {
		return point{}, errRange
	}
	return p, nil
}

func (r *reader) unsigned() (uint64, error) {
	v, n := binary.Uvarint(r.data)
	switch {
	case n == 0:
		return 0, errShort
	case n < 0:
		return 0, errRange
	case n > 1 && r.data[n-1] == 0:
		return 0, errLong
	}
	r.data = r.data[n:]
	return v, nil
}

func (r *reader) signed() (int64, error) {
	u, err := r.unsigned()
	if err != nil {
		return 0, err
	}
	v := int64(u >> 1)
	if u&1 != 0 {
		v = ^v
	}
	if v <= -2*magnitude || v >= 2*magnitude {
		return 0, errRange
	}
	return v, nil
}
