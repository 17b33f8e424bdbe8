package certificate

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/schedule/model"
)

// Law: carried over from the energy kept to the energy stored, a function is
// nowhere more than it was, for every whole energy and every fraction kept.
func TestFunctionsCarriedOverSelfDischargeAreNowhereMore(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	touched := 0
	for range 2000 {
		whole := 1 + r.Int64N([]int64{10, 1000, 60_000_000}[r.IntN(3)])
		k := model.Keeping{Part: 1 + r.Int64N(whole), Whole: whole}
		low := r.Int64N(300)
		high := low + r.Int64N(300)
		f := functionBetween(r, k.Of(low), k.Of(high))
		carried := keptLess(nil, f, k, low, high)
		if carried[0].e != low || carried[len(carried)-1].e != high {
			t.Fatalf("carried from %d to %d, expected %d to %d", carried[0].e, carried[len(carried)-1].e, low, high)
		}
		for i := 1; i < len(carried); i++ {
			if carried[i].e <= carried[i-1].e {
				t.Fatalf("%v is not ascending, of %v, kept %+v", carried, f, k)
			}
		}
		for e := low; e <= high; e++ {
			kept := new(big.Int).Mul(big.NewInt(e), big.NewInt(k.Part))
			kept.Div(kept, big.NewInt(k.Whole))
			was, is := valueAt(f, kept.Int64()), valueAt(carried, e)
			if is.Cmp(was) > 0 {
				t.Fatalf("at %d, of which %v are kept, %v is more than %v\n%+v\n%v\n%v", e, kept, is, was, k, f, carried)
			}
			if is.Cmp(was) == 0 {
				touched++
			}
		}
	}
	if touched == 0 {
		t.Error("carried functions touch nowhere: the test does not tell")
	}
}

// functionBetween draws a function on the energies from one to another.
func functionBetween(r *rand.Rand, from, to int64) []point {
	f := []point{{from, r.Int64N(1000)}}
	for f[len(f)-1].e < to {
		f = append(f, point{min(to, f[len(f)-1].e+1+r.Int64N(100)), r.Int64N(1000)})
	}
	return f
}
