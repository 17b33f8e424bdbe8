package vault_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	sealing "github.com/sesame-energy/sesame/vault"
)

func TestWhatIsNotTheMembersShareIsNotTaken(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	old := l.Keepers(1)
	good := old[0].Subdeals(epoch, 0)
	for name, test := range map[string]struct {
		sender string
		change func(*vault.HandOn)
		says   string
	}{
		"of another member":     {"member2", func(*vault.HandOn) {}, "shares of member 1, sent by member 2"},
		"of one not in the set": {"member5", func(b *vault.HandOn) { *b = old[4].Subdeals(epoch, 0) }, "not of the set"},
		"of a park":             {"park1", func(*vault.HandOn) {}, "not a member"},
		"out of order":          {"member1", func(b *vault.HandOn) { *b = old[0].Subdeals(epoch, 1) }, "one after the other"},
		"of another series": {"member1", func(b *vault.HandOn) {
			b.Items[0].Parts[0], b.Items[0].Parts[1] = b.Items[0].Parts[1], b.Items[0].Parts[0]
		}, "part 1"},
		"one part too few":    {"member1", func(b *vault.HandOn) { b.Items[0].Parts = b.Items[0].Parts[:3] }, "3 parts"},
		"of another epoch":    {"member1", func(b *vault.HandOn) { b.Epoch = 7 }, "none is under way"},
		"one commitment less": {"member1", func(b *vault.HandOn) { b.Items[0].Parts[2] = b.Items[0].Parts[2][:len(b.Items[0].Parts[2])-32] }, "bytes after the header"},
		"nothing":             {"member1", func(b *vault.HandOn) { b.Items = nil }, "expected 1 to 16"},
		"too much at once":    {"member1", func(b *vault.HandOn) { b.Items = make([]vault.HandedItem, 17) }, "expected 1 to 16"},
		"to another threshold": {"member1", func(b *vault.HandOn) {
			at := strings.Index(string(b.Items[0].Parts[0]), "forecast/load") + len("forecast/load") + 4 + 4 + 2
			b.Items[0].Parts[0][at]-- // the threshold, with the length that it had
		}, "part 1"},
		"member 0": {"member1", func(b *vault.HandOn) { b.Items[0].Parts[0][1] = 0 }, "part 1"},
		"another commitment": {"member1", func(b *vault.HandOn) {
			other, err := sealing.UnmarshalHandover(b.Items[0].Parts[3])
			l.Must(err)
			first, second := other.Polynomial(0)[0].Bytes(), other.Polynomial(0)[1].Bytes()
			b.Items[0].Parts[3] = []byte(strings.Replace(string(b.Items[0].Parts[3]), string(first[:]), string(second[:]), 1))
		}, "does not continue"},
	} {
		body := vault.HandOn{Epoch: good.Epoch, Items: []vault.HandedItem{{Item: good.Items[0].Item}}}
		for _, part := range good.Items[0].Parts {
			body.Items[0].Parts = append(body.Items[0].Parts, slices.Clone(part))
		}
		test.change(&body)
		if err := vault.HandleHandOn(l.Context(test.sender), body); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v: expected an error with %q", name, err, test.says)
		}
	}
	l.Must(vault.HandleHandOn(l.Context("member1"), good))
	if err := vault.HandleHandOn(l.Context("member1"), good); err == nil {
		t.Error("the same item was taken twice")
	}
}

// What was made for one hand-over is not taken in the next: its epoch is in it.
func TestReplayedEpochIsRefused(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	stale := l.Keepers(1)[0].Subdeals(epoch, 0)
	for range 200 { // nobody hands on: it fails
		l.EndBlock()
	}
	if failed := l.Handover(epoch); failed.Phase != vault.HandoverFailed {
		t.Fatalf("hand-over is %s", failed.Phase)
	}
	again := l.Announce(refresh)
	l.Prepare(again)
	stale.Epoch = again
	if err := vault.HandleHandOn(l.Context("member1"), stale); err == nil || !strings.Contains(err.Error(), "epoch 2, want 3") {
		t.Errorf("replayed: %v", err)
	}
}

// An old member that cheats a new one is proven false, taken out of the set,
// and another takes its place; the hand-over goes on.
func TestFalseHandOverIsProvenAndAnotherMemberTakesItsPlace(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	old := l.Keepers(1)
	old[0].HandOn(epoch)
	old[2].HandOn(epoch)
	for item := range l.Handover(epoch).Items {
		body := old[1].Subdeals(epoch, item)
		if item == 1 {
			body.Items[0].Parts[2][len(body.Items[0].Parts[2])-1] ^= 1 // the fifth member's box
		}
		l.Must(vault.HandleHandOn(l.Context("member2"), body))
	}
	l.EndBlock()
	for _, member := range l.Keepers(epoch) {
		l.Must(member.Receive(epoch))
	}
	if h := l.Handover(epoch); h.Phase != vault.HandoverResharing || !slices.Equal(h.From, []uint8{1, 3, 4}) || !slices.Equal(h.Excluded, []uint8{2}) || len(h.Acknowledged) != 0 {
		t.Fatalf("hand-over %s: from %v, excluded %v, acknowledged %v", h.Phase, h.From, h.Excluded, h.Acknowledged)
	}
	if want := []string{"keepers epoch/2", "false-handover member2"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	old[3].HandOn(epoch)
	l.EndBlock()
	for _, member := range l.Keepers(epoch) {
		l.Must(member.Receive(epoch))
	}
	l.EndBlock()
	l.EndBlock()
	if h := l.Handover(epoch); h.Phase != vault.HandoverDone {
		t.Fatalf("hand-over %s: %s", h.Phase, h.Reason)
	}
	id := start(l)
	l.RunRound(id)
	if got := opened(l, id); !slices.Equal(got, forecastSums) {
		t.Errorf("sums %v: expected %v", got, forecastSums)
	}
}

// A refusal that does not stand names the new member, which then holds nothing;
// the others take over.
func TestUnfoundedRefusalNamesTheNewMember(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	old := l.Keepers(1)
	for _, from := range l.Handover(epoch).From {
		old[from-1].HandOn(epoch)
	}
	l.EndBlock()
	l.Must(vault.HandleAcknowledgeHandover(l.Context("member4"), vault.AcknowledgeHandover{
		Epoch: epoch, Set: l.Handover(epoch).Set, Refusals: []vault.HandoverRefusal{{From: 1, Proof: []byte("none")}},
	}))
	if err := old[3].Receive(epoch); err == nil {
		t.Error("a named member's acknowledgement was taken")
	}
	for _, k := range []int{0, 1, 2, 4} {
		l.Must(old[k].Receive(epoch))
	}
	l.EndBlock()
	l.EndBlock()
	if h := l.Handover(epoch); h.Phase != vault.HandoverDone || !slices.Equal(h.Unfounded, []uint8{4}) {
		t.Fatalf("hand-over %s, unfounded %v", h.Phase, h.Unfounded)
	}
	id := start(l)
	if err := vault.HandleAcknowledge(l.Context("member4"), vault.Acknowledge{Round: id}); err == nil || !strings.Contains(err.Error(), "handed over") {
		t.Errorf("a member without shares acknowledges: %v", err)
	}
}

// Fewer than a threshold of right members leave the old epoch in force.
func TestTooFewWhoHandOverLeaveTheOldEpochInForce(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{l.NewMember("member6")}, Threshold: 3})
	l.Prepare(epoch)
	old := l.Keepers(1)
	old[0].HandOn(epoch)
	for range 200 {
		l.EndBlock()
	}
	h := l.Handover(epoch)
	if h.Phase != vault.HandoverFailed || committee.LoadParameters(l.State).Epoch != 1 {
		t.Fatalf("hand-over %s", h.Phase)
	}
	if _, may := committee.LoadAccount(l.State, "member6"); may {
		t.Error("the member that was to be admitted may act")
	}
	if !slices.Contains(l.Alerts(), "handover-failed epoch/2") {
		t.Errorf("alerts %v", l.Alerts())
	}
	id := start(l)
	if round := l.RunRound(id); round.Phase != vault.PhaseOpened || round.Epoch != 1 {
		t.Errorf("round of epoch %d %s", round.Epoch, round.Phase)
	}
}

// Late members are replaced by the next ones, whose work counts at once.
func TestLateMembersAreReplaced(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	l.Keepers(1)[0].HandOn(epoch)
	for l.Handover(epoch).Set == 1 {
		l.EndBlock()
	}
	if h := l.Handover(epoch); !slices.Equal(h.From, []uint8{1, 4, 5}) || !slices.Equal(h.Excluded, []uint8{2, 3}) || !slices.Equal(h.Complete, []uint8{1}) {
		t.Fatalf("from %v, excluded %v, complete %v", h.From, h.Excluded, h.Complete)
	}
	l.Keepers(1)[3].HandOn(epoch)
	l.Keepers(1)[4].HandOn(epoch)
	l.EndBlock()
	for _, member := range l.Keepers(epoch) {
		l.Must(member.Receive(epoch))
	}
	l.EndBlock()
	l.EndBlock()
	if h := l.Handover(epoch); h.Phase != vault.HandoverDone {
		t.Errorf("hand-over %s: %s", h.Phase, h.Reason)
	}
}

// An old member whose channel a quorum of new ones has not acknowledged is not
// of the set; one new member that acknowledges nothing does not hold all up.
func TestSetSharesChannelsWithAQuorum(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(refresh)
	old := l.Keepers(1)
	old[0].OpenTo(epoch, "member1", "member2")
	for _, member := range old[1:] {
		member.OpenTo(epoch, "member5")
	}
	for l.Handover(epoch).Phase == vault.HandoverPreparing {
		l.EndBlock()
	}
	if h := l.Handover(epoch); !slices.Equal(h.From, []uint8{2, 3, 4}) {
		t.Fatalf("from %v", h.From)
	}
	for _, from := range l.Handover(epoch).From {
		old[from-1].HandOn(epoch)
	}
	l.EndBlock()
	for _, member := range old[:4] {
		l.Must(member.Receive(epoch))
	}
	if err := vault.HandleAcknowledgeHandover(l.Context("member5"), vault.AcknowledgeHandover{Epoch: epoch, Set: 1}); err == nil {
		t.Error("a member without channels acknowledged")
	}
	l.EndBlock()
	l.EndBlock()
	if keepers := committee.CurrentKeepers(l.State); keepers.Epoch != epoch || !slices.Equal(keepers.Holders, []uint8{1, 2, 3, 4}) {
		t.Errorf("epoch %d, holders %v", keepers.Epoch, keepers.Holders)
	}
}
