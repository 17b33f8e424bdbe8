package disclosure

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
	sealing "github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// Recovered is what one set of members finds from its shares alone, checked
// against the park's commitments.
type Recovered struct {
	Members []uint8
	Values  []int64 // W, one per purpose
}

// Recover has each set of as many members as the threshold, but at most so many
// sets, recover the series by itself. All find the same; the error says where
// one does not.
func Recover(view View, most int) ([]Recovered, error) {
	if len(view.Sealed.Parts) == 0 {
		return nil, errors.New("the sealed series has been erased with its contest term")
	}
	forms, deals, err := vault.ReleaseForms(view.Release, view.Sealed)
	if err != nil {
		return nil, err
	}
	if len(forms) == 0 {
		return nil, errors.New("the disclosure opens nothing")
	}
	polynomials := make([]sealing.Polynomial, len(forms))
	for k := range forms {
		if polynomials[k], err = forms[k].Polynomial(deals); err != nil {
			return nil, err
		}
	}
	threshold := len(polynomials[0])
	var all []Recovered
	for _, members := range subsets(slices.Sorted(maps.Keys(view.Shares)), threshold, most) {
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

// Height is where a share lies in the group's order, 0..1: all of a share that
// can be drawn. Shares of one value are spread over all of it.
func Height(share *group.Scalar) float64 {
	height, _ := new(big.Rat).SetFrac(share.Signed(), group.Order()).Float64()
	if height < 0 {
		height++
	}
	return height
}

// Curve is one member's shares of one series, a height per period.
type Curve struct {
	Member  uint8
	Heights []float64
}

// Curves is what each member holds of each series that is opened, members
// ascending; without those whose shares have been erased.
func Curves(view View) map[string][]Curve {
	curves := map[string][]Curve{}
	names := vault.SeriesOf(view.Release.Series)
	for _, index := range slices.Sorted(maps.Keys(view.Shares)) {
		shares := view.Shares[index]
		if len(shares) != len(view.Release.Purposes) {
			continue // not one for each period: nothing that the ledger takes
		}
		heights := map[string][]float64{}
		for k, purpose := range view.Release.Purposes {
			if len(purpose.Terms) == 1 && int(purpose.Terms[0].Part) < len(names) {
				name := names[purpose.Terms[0].Part]
				heights[name] = append(heights[name], Height(&shares[k].Value))
			}
		}
		for name, curve := range heights {
			curves[name] = append(curves[name], Curve{index, curve})
		}
	}
	return curves
}

// subsets lists the sets of size members in ascending order, the first most of
// them.
func subsets(members []uint8, size, most int) [][]uint8 {
	if size == 0 {
		return [][]uint8{{}}
	}
	var list [][]uint8
	for i := range members {
		for _, rest := range subsets(members[i+1:], size-1, most) {
			if list = append(list, append([]uint8{members[i]}, rest...)); len(list) == most {
				return list
			}
		}
	}
	return list
}
