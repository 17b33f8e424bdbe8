package vault

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	sealing "github.com/sesame-energy/sesame/vault"
)

// ClaimOf is what a park must prove of the deals of a kind, given in the order
// of the kind's series: each value within 0..2^32-1 W, surplus and deficit
// within what the park has registered, and of readings that surplus or deficit
// is zero in each period. The deficit of a forecast is load - pv - wind +
// surplus, on the commitments, so it is proven of the very commitments that its
// sums are opened against.
func ClaimOf(kind string, deals []*sealing.Deal, park committee.Park) *sealing.Claim {
	claim := &sealing.Claim{Deals: deals}
	for i, name := range SeriesOf(kind) {
		most := uint64(sealing.MaxValue)
		switch name {
		case "surplus":
			most = bound(park.SurplusCapacity)
		case "deficit":
			most = bound(park.DeficitCapacity)
		}
		claim.Series = append(claim.Series, sealing.Bounded{
			Name: SeriesName(kind, name), Terms: []sealing.Summand{{Deal: i}}, Most: most,
		})
	}
	if kind == Reading {
		claim.Apart = []int{0, 1}
		return claim
	}
	claim.Series = append(claim.Series, sealing.Bounded{
		Name:  SeriesName(kind, "deficit"),
		Terms: []sealing.Summand{{Deal: 0}, {Deal: 1, Minus: true}, {Deal: 2, Minus: true}, {Deal: 3}},
		Most:  bound(park.DeficitCapacity),
	})
	return claim
}

// proofSize is the length of the proof of ClaimOf, bytes.
func proofSize(kind string, periods int) int {
	if kind == Reading {
		return sealing.ClaimProofSize(len(ReadingSeries), periods, true)
	}
	return sealing.ClaimProofSize(len(ForecastSeries)+1, periods, false)
}

// bound is a registered capacity as a claim has it: no more than can be sealed.
func bound(capacity energy.Watt) uint64 {
	return uint64(min(max(capacity, 0), sealing.MaxValue))
}
