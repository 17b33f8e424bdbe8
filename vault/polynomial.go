package vault

import (
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// Polynomial commits to a shared value: C_0 .. C_{t-1}, one commitment per pair
// of coefficients. C_0 is the Pedersen commitment to the value itself. It adds
// coefficient by coefficient.
type Polynomial []*group.Point

func (p Polynomial) encode(e *encoder) {
	for _, point := range p {
		encoded := point.Bytes()
		e.raw(encoded[:])
	}
}

// MarshalBinary returns the encodings of the points one after the other.
func (p Polynomial) MarshalBinary() ([]byte, error) {
	var e encoder
	p.encode(&e)
	return e.bytes, nil
}

// DecodePolynomial reads threshold points.
func DecodePolynomial(encoded []byte, threshold int) (Polynomial, error) {
	if err := shamir.CheckThreshold(threshold, shamir.MaxMembers); err != nil {
		return nil, err
	}
	d := decoder{rest: encoded}
	p := Polynomial(d.points("commitment", threshold))
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("polynomial: %w", err)
	}
	return p, nil
}
