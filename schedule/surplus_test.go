package schedule

import (
	"testing"

	"pgregory.net/rapid"
)

// drawFunction is a function on the energies 0 to span.
func drawFunction(t *rapid.T, name string, span int64) []vertex {
	f := []vertex{{0, rapid.Int64Range(-1000, 1000).Draw(t, name)}}
	for f[len(f)-1].e < span {
		step := rapid.Int64Range(1, span).Draw(t, name+" step")
		f = append(f, vertex{min(span, f[len(f)-1].e+step), rapid.Int64Range(-1000, 1000).Draw(t, name)})
	}
	return f
}

// Law: nowhere may more be spent than both sides of a moment together cost beyond
// the best, but for the rounding of a value and of a crossing to whole energies.
func TestSurplusIsWhatBothSidesCostBeyondTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const span = 200
		u, f := drawFunction(t, "u", span), drawFunction(t, "f", span)
		best := rapid.Int64Range(-1500, 1500).Draw(t, "best")
		var s surplus
		s.sharply(u, f, best)
		if s.at[0].e != 0 || s.at[len(s.at)-1].e != span {
			t.Fatalf("from %d to %d, expected 0 to %d", s.at[0].e, s.at[len(s.at)-1].e, span)
		}
		onU, onF := 0, 0
		for i := 1; i < len(s.at); i++ {
			from, to := vertex{s.at[i-1].e, s.more[i-1]}, vertex{s.at[i].e, s.more[i]}
			if from.e >= to.e {
				t.Fatalf("energy %d after %d", to.e, from.e)
			}
			slope := max(from.v-to.v, to.v-from.v) / (to.e - from.e)
			for e := from.e; e <= to.e; e++ {
				value := valueFrom(u, e, &onU)
				if listed := between(s.at[i-1], s.at[i], e); listed > value || listed < value-2 {
					t.Fatalf("at %d the function is %d, listed as %d", e, value, listed)
				}
				left := max(0, value+valueFrom(f, e, &onF)-best)
				if spent := between(from, to, e); spent > left+slope+2 {
					t.Fatalf("at %d %d may be spent, both sides leave %d", e, spent, left)
				}
			}
		}
	})
}
