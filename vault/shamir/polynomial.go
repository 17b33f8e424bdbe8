package shamir

import (
	"fmt"
	"sync"

	"github.com/sesame-energy/sesame/vault/group"
)

// CheckIndices refuses index zero and indices that occur twice.
func CheckIndices(indices []uint8) error {
	var seen [MaxMembers + 1]bool
	for _, index := range indices {
		if index == 0 {
			return ErrIndexZero
		}
		if seen[index] {
			return fmt.Errorf("index %d: %w", index, ErrDuplicate)
		}
		seen[index] = true
	}
	return nil
}

// inverses holds 1/d for the differences of two indices, 1..255; entry 0 is
// unused.
var inverses = sync.OnceValue(func() []group.Scalar {
	table := make([]group.Scalar, MaxMembers+1)
	for d := range table {
		table[d] = *group.NewScalar(uint64(d))
	}
	group.InvertAll(table[1:])
	return table
})

// Lagrange returns the factors by which values at the indices give the value
// at x: product over j != i of (x - x_j) / (x_i - x_j).
func Lagrange(x uint8, indices []uint8) ([]group.Scalar, error) {
	if err := CheckIndices(indices); err != nil {
		return nil, err
	}
	factors := make([]group.Scalar, len(indices))
	for i, index := range indices {
		if index == x {
			factors[i] = *group.NewScalar(1)
			return factors, nil
		}
	}
	whole, negative := *group.NewScalar(1), 0 // product of all x - x_j
	for _, other := range indices {
		whole.MulSmall(&whole, uint32(distance(x, other, &negative)))
	}
	for i, own := range indices {
		signs := negative
		factors[i].Mul(&whole, &inverses()[distance(x, own, &signs)])
		for j, other := range indices {
			if j != i {
				factors[i].Mul(&factors[i], &inverses()[distance(own, other, &signs)])
			}
		}
		if signs%2 == 1 {
			factors[i].Neg(&factors[i])
		}
	}
	return factors, nil
}

// distance returns |a - b| and counts in signs where a < b. Indices are public.
func distance(a, b uint8, signs *int) uint8 {
	if a >= b {
		return a - b
	}
	*signs++
	return b - a
}

// Interpolator finds polynomials from their values at consecutive integers.
// Newton's forward differences need one multiplication per coefficient; the
// rest is subtractions and products with small integers.
type Interpolator struct {
	inverseFactorials []group.Scalar
}

// NewInterpolator prepares for polynomials of points coefficients, 1..255.
func NewInterpolator(points int) *Interpolator {
	factorials := make([]group.Scalar, points)
	factorials[0] = *group.NewScalar(1)
	for k := 1; k < points; k++ {
		factorials[k].MulSmall(&factorials[k-1], uint32(k))
	}
	group.InvertAll(factorials)
	return &Interpolator{inverseFactorials: factorials}
}

// Interpolate turns values at first, first+1, .. into the coefficients of the
// polynomial through them, constant term first, in place.
func (n *Interpolator) Interpolate(values []group.Scalar, first uint8) {
	last := len(values) - 1
	for k := 1; k <= last; k++ { // values[k] becomes the k-th difference
		for i := last; i >= k; i-- {
			values[i].Sub(&values[i], &values[i-1])
		}
	}
	for k := range values {
		values[k].Mul(&values[k], &n.inverseFactorials[k])
	}
	var shifted group.Scalar
	for k := last - 1; k >= 0; k-- { // p = p (x - node_k) + c_k, c_k in place
		node := uint32(first) + uint32(k)
		for i := k; i < last; i++ {
			shifted.MulSmall(&values[i+1], node)
			values[i].Sub(&values[i], &shifted)
		}
	}
}
