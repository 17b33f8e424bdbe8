package disclosure

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
	sealing "github.com/sesame-energy/sesame/vault"
)

// mostSubsets bounds how many sets of members are tried.
const mostSubsets = 256

// Recovered is what one set of members finds from its shares alone, checked
// against the park's commitments.
type Recovered struct {
	Members []uint8
	Values  []int64 // W, one per purpose
}

// Recover has each set of as many members as the threshold recover the series
// by itself. All find the same; the error says where one does not.
func Recover(view View) ([]Recovered, error) {
	if len(view.Sealed.Parts) == 0 {
		return nil, errors.New("the sealed series has been erased with its contest term")
	}
	forms, deals, err := vault.ReleaseForms(view.Release, view.Sealed)
	if err != nil {
		return nil, err
	}
	polynomials := make([]sealing.Polynomial, len(forms))
	for k := range forms {
		if polynomials[k], err = forms[k].Polynomial(deals); err != nil {
			return nil, err
		}
	}
	threshold := len(polynomials[0])
	var all []Recovered
	for _, members := range subsets(slices.Sorted(maps.Keys(view.Shares)), threshold) {
		shares := map[uint8][]sealing.Partial{}
		for _, index := range members {
			shares[index] = view.Shares[index]
		}
		sums, err := sealing.Open(threshold, polynomials, shares)
		if err != nil {
			return nil, err
		}
		found := Recovered{Members: members}
		for _, sum := range sums {
			found.Values = append(found.Values, sum.Value.Int64())
		}
		if len(all) > 0 && !slices.Equal(found.Values, all[0].Values) {
			return nil, fmt.Errorf("members %v recover another series than %v", members, all[0].Members)
		}
		all = append(all, found)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%d members' shares are on the ledger, expected %d", len(view.Shares), threshold)
	}
	return all, nil
}

// subsets lists the sets of size members in ascending order, at most
// mostSubsets of them.
func subsets(members []uint8, size int) [][]uint8 {
	if size == 0 {
		return [][]uint8{{}}
	}
	var list [][]uint8
	for i := range members {
		for _, rest := range subsets(members[i+1:], size-1) {
			if list = append(list, append([]uint8{members[i]}, rest...)); len(list) == mostSubsets {
				return list
			}
		}
	}
	return list
}
