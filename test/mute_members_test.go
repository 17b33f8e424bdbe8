package test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
)

// Three of five members go on validating but keep their parts of the sums to
// themselves when the second day opens: it is planned on the first day's sums.
func TestThreeMuteMembersLeaveTheNextDayToTheFallbackPlan(t *testing.T) {
	skipShort(t)
	town := layOut(bounded(t, 5*time.Minute), t)
	var mute atomic.Bool
	silence := func(_ context.Context, kind string, body any) (any, bool) {
		return body, !mute.Load() || kind != "vault/partials"
	}
	town.start(map[string]habit{"member1": silence, "member3": silence, "member4": silence})

	town.until("the first day's plan", func() bool {
		_, found := load[scheduling.Plan](town.witness, scheduling.Key(firstDay, 1))
		return found
	})
	mute.Store(true)
	first := must[scheduling.Plan](town.witness, scheduling.Key(firstDay, 1))
	if first.Source != scheduling.SourceRound {
		t.Fatalf("the first day's plan rests on %q, expected the round", first.Source)
	}
	town.until("the second day's plan", func() bool {
		_, found := load[scheduling.Plan](town.witness, scheduling.Key(firstDay+1, 1))
		return found
	})
	second := must[scheduling.Plan](town.witness, scheduling.Key(firstDay+1, 1))
	round := must[contract.Round](town.witness, contract.RoundKey(contract.RoundID(contract.Forecast, firstDay+1, 1)))
	talks := func(index uint8) bool { return index == 2 || index == 5 }
	if round.Phase != contract.PhaseFailed || slices.ContainsFunc(round.Partials, func(index uint8) bool { return !talks(index) }) {
		t.Errorf("round %s, partials of %v: expected it to fail with those of 2 and 5 alone", round.Phase, round.Partials)
	}
	if !slices.ContainsFunc(round.Quorum, func(index uint8) bool { return !talks(index) }) {
		t.Errorf("quorum %v: expected mute members to have acknowledged their shares", round.Quorum)
	}
	if second.Source != scheduling.SourceFallback || !slices.Equal(second.Surplus, first.Surplus) || !slices.Equal(second.Deficit, first.Deficit) {
		t.Errorf("the second day's plan rests on %q, surplus %v: expected the fallback on %v", second.Source, second.Surplus, first.Surplus)
	}
	if _, err := second.Prove(); err != nil {
		t.Errorf("the fallback plan: %v", err)
	}
	for _, rule := range []string{alerts.FallbackPlan, alerts.RoundFailed} {
		if !slices.ContainsFunc(all[alerts.Alert](town.witness, alerts.Prefix), func(a alerts.Alert) bool { return a.Rule == rule }) {
			t.Errorf("no alert %s", rule)
		}
	}
	for _, founder := range town.document.Members {
		if town.alert(alerts.MemberAbsent, founder.Name) {
			t.Errorf("%s is absent: expected it to validate", founder.Name)
		}
	}
	agree(t, town.nodes())
}
