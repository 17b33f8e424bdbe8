package vault

import (
	"crypto/sha3"

	"github.com/sesame-energy/sesame/vault/group"
)

// weightStream yields the weights that join many equations into one. They come
// from a hash of everything that the equations are about, so all nodes draw
// the same and who chooses the numbers cannot choose the weights.
type weightStream struct{ xof *sha3.SHAKE }

const checkLabel = "sesame-check/1"

// checkWeights hashes index, commitments and partials of one check.
func checkWeights(x uint8, polynomials []Polynomial, partials []Partial) weightStream {
	var e encoder
	e.name(checkLabel)
	generators := Polynomial{group.Base(), group.Blinder()}
	generators.encode(&e)
	e.u8(x)
	e.u32(uint32(len(polynomials)))
	for k, polynomial := range polynomials {
		e.u8(uint8(len(polynomial)))
		polynomial.encode(&e)
		e.scalars([]group.Scalar{partials[k].Value, partials[k].Blinding})
	}
	xof := sha3.NewSHAKE256()
	_, _ = xof.Write(e.bytes) // a hash takes everything
	return weightStream{xof: xof}
}

// next returns a weight of 128 bits.
func (w weightStream) next() (out group.Scalar) {
	var encoded [32]byte
	_, _ = w.xof.Read(encoded[:16]) // an endless stream
	out.SetBits252(&encoded)
	return out
}
