package committee_test

import (
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

var refresh = committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{}, Threshold: contracttest.Threshold}

// voted proposes in the first member's name and has all others vote for it
// until it is decided, or waits.
func voted(ctx contract.Context, body committee.Propose) (committee.Proposal, error) {
	voters := committee.Members(ctx.State)
	ctx.Sender = voters[0].Name
	proposal, err := committee.HandlePropose(ctx, body)
	for _, voter := range voters[1:] {
		if err != nil || proposal.State != committee.StateOpen || proposal.Outcome != "" {
			break
		}
		ctx.Sender = voter.Name
		proposal, err = committee.HandleVote(ctx, committee.Vote{Proposal: proposal.ID, Approve: true})
	}
	return proposal, err
}

func removing(name string) committee.Propose {
	return committee.Propose{Action: committee.ActionRemoveMember, Subject: name, Payload: []byte{}}
}

func changing(change committee.KeepersChange) committee.Propose {
	return committee.Propose{Action: committee.ActionKeepers, Payload: record.Encode(change)}
}

func withdrawing(epoch uint32) committee.Propose {
	return committee.Propose{Action: committee.ActionWithdraw, Payload: record.Encode(committee.Withdrawal{Epoch: epoch})}
}

func proposalOf(l *contracttest.Ledger, id uint64) committee.Proposal {
	proposal, _ := record.Load[committee.Proposal](l.State, committee.ProposalKey(id))
	return proposal
}

// With a low threshold the quorum of rounds is two thirds or less: blocks need
// more than that.
func TestAChangeNeedsMoreThanTwoThirdsThatAct(t *testing.T) {
	for _, c := range []struct {
		members, threshold, removed int
		says                        string
	}{
		{6, 2, 1, ""},
		{6, 2, 2, "more than two thirds, 5"},
		{9, 3, 2, ""},
		{9, 3, 3, "more than two thirds, 7"},
		{12, 3, 3, ""},
		{12, 3, 4, "more than two thirds, 9"},
		{5, 3, 1, ""},
	} {
		state, members := founded(c.members, c.threshold)
		for _, member := range members[:c.removed] {
			record.Save(state, committee.MemberKey(member.Name), committee.Member{Name: member.Name, Removed: true})
		}
		change := refresh
		change.Threshold = c.threshold
		_, err := voted(contract.Context{State: state}, changing(change))
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%d of %d act, threshold %d: %v: expected %q", c.members-c.removed, c.members, c.threshold, err, c.says)
		}
	}
}

// switched has the keepers refresh their shares, with four of five that take
// them over.
func switched(t *testing.T) *contracttest.Ledger {
	t.Helper()
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	epoch := l.Announce(refresh)
	keepers, _ := committee.LoadKeepers(l.State, epoch)
	committee.Switch(l.Context(""), []uint8{1, 2, 3, 4})
	if current := committee.CurrentKeepers(l.State); current.Epoch != keepers.Epoch {
		t.Fatalf("epoch %d is in force: expected %d", current.Epoch, keepers.Epoch)
	}
	return l
}

// A removal counts those that hold shares: with one holder less no round over
// what was handed over could be held.
func TestARemovalLeavesEnoughHolders(t *testing.T) {
	l := switched(t)
	proposal, err := voted(l.Context(""), removing("member4"))
	l.Must(err)
	if proposal.State != committee.StateRefused || !strings.Contains(proposal.Outcome, "hold the shares handed over to epoch 2: rounds need 4") {
		t.Errorf("a holder's removal is %s, %q", proposal.State, proposal.Outcome)
	}
	proposal, err = voted(l.Context(""), removing("member5"))
	l.Must(err)
	if proposal.State != committee.StateAccepted {
		t.Errorf("the removal of one that holds nothing is %s, %q", proposal.State, proposal.Outcome)
	}
}

// While a change is announced, a removal leaves enough of those that come.
func TestARemovalLeavesEnoughOfTheAnnounced(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	epoch := l.Announce(committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{}, Threshold: 3})
	proposal, err := voted(l.Context(""), removing("member2"))
	l.Must(err)
	if proposal.State != committee.StateRefused || !strings.Contains(proposal.Outcome, "epoch 2, which is announced: of 4 keepers 3 can act") {
		t.Errorf("removal is %s, %q", proposal.State, proposal.Outcome)
	}
	if proposal, err = voted(l.Context(""), withdrawing(epoch)); err != nil || proposal.State != committee.StateAccepted {
		t.Fatalf("withdrawal is %s, %q, %v", proposal.State, proposal.Outcome, err)
	}
	if proposal, err = voted(l.Context(""), removing("member2")); err != nil || proposal.State != committee.StateAccepted {
		t.Errorf("after the withdrawal it is %s, %q, %v", proposal.State, proposal.Outcome, err)
	}
}

// A vote supersedes the rotation of a key, so that nobody keeps its seat by
// rotating; the member may rotate again at once.
func TestAVoteSupersedesARotation(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	key := l.NewMember("another key").SealingKey
	l.Must(committee.AnnounceRotation(l.Context("member5"), key))
	l.EndBlock()
	change := committee.KeepersChange{Leave: []string{"member4"}, Admit: []committee.NewMember{}, Threshold: 3}
	proposal, err := voted(l.Context(""), changing(change))
	l.Must(err)
	if proposal.State != committee.StateAccepted {
		t.Fatalf("the change is %s, %q", proposal.State, proposal.Outcome)
	}
	l.EndBlock()
	if h := l.Handover(2); h.Phase != "failed" || h.Reason != "superseded by a vote" {
		t.Errorf("the hand-over of the rotation is %s, %q", h.Phase, h.Reason)
	}
	if next, _ := committee.NextKeepers(l.State); next.Epoch != 3 || len(next.Seats) != 4 {
		t.Errorf("epoch %d with %d seats is announced", next.Epoch, len(next.Seats))
	}
	if proposal, err = voted(l.Context(""), withdrawing(3)); err != nil || proposal.State != committee.StateAccepted {
		t.Fatalf("the withdrawal is %s, %q, %v", proposal.State, proposal.Outcome, err)
	}
	l.EndBlock()
	if err := committee.AnnounceRotation(l.Context("member5"), key); err != nil {
		t.Errorf("rotated again: %v", err)
	}
}

// A change that was voted for waits for another one, and is carried out when
// that is over.
func TestAVotedChangeWaitsForAnotherOne(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	epoch := l.Announce(refresh)
	change := committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{l.NewMember("member6")}, Threshold: 3}
	waiting, err := voted(l.Context(""), changing(change))
	l.Must(err)
	if waiting.State != committee.StateOpen || !strings.Contains(waiting.Outcome, "waits") {
		t.Fatalf("the second change is %s, %q", waiting.State, waiting.Outcome)
	}
	l.EndBlock()
	if next, _ := committee.NextKeepers(l.State); next.Epoch != epoch {
		t.Fatalf("epoch %d is announced", next.Epoch)
	}
	committee.Switch(l.Context(""), []uint8{1, 2, 3, 4, 5})
	l.EndBlock()
	if now := proposalOf(l, waiting.ID); now.State != committee.StateAccepted || now.Outcome != "" {
		t.Errorf("the second change is %s, %q", now.State, now.Outcome)
	}
	if next, found := committee.NextKeepers(l.State); !found || next.IndexOf("member6") != 5 {
		t.Errorf("announced: %t, %+v", found, next.Seats)
	}
}

// What waits too long expires like any proposal, and what does not fit any more
// is refused when its turn comes.
func TestAWaitingChangeExpiresOrIsRefused(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	l.Announce(committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{l.NewMember("member6")}, Threshold: 3})
	late, err := voted(l.Context(""), changing(refresh))
	l.Must(err)
	gone, err := voted(l.Context(""), changing(committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{}, Threshold: 3}))
	l.Must(err)
	committee.Expire(l.Context(""), late.ID)
	committee.Switch(l.Context(""), []uint8{1, 2, 3, 4, 5})
	l.EndBlock()
	if now := proposalOf(l, late.ID); now.State != committee.StateExpired {
		t.Errorf("the first is %s", now.State)
	}
	if now := proposalOf(l, gone.ID); now.State != committee.StateRefused || !strings.Contains(now.Outcome, "keeps no shares") {
		t.Errorf("the second is %s, %q", now.State, now.Outcome)
	}
	if _, found := committee.NextKeepers(l.State); found {
		t.Error("something is announced")
	}
}

// The announced change can be withdrawn by vote, that one only; who was to be
// admitted goes. One of several newcomers can be removed alone.
func TestWhatIsAnnouncedCanBeTakenBack(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	if _, err := voted(l.Context(""), withdrawing(2)); err == nil || !strings.Contains(err.Error(), "not announced") {
		t.Errorf("nothing is announced: %v", err)
	}
	epoch := l.Announce(committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{l.NewMember("member6"), l.NewMember("member7")}, Threshold: 3})
	proposal, err := voted(l.Context(""), removing("member7"))
	l.Must(err)
	if _, may := committee.LoadAccount(l.State, "member7"); proposal.State != committee.StateAccepted || may {
		t.Errorf("the removal of a newcomer is %s, %q; it may act: %t", proposal.State, proposal.Outcome, may)
	}
	if _, err := voted(l.Context(""), withdrawing(epoch+1)); err == nil {
		t.Error("another epoch was withdrawn")
	}
	if proposal, err = voted(l.Context(""), withdrawing(epoch)); err != nil || proposal.State != committee.StateAccepted {
		t.Fatalf("withdrawal is %s, %q, %v", proposal.State, proposal.Outcome, err)
	}
	l.EndBlock()
	if h := l.Handover(epoch); h.Phase != "failed" || h.Reason != "withdrawn by a vote" {
		t.Errorf("its hand-over is %s, %q", h.Phase, h.Reason)
	}
	if _, may := committee.LoadAccount(l.State, "member6"); may {
		t.Error("who was to be admitted may act")
	}
	if _, found := committee.NextKeepers(l.State); found || committee.CurrentKeepers(l.State).Epoch != 1 {
		t.Error("the keepers in force are not those of before")
	}
}

// A removed member that still has a seat in an epoch that counts is not
// admitted anew under its name: its record would be another's.
func TestARemovedMemberWithASeatIsNotAdmittedAgain(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	proposal, err := voted(l.Context(""), removing("member5"))
	l.Must(err)
	if proposal.State != committee.StateAccepted {
		t.Fatal(proposal.Outcome)
	}
	again := changing(committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{l.NewMember("member5")}, Threshold: 3})
	if _, err := voted(l.Context(""), again); err == nil || !strings.Contains(err.Error(), "still has a seat in epoch 1") {
		t.Errorf("admitted again: %v", err)
	}
	l.Announce(committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{}, Threshold: 3})
	committee.Switch(l.Context(""), []uint8{1, 2, 3, 4})
	l.EndBlock()
	l.EndBlock()
	if _, err := voted(l.Context(""), changing(committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{l.NewMember("member5")}, Threshold: 3})); err != nil {
		t.Errorf("its epoch is closed, and still: %v", err)
	}
}

// A key that a member has had does not come back, neither by rotation nor with
// a new member.
func TestFormerKeysDoNotComeBack(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	former := committee.CurrentKeepers(l.State).Seats[1].Key
	l.Must(committee.AnnounceRotation(l.Context("member2"), l.NewMember("another key").SealingKey))
	committee.Switch(l.Context(""), []uint8{1, 2, 3, 4, 5})
	l.EndBlock()
	l.Now += 48 * contracttest.Hour
	if err := committee.AnnounceRotation(l.Context("member2"), former); err == nil || !strings.Contains(err.Error(), "member2 has had this key before") {
		t.Errorf("back to it: %v", err)
	}
	newcomer := l.NewMember("member6")
	newcomer.SealingKey = former
	if _, err := voted(l.Context(""), changing(committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{newcomer}, Threshold: 3})); err == nil || !strings.Contains(err.Error(), "member2 has had its sealing key") {
		t.Errorf("with a new member: %v", err)
	}
}

// A refusal of too many newcomers at once says how many fit.
func TestTooManyNewcomersAreToldHowManyFit(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	change := committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{}, Threshold: 3}
	for _, name := range []string{"member6", "member7", "member8", "member9"} {
		change.Admit = append(change.Admit, l.NewMember(name))
	}
	if _, err := voted(l.Context(""), changing(change)); err == nil || !strings.Contains(err.Error(), "the first 3 of these newcomers") {
		t.Errorf("four at once: %v", err)
	}
	change.Admit = change.Admit[:3]
	if _, err := voted(l.Context(""), changing(change)); err != nil {
		t.Errorf("three at once: %v", err)
	}
}

// A member does not keep its seat by rotating its key, nor does one that signs
// twice because a change is announced that needs it.
func TestNoAnnouncementKeepsAMemberIn(t *testing.T) {
	_, key, err := vault.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, removeIt := range map[string]func(ctx contract.Context, member genesis.Member) error{
		"by vote, while its rotation is announced": func(ctx contract.Context, member genesis.Member) error {
			ctx.Sender = member.Name
			if err := committee.AnnounceRotation(ctx, key); err != nil {
				return err
			}
			_, err := voted(ctx, removing(member.Name))
			return err
		},
		"by evidence, while a change is announced": func(ctx contract.Context, member genesis.Member) error {
			change := refresh
			change.Threshold = 2
			_, err := voted(ctx, changing(change))
			committee.BeginBlock(ctx, nil, [][]byte{committee.Address(member.ConsensusKey)})
			return err
		},
	} {
		state, members := founded(6, 2)
		record.Save(state, committee.MemberKey(members[0].Name), committee.Member{Name: members[0].Name, Removed: true})
		if err := removeIt(contract.Context{State: state}, members[5]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if member, _ := committee.MemberNamed(state, members[5].Name); !member.Removed {
			t.Errorf("%s: it stays", name)
		}
		if next, found := committee.NextKeepers(state); found {
			t.Errorf("%s: epoch %d with 4 of 6 that act is still announced", name, next.Epoch)
		}
	}
}
