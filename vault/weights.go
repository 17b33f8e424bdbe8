package vault

import (
	"crypto/sha3"

	"github.com/sesame-energy/sesame/vault/group"
)

// weightStream yields the weights that join many equations into one. They come
// from a hash of everything that the equations are about, so all nodes draw
// the same and who chooses the numbers cannot choose the weights.
type weightStream struct{ xof *sha3.SHAKE }

// Labels of the two ways in which the commitments enter the hash: by a deal's
// name, which fixes them, or in full.
const (
	shareCheckLabel = "sesame-check-share/1"
	formsCheckLabel = "sesame-check-forms/1"
)

// shareWeights are for a member's share of one deal.
func shareWeights(deal DealID, x uint8, partials []Partial) weightStream {
	var e encoder
	e.name(shareCheckLabel)
	e.raw(deal[:])
	return drawWeights(e, x, partials)
}

// formsWeights are for partials, or opened sums, of any forms.
func formsWeights(x uint8, polynomials []Polynomial, partials []Partial) weightStream {
	var e encoder
	e.name(formsCheckLabel)
	e.u32(uint32(len(polynomials)))
	for _, polynomial := range polynomials {
		e.u8(uint8(len(polynomial)))
		polynomial.encode(&e)
	}
	return drawWeights(e, x, partials)
}

func drawWeights(e encoder, x uint8, partials []Partial) weightStream {
	generators := Polynomial{group.Base(), group.Blinder()}
	generators.encode(&e)
	e.u8(x)
	e.u32(uint32(len(partials)))
	for _, partial := range partials {
		e.scalars([]group.Scalar{partial.Value, partial.Blinding})
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
