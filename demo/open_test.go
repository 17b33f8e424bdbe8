package demo

import (
	"testing"

	"github.com/sesame-energy/sesame/cases"
)

func TestSameCaseHasTheSameDigestFromWhateverFolder(t *testing.T) {
	var digests []string
	for range 2 {
		folder, remove, err := cases.Reference()
		if err != nil {
			t.Fatal(err)
		}
		defer remove()
		told, err := prepare(Options{CasePath: folder, Days: 1, Speed: 1})
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, told.digest())
	}
	if digests[0] != digests[1] {
		t.Errorf("digests %s and %s of one case", digests[0], digests[1])
	}
}
