package vault_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// sealedUnder is begin with channels that not all members have accepted.
func sealedUnder(t *testing.T, accepting map[string][]uint8) *contracttest.Ledger {
	t.Helper()
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range accepting {
			if !yield(name) {
				return
			}
		}
	})
	l := contracttest.New(t, 3, names...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	zero := contracttest.Constant(periods, 0)
	for _, name := range names {
		l.Parks[name].OpenChannels(accepting[name]...)
		l.Parks[name].Seal(vault.Forecast, day, 1, zero, zero, zero, zero)
	}
	l.ToGate(vault.Forecast, day)
	return l
}

// handOnAll has the set hand on and everybody receive, until it is over.
func handOnAll(l *contracttest.Ledger, epoch uint32) vault.Handover {
	l.T.Helper()
	for _, from := range l.Handover(epoch).From {
		l.Keepers(1)[from-1].HandOn(epoch)
	}
	l.EndBlock()
	for _, index := range l.Handover(epoch).From {
		l.Must(l.Keepers(epoch)[index-1].Receive(epoch))
	}
	for _, member := range l.Keepers(epoch) {
		_ = member.Receive(epoch) // those of the set have done so
	}
	for range 6 {
		l.EndBlock()
	}
	return l.Handover(epoch)
}

// Parks whose channels each lack another member cannot keep the others' series
// from being handed over: those of the fewest parks are left out, with an alert,
// and nobody is excluded for what it does not hold.
func TestParksCannotKeepOthersFromBeingHandedOver(t *testing.T) {
	l := sealedUnder(t, map[string][]uint8{
		"park1": {1, 3, 4, 5}, "park2": {1, 2, 4, 5}, // these come first by their names
		"park3": {2, 3, 4, 5}, "park4": {2, 3, 4, 5}, "park5": {1, 2, 3, 4, 5},
	})
	epoch := l.Announce(refresh)
	h := l.Prepare(epoch)
	var parks []string
	for _, item := range h.Items {
		parks = append(parks, item.Park)
	}
	if want := []string{"park2", "park3", "park4", "park5"}; !slices.Equal(parks, want) || !slices.Equal(h.Holding, []uint8{2, 4, 5}) || !slices.Equal(h.From, h.Holding) {
		t.Fatalf("series of %v, held by %v, from %v: expected %v, members 2, 4 and 5", parks, h.Holding, h.From, want)
	}
	if want := []string{"keepers epoch/2", "series-left-out park1"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	if done := handOnAll(l, epoch); done.Phase != vault.HandoverDone || len(done.Excluded) != 0 {
		t.Fatalf("%s, excluded %v: %s", done.Phase, done.Excluded, done.Reason)
	}
	left := l.SealedOf(vault.Forecast, day, "park1")
	id, proposal := ask(l, "grid", vault.Disclose{Park: "park1", Day: day, Kind: vault.Forecast, Reason: "a dispute"})
	l.Vote(proposal, true, "member1", "member2", "member3", "member4")
	if release := l.Release(id); release.Phase != vault.PhaseRefused || !strings.Contains(release.Outcome, "no keepers hold shares") {
		t.Errorf("what was left out, after the switch: %s %q; handed over %d times", release.Phase, release.Outcome, len(left.Handed))
	}
	if round, err := vault.StartRound(l.Context(""), vault.Forecast, day, sums()); err != nil || len(round.Candidates) != 4 {
		t.Errorf("a round over the others: %d parks, %v", len(round.Candidates), err)
	}
}

// A set that cannot be completed from those who hold everything is chosen anew,
// with what is handed over.
func TestASetIsChosenAnewWithoutTheOneThatFailed(t *testing.T) {
	l := sealedUnder(t, map[string][]uint8{"park1": {1, 2, 4, 5}, "park2": {1, 3, 4, 5}, "park3": {1, 2, 3, 4, 5}})
	epoch := l.Announce(refresh)
	if h := l.Prepare(epoch); !slices.Equal(h.Holding, []uint8{1, 4, 5}) || len(h.Items) != 3 {
		t.Fatalf("held by %v, %d series", h.Holding, len(h.Items))
	}
	for _, k := range []int{0, 3} {
		l.Keepers(1)[k].HandOn(epoch)
	}
	for l.Handover(epoch).Set == 1 {
		l.EndBlock()
	}
	for range 3 {
		l.EndBlock()
	}
	h := l.Handover(epoch)
	if h.Phase != vault.HandoverResharing || !slices.Equal(h.Excluded, []uint8{5}) || !slices.Equal(h.From, []uint8{1, 2, 4}) || len(h.Items) != 2 {
		t.Fatalf("%s from %v, excluded %v, %d series", h.Phase, h.From, h.Excluded, len(h.Items))
	}
	if done := handOnAll(l, epoch); done.Phase != vault.HandoverDone {
		t.Errorf("%s: %s", done.Phase, done.Reason)
	}
}

// Where series would be left out only because an old member has not opened its
// channels yet, it is waited for, a ledger day at most.
func TestHoldersAreWaitedForBeforeSeriesAreLeftOut(t *testing.T) {
	begun := func(t *testing.T) (*contracttest.Ledger, uint32) {
		l := sealedUnder(t, map[string][]uint8{"park1": {1, 2, 4, 5}, "park2": {1, 2, 4, 5}, "park3": {1, 2, 4, 5}})
		epoch := l.Announce(refresh)
		for _, member := range l.Keepers(1)[:3] {
			member.OpenTo(epoch)
		}
		for range 50 {
			l.EndBlock()
		}
		if h := l.Handover(epoch); h.Phase != vault.HandoverPreparing {
			t.Fatalf("%s with %d series", h.Phase, len(h.Items))
		}
		return l, epoch
	}
	t.Run("it comes", func(t *testing.T) {
		l, epoch := begun(t)
		l.Keepers(1)[3].OpenTo(epoch)
		for range 20 {
			l.EndBlock()
		}
		if h := l.Handover(epoch); !slices.Equal(h.From, []uint8{1, 2, 4}) || len(h.Items) != 3 {
			t.Errorf("%s from %v, %d series", h.Phase, h.From, len(h.Items))
		}
	})
	t.Run("it does not come", func(t *testing.T) {
		l, epoch := begun(t)
		l.Now += 24 * contracttest.Hour
		for range 20 {
			l.EndBlock()
		}
		if h := l.Handover(epoch); h.Phase == vault.HandoverPreparing || len(h.Items) != 0 || len(l.Alerts()) != 4 {
			t.Errorf("%s with %d series, alerts %v", h.Phase, len(h.Items), l.Alerts())
		}
	})
}

// acknowledged is a hand-over that four of the new members have acknowledged and
// the others not yet.
func acknowledged(t *testing.T, change func(*contracttest.Ledger) committee.KeepersChange) (*contracttest.Ledger, uint32) {
	t.Helper()
	l := begin(t)
	epoch := l.Announce(change(l))
	h := l.Prepare(epoch)
	for _, from := range h.From {
		l.Keepers(1)[from-1].HandOn(epoch)
	}
	l.EndBlock()
	for _, member := range l.Keepers(epoch)[:4] {
		l.Must(member.Receive(epoch))
	}
	return l, epoch
}

func refreshed(*contracttest.Ledger) committee.KeepersChange { return refresh }

// removeNow takes a member's right to act away.
func removeNow(l *contracttest.Ledger, name string) {
	member, _ := committee.MemberNamed(l.State, name)
	member.Removed = true
	record.Save(l.State, committee.MemberKey(name), member)
}

// stays checks that a hand-over fails and leaves the old keepers in force.
func stays(t *testing.T, l *contracttest.Ledger, epoch uint32, says string) {
	t.Helper()
	for range 60 {
		l.EndBlock()
	}
	if h := l.Handover(epoch); h.Phase != vault.HandoverFailed || !strings.Contains(h.Reason, says) || committee.CurrentKeepers(l.State).Epoch != 1 {
		t.Errorf("%s, epoch %d in force: %s", h.Phase, committee.CurrentKeepers(l.State).Epoch, h.Reason)
	}
}

// A member that has acknowledged and is removed then does not count, neither
// while others are waited for nor in the block of the switch.
func TestRemovedMembersDoNotCountForTheSwitch(t *testing.T) {
	for name, wait := range map[string]func(*contracttest.Ledger, uint32){
		"receiving": func(*contracttest.Ledger, uint32) {},
		"switching": func(l *contracttest.Ledger, epoch uint32) {
			for l.Handover(epoch).Phase == vault.HandoverReceiving {
				l.EndBlock()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, epoch := acknowledged(t, refreshed)
			wait(l, epoch)
			removeNow(l, "member4")
			stays(t, l, epoch, "of 4 new members that may act 3 have acknowledged")
		})
	}
}

func TestSwitchNeedsMoreThanTwoThirdsOfTheNewValidators(t *testing.T) {
	l, epoch := acknowledged(t, func(l *contracttest.Ledger) committee.KeepersChange {
		return committee.KeepersChange{
			Leave: []string{"member4", "member5"}, Threshold: 2,
			Admit: []committee.NewMember{l.NewMember("member6"), l.NewMember("member7"), l.NewMember("member8")},
		}
	})
	stays(t, l, epoch, "of 6 new members that may act 4 have acknowledged what was handed on, expected 5")
}

// HeldAt agrees with what can be decoded.
func TestHeldAtIsWhatCanBeDecoded(t *testing.T) {
	l := begin(t)
	for range 2 {
		l.HandOver(l.Announce(refresh))
	}
	sealed := l.SealedOf(vault.Forecast, day, "park2")
	broken := sealed
	broken.Parts, broken.Handed = sealed.Parts[:3], slices.Clone(sealed.Handed)
	broken.Handed[0].Parts = nil
	for _, sealed := range []vault.Sealed{sealed, broken, {}} {
		for epoch := range uint32(5) {
			if _, err := vault.DecodedAt(sealed, epoch); vault.HeldAt(sealed, epoch) != (err == nil) {
				t.Errorf("epoch %d: held %v, %v", epoch, vault.HeldAt(sealed, epoch), err)
			}
		}
	}
}

// What was handed on in vain is cleared away a bounded number of records a
// block, and nothing is handed on meanwhile.
func TestWhatWasHandedOnInVainIsClearedAwayInPieces(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	for item := range uint32(600) {
		record.Save(l.State, vault.SubdealKey(epoch, item, 1), [][]byte{})
	}
	for l.Handover(epoch).Phase != vault.HandoverFailed { // nobody hands on
		l.EndBlock()
	}
	again := l.Announce(refresh)
	for _, member := range l.Keepers(1) {
		member.OpenTo(again)
	}
	for _, want := range []int{600 - 2*256, 0} { // a block was ended with the announcement
		if l.EndBlock(); len(keysOf(l, vault.SubdealPrefix)) != want {
			t.Errorf("%d left: expected %d", len(keysOf(l, vault.SubdealPrefix)), want)
		}
		if h := l.Handover(again); (h.Phase == vault.HandoverPreparing) != (want > 0) {
			t.Errorf("%s with %d records to clear away", h.Phase, want)
		}
	}
}

// With a gate always near a hand-over fails instead of waiting for ever.
func TestGatesThatAreAlwaysNearEndAHandOver(t *testing.T) {
	l := begin(t)
	parameters := committee.LoadParameters(l.State)
	parameters.ReadingLag = 20 * contracttest.Hour
	record.Save(l.State, committee.ParametersKey, parameters)
	epoch := l.Announce(refresh)
	for _, member := range l.Keepers(1) {
		member.OpenTo(epoch)
	}
	for range 60 {
		for _, key := range keysOf(l, contract.MomentPrefix) {
			l.State.Delete(key)
		}
		contract.Wake(l.State, contract.Moment{Time: l.Now + 5*contracttest.Hour, Kind: contract.MomentGate, Day: day + 1})
		l.EndBlock()
		l.Now += contracttest.Hour
	}
	if h := l.Handover(epoch); h.Phase != vault.HandoverFailed || !strings.Contains(h.Reason, "no time came in which no gate is near") {
		t.Errorf("%s: %s", h.Phase, h.Reason)
	}
}

// Who hands something on in good time again and again is not late; who stops is.
func TestLateIsWhoHandsNothingOn(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	old := l.Keepers(1)
	for item := range l.Handover(epoch).Items {
		for range 10 {
			l.EndBlock()
		}
		l.Must(vault.HandleHandOn(l.Context("member1"), old[0].Subdeals(epoch, item)))
		if item == 0 {
			l.Must(vault.HandleHandOn(l.Context("member2"), old[1].Subdeals(epoch, item)))
			old[2].HandOn(epoch)
		}
	}
	l.EndBlock()
	if h := l.Handover(epoch); !slices.Equal(h.From, []uint8{1, 3, 4}) || !slices.Equal(h.Late, []uint8{2}) {
		t.Errorf("from %v, late %v: expected member 4 in the place of 2", h.From, h.Late)
	}
}

// Lateness ends with a gate: who was late is chosen last.
func TestLateMembersMayHandOnAgainAfterAGate(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	old := l.Keepers(1)
	old[0].HandOn(epoch)
	old[2].HandOn(epoch)
	for l.Handover(epoch).Set == 1 {
		l.EndBlock()
	}
	gate := l.Now + contracttest.Hour
	contract.Wake(l.State, contract.Moment{Time: gate, Kind: contract.MomentReadings, Day: day})
	l.EndBlock()
	if h := l.Handover(epoch); h.Phase != vault.HandoverPreparing || len(h.Excluded)+len(h.Late) != 0 || !slices.Equal(h.Slow, []uint8{4, 2}) {
		t.Fatalf("%s: excluded %v, late %v, slow %v", h.Phase, h.Excluded, h.Late, h.Slow)
	}
	for _, key := range keysOf(l, contract.MomentPrefix) {
		l.State.Delete(key)
	}
	l.Now = gate
	l.EndBlock()
	if h := l.Handover(epoch); !slices.Equal(h.From, []uint8{1, 3, 5}) {
		t.Errorf("%s from %v: expected those that were not slow", h.Phase, h.From)
	}
}

// What the headers tell is checked before any point is decoded, in the block and
// before it.
func TestHeadersOfWhatIsHandedOnAreCheckedFirst(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	member := l.Keepers(1)[0]
	spoiled := func() vault.HandOn {
		body := member.Subdeals(epoch, 0)
		for k, part := range body.Items[0].Parts {
			series := vault.SeriesName(vault.Forecast, vault.ForecastSeries[k])
			first := strings.Index(string(part), series) + len(series) + 4 + 4 + 2 + 1 + 1 + 16 + 8 // behind the header
			for i := range 32 {
				part[first+i] = 0xff // no point
			}
		}
		return body
	}
	body := spoiled()
	if err := vault.CheckHandOn(l.Context("member1"), body); err != nil {
		t.Errorf("with headers that are right: %v", err)
	}
	if err := vault.HandleHandOn(l.Context("member1"), body); err == nil {
		t.Error("what is no point was taken")
	}
	swapped := spoiled()
	swapped.Items[0].Parts[2] = swapped.Items[0].Parts[3]
	beyond := spoiled()
	beyond.Items[0].Item = 99
	for says, body := range map[string]vault.HandOn{
		`part 3: "forecast/surplus", version 1, 3 periods: expected "forecast/wind"`: swapped,
		"0 series":               {Epoch: epoch},
		"none is under way":      {Epoch: epoch + 1, Items: body.Items},
		"expected 0 to 2":        beyond,
		"not of the set":         body,
		"shares of member 1":     body,
		"not a member of the co": body,
	} {
		sender := map[string]string{"not of the set": "member5", "shares of member 1": "member2", "not a member of the co": "park1"}[says]
		if sender == "" {
			sender = "member1"
		}
		if err := vault.CheckHandOn(l.Context(sender), body); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: expected an error with %q", err, says)
		}
	}
}

// A channel that is gone is none: nothing panics, and nobody is convicted.
func TestMissingChannelsAreNone(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	h := l.Prepare(epoch)
	for _, from := range h.From {
		l.Keepers(1)[from-1].HandOn(epoch)
	}
	l.EndBlock()
	if err := vault.HandleAcknowledgeHandover(l.Context("member4"), vault.AcknowledgeHandover{
		Epoch: epoch, Set: h.Set, Refusals: []vault.HandoverRefusal{{From: 1, Proof: make([]byte, 65)}},
	}); err != nil {
		t.Errorf("an unfounded refusal: %v", err)
	}
	for _, key := range keysOf(l, vault.ChannelPrefix("member1")) {
		l.State.Delete(key)
	}
	if err := vault.HandleAcknowledgeHandover(l.Context("member5"), vault.AcknowledgeHandover{Epoch: epoch, Set: h.Set}); err == nil || !strings.Contains(err.Error(), "not acknowledged its channels") {
		t.Errorf("without a channel: %v", err)
	}
}

// Channels to announced keepers stay until the hand-over is over, and it is over
// when the keys of its day are erased.
func TestHandOverEndsBeforeItsKeysAreErased(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	h := l.Prepare(epoch)
	l.Now = int64(h.Day+1)*86_400 + 43_200 + contracttest.Contest + 1
	_, _ = vault.StartRound(l.Context(""), vault.Reading, day+5, nil) // expires
	if channels := keysOf(l, vault.ChannelsPrefix+"member"); len(channels) != 5 {
		t.Errorf("%d channels: expected the members' five", len(channels))
	}
	l.EndBlock()
	if h := l.Handover(epoch); h.Phase != vault.HandoverFailed || !strings.Contains(h.Reason, fmt.Sprintf("keys of day %d", h.Day)) {
		t.Errorf("%s: %s", h.Phase, h.Reason)
	}
	if channels := keysOf(l, vault.ChannelsPrefix+"member"); len(channels) != 0 {
		t.Errorf("%d channels are left over", len(channels))
	}
}
