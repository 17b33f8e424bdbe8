package rangeproof

import (
	"math/bits"

	"github.com/sesame-energy/sesame/vault/group"
)

// A value of 0..most is written with bits of which the highest has a unit of
// its own: for k = floor(log2(most)) the units are 1, 2, .., 2^(k-1) and
// most - (2^k - 1). They add up to most, so that no choice of bits exceeds it,
// and every value up to it has such a choice (after Lipmaa, Asokan, Niemi 2002,
// section 4.1, who spread the units differently). Where most is 2^n - 1 they
// are the powers of two. A bound thus costs nothing: a second proof, of most
// less the value, would double the work.

// topDigit is the position k of the digit with its own unit, and the unit; no
// digits above it count. For most = 0 the unit is 0.
func topDigit(most uint64) (k int, unit uint64) {
	if most == 0 {
		return 0, 0
	}
	k = bits.Len64(most) - 1
	return k, most - (1<<k - 1)
}

// digitsOf gives the bits of value <= most, without a branch on the value.
func digitsOf(value, most uint64) uint64 {
	k, unit := topDigit(most)
	_, small := bits.Sub64(value, 1<<k, 0) // 1 where the digits below k are enough
	return value - (1-small)*unit + (1-small)<<k
}

// rangeWeights returns z^(2+j) u_jk for bit k of value j, u being the units.
func rangeWeights(z *group.Scalar, bounds []uint64, bits int) []group.Scalar {
	out := make([]group.Scalar, len(bounds)*bits)
	power := new(group.Scalar).Mul(z, z)
	for j, most := range bounds {
		top, unit := topDigit(most)
		weight := *power
		for k := range top {
			out[j*bits+k] = weight
			weight.Add(&weight, &weight)
		}
		out[j*bits+top].Mul(power, group.NewScalar(unit))
		power.Mul(power, z)
	}
	return out
}
