package vault

import (
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// Split shares values among members 1..members without channels, for who hands
// the shares over by other means. parts[i][j] is member i+1's share of value j;
// it is checked and combined like a partial, each value being a form of its
// own: CheckPartials, Open.
func Split(values []uint64, threshold, members int) (commitments []Polynomial, parts [][]Partial, err error) {
	if err := shamir.CheckThreshold(threshold, members); err != nil {
		return nil, nil, err
	}
	parts = make([][]Partial, members)
	for i := range parts {
		parts[i] = make([]Partial, len(values))
	}
	f, g := make([]group.Scalar, threshold), make([]group.Scalar, threshold)
	for j, value := range values {
		if value > MaxValue {
			return nil, nil, fmt.Errorf("value %d is %d, want at most %d", j+1, value, uint64(MaxValue))
		}
		group.FillRandom(f)
		group.FillRandom(g)
		f[0] = *group.NewScalar(value)
		commitments = append(commitments, commit(f, g))
		for i := range parts {
			parts[i][j].Value.Horner(f, uint32(i+1))
			parts[i][j].Blinding.Horner(g, uint32(i+1))
		}
	}
	return commitments, parts, nil
}
