package rangeproof

import "github.com/sesame-energy/sesame/vault/group"

// innerProduct returns sum a_i b_i.
func innerProduct(a, b []group.Scalar) (sum group.Scalar) {
	for i := range a {
		sum.MulAdd(&a[i], &b[i], &sum)
	}
	return sum
}

// powers returns 1, x, x^2, .. x^(count-1).
func powers(x *group.Scalar, count int) []group.Scalar {
	out := make([]group.Scalar, count)
	out[0] = *group.NewScalar(1)
	for i := 1; i < count; i++ {
		out[i].Mul(&out[i-1], x)
	}
	return out
}

// sum adds up all scalars.
func sum(scalars []group.Scalar) (total group.Scalar) {
	for i := range scalars {
		total.Add(&total, &scalars[i])
	}
	return total
}
