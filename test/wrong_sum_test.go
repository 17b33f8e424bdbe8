package test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// Member 3 adds one watt to its part of a sum. Members 1 and 2 hold theirs back
// until a block has the lie, so that it does not come after the opening, when
// nobody needs it any more.
func TestMemberThatPostsAWrongSumIsNamedAndTheRoundCompletes(t *testing.T) {
	skipShort(t)
	town := layOut(bounded(t, 4*time.Minute), t)
	id := contract.RoundID(contract.Forecast, firstDay, 1)
	told := make(chan struct{})
	hold := func(ctx context.Context, _ string, body any) (any, bool) {
		if _, are := body.(contract.Partials); are {
			select {
			case <-told:
			case <-ctx.Done():
			}
		}
		return body, true
	}
	town.start(map[string]habit{"member1": hold, "member2": hold, "member3": lie})

	var round contract.Round
	named := func() bool {
		round, _ = load[contract.Round](town.witness, contract.RoundKey(id))
		return len(round.Wrong) > 0
	}
	town.until("the wrong sum", named)
	if round.Phase != contract.PhaseOpening {
		t.Fatalf("the round is %s with the right sums of %v: expected it to wait for a third", round.Phase, round.Partials)
	}
	close(told)
	town.until("the plan", func() bool {
		_, found := load[scheduling.Plan](town.witness, scheduling.Key(firstDay, 1))
		return found
	})
	named()
	if round.Phase != contract.PhaseOpened || !slices.Equal(round.Wrong, []uint8{3}) || len(round.Partials) < 3 || slices.Contains(round.Partials, 3) {
		t.Errorf("round %s, right %v, wrong %v: expected it open and member 3 named", round.Phase, round.Partials, round.Wrong)
	}
	if !town.alert(alerts.WrongShare, "member3") {
		t.Errorf("no alert %s about member3: %+v", alerts.WrongShare, all[alerts.Alert](town.witness, alerts.Prefix))
	}
	plan := must[scheduling.Plan](town.witness, scheduling.Key(firstDay, 1))
	if plan.Source != scheduling.SourceRound || plan.Round != id {
		t.Errorf("the plan rests on %s %s, expected %s", plan.Source, plan.Round, id)
	}
	samePlan(t, plan, loadCase(t, referenceCase))
	agree(t, town.nodes())
}

// lie adds one watt to a member's first partial sum.
func lie(_ context.Context, _ string, body any) (any, bool) {
	sums, are := body.(contract.Partials)
	if !are {
		return body, true
	}
	partial, err := vault.DecodePartial(sums.Sums[0])
	if err != nil {
		return body, true // the member itself has made nonsense: it is named all the same
	}
	partial.Value.Add(&partial.Value, group.NewScalar(1))
	encoded, _ := partial.MarshalBinary() // never fails
	sums.Sums = append([][]byte{encoded}, sums.Sums[1:]...)
	return sums, true
}
