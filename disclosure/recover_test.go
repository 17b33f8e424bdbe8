package disclosure

import (
	"slices"
	"testing"
)

func TestSubsetsAreAllOfTheirSizeOnce(t *testing.T) {
	var list []string
	for _, members := range subsets([]uint8{1, 2, 4, 5}, 3, 10) {
		list = append(list, string([]byte{'0' + members[0], '0' + members[1], '0' + members[2]}))
	}
	if want := []string{"124", "125", "145", "245"}; !slices.Equal(list, want) {
		t.Errorf("%v, expected %v", list, want)
	}
	if few := subsets([]uint8{1, 2}, 3, 10); len(few) != 0 {
		t.Errorf("of two members: %v", few)
	}
	var many []uint8
	for index := uint8(1); index <= 50; index++ {
		many = append(many, index)
	}
	if count := len(subsets(many, 34, 256)); count != 256 {
		t.Errorf("of fifty members %d sets, expected the bound of 256", count)
	}
}
