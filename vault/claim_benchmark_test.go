package vault

import (
	"fmt"
	"testing"
)

// claimShapes are what a park proves for a day of 24 periods.
func claimShapes(b *testing.B) map[string]claimed {
	w := newWorld(b, 1, 3, 5, "park1")
	values := func(first, step uint64) []uint64 {
		out := make([]uint64, 24)
		for j := range out {
			out[j] = first + step*uint64(j)
		}
		return out
	}
	var deals []*Deal
	var openings []*Opening
	for i, series := range [][]uint64{values(400_000, 1000), values(300_000, 0), values(0, 0), values(0, 0)} {
		deal, opening := w.deal(b, "park1", fmt.Sprintf("series %d", i), series)
		deals, openings = append(deals, deal), append(openings, opening)
	}
	own := func(deal int) []Summand { return []Summand{{Deal: deal}} }
	forecast := claimed{&Claim{Deals: deals, Series: []Bounded{
		{"load", own(0), MaxValue},
		{"pv", own(1), MaxValue},
		{"wind", own(2), MaxValue},
		{"surplus", own(3), 800_000},
		{"deficit", []Summand{{Deal: 0}, {Deal: 1, Minus: true}, {Deal: 2, Minus: true}, {Deal: 3}}, 800_000},
	}}, openings}
	readings := claimed{&Claim{Deals: deals[2:], Apart: []int{0, 1}, Series: []Bounded{
		{"surplus", own(0), 800_000}, {"deficit", own(1), 800_000},
	}}, openings[2:]}
	return map[string]claimed{"forecast": forecast, "readings": readings}
}

// The park's work beside sharing.
func BenchmarkProveClaim(b *testing.B) {
	for name, c := range claimShapes(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c.prove(b)
			}
			b.ReportMetric(float64(c.claim.ProofSize()), "bytes")
		})
	}
}

// Every node's work, for deals that come alone or together.
func BenchmarkCheckClaims(b *testing.B) {
	for name, c := range claimShapes(b) {
		p := c.prove(b)
		for _, count := range []int{1, 10, 100} {
			proofs := make([]ClaimedProof, count)
			for k := range proofs {
				proofs[k] = p
			}
			b.Run(fmt.Sprintf("%s-%d-together", name, count), func(b *testing.B) {
				for b.Loop() {
					for _, err := range CheckClaims(proofs) {
						if err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "us/deal")
			})
		}
	}
}
