package sharefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/shamir"
)

const format = "sesame-split/1"

// ErrNotJSON reports a file that is not one JSON object of the right form; what
// is wrong inside of such an object is another error.
var ErrNotJSON = errors.New("not a file of this kind")

// Public is what everybody may know of a shared series.
type Public struct {
	Threshold int
	Members   int
	Times     []string

	commitments []vault.Polynomial // per time
}

// publicFile is the form of a Public in JSON.
type publicFile struct {
	Format    string      `json:"format"`
	Threshold int         `json:"threshold"`
	Members   int         `json:"members"`
	Rows      []publicRow `json:"rows"`
}

type publicRow struct {
	Time        string `json:"time"`
	Commitments []byte `json:"commitments"` // base64 of threshold points
}

// Digest names the public file: the hash of all that it says.
func (p *Public) Digest() ([32]byte, error) {
	out := append([]byte(format), byte(p.Threshold), byte(p.Members))
	out = binary.BigEndian.AppendUint32(out, uint32(len(p.Times)))
	for k, time := range p.Times {
		out = append(out, byte(len(time)))
		out = append(out, time...)
		encoded, err := p.commitments[k].MarshalBinary()
		if err != nil {
			return [32]byte{}, err
		}
		out = append(out, encoded...)
	}
	return sha256.Sum256(out), nil
}

// MarshalJSON writes the public file.
func (p *Public) MarshalJSON() ([]byte, error) {
	file := publicFile{Format: format, Threshold: p.Threshold, Members: p.Members, Rows: make([]publicRow, len(p.Times))}
	for k, time := range p.Times {
		encoded, err := p.commitments[k].MarshalBinary()
		if err != nil {
			return nil, err
		}
		file.Rows[k] = publicRow{Time: time, Commitments: encoded}
	}
	return json.Marshal(file)
}

// ParsePublic reads a public file and checks all that can be checked without a
// share.
func ParsePublic(text []byte) (*Public, error) {
	var file publicFile
	if err := decodeStrictly(text, &file); err != nil {
		return nil, err
	}
	if file.Format != format {
		return nil, fmt.Errorf("format %q, want %q", file.Format, format)
	}
	if err := shamir.CheckThreshold(file.Threshold, file.Members); err != nil {
		return nil, err
	}
	if len(file.Rows) < 1 || len(file.Rows) > MaxRows {
		return nil, fmt.Errorf("%d rows, want 1..%d", len(file.Rows), MaxRows)
	}
	p := &Public{Threshold: file.Threshold, Members: file.Members}
	for k, row := range file.Rows {
		if err := checkTime(row.Time); err != nil {
			return nil, fmt.Errorf("row %d: %w", k+1, err)
		}
		polynomial, err := vault.DecodePolynomial(row.Commitments, file.Threshold)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", k+1, err)
		}
		p.Times, p.commitments = append(p.Times, row.Time), append(p.commitments, polynomial)
	}
	return p, nil
}

// decodeStrictly reads one JSON object without unknown keys and nothing after.
func decodeStrictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than one JSON object", ErrNotJSON)
	}
	return nil
}
