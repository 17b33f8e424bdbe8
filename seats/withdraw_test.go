package seats

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
)

// proposer is a member at a ledger in memory, which takes proposals only.
type proposer struct {
	ledger *contracttest.Ledger
	name   string
}

func (p proposer) Get(_ context.Context, key string) (client.Record, error) {
	value, found := p.ledger.State.Get(key)
	return client.Record{Key: key, Value: value, Found: found}, nil
}

func (p proposer) List(_ context.Context, prefix string, _ int) ([]feed.Record, error) {
	var records []feed.Record
	p.ledger.State.Iterate(prefix, func(key string, value []byte) bool {
		records = append(records, feed.Record{Key: key, Value: value})
		return true
	})
	return records, nil
}

func (p proposer) Submit(_ context.Context, _ string, body any) error {
	proposed, fits := body.(committee.Propose)
	if !fits {
		return errors.New("not a proposal")
	}
	_, err := committee.HandlePropose(p.ledger.Context(p.name), proposed)
	return err
}

func TestWithdrawalNamesTheAnnouncedEpoch(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	party := proposer{l, "member2"}
	if _, err := Withdraw(t.Context(), party, party.name, "changed our minds"); err == nil || !strings.Contains(err.Error(), "nothing to withdraw") {
		t.Errorf("with nothing announced: %v", err)
	}
	epoch := l.Announce(committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{}, Threshold: 3})
	proposal, err := Withdraw(t.Context(), party, party.name, "changed our minds")
	if err != nil {
		t.Fatal(err)
	}
	body, err := record.Decode[committee.Withdrawal](proposal.Payload)
	if err != nil || body.Epoch != epoch || proposal.Action != committee.ActionWithdraw || proposal.Proposer != "member2" {
		t.Errorf("proposal %+v, epoch %d, %v", proposal, body.Epoch, err)
	}
}

// What is too long is refused before it is sent, with how many newcomers fit.
func TestTooManyNewcomersAreNotSent(t *testing.T) {
	l := contracttest.New(t, 3, "park1", "park2", "park3")
	change := Change{}
	for _, name := range []string{"member6", "member7", "member8", "member9"} {
		made := l.NewMember(name)
		change.Admit = append(change.Admit, Newcomer{Name: name, Owner: name, Key: made.Key, SealingKey: made.SealingKey, ConsensusKey: made.ConsensusKey})
	}
	_, err := Propose(t.Context(), proposer{l, "member1"}, "member1", change)
	if err == nil || !strings.Contains(err.Error(), "the first 3 of these newcomers") {
		t.Errorf("four newcomers: %v", err)
	}
	if sent, err := proposals(t.Context(), proposer{l, "member1"}); err != nil || len(sent) != 0 {
		t.Errorf("%d proposals were sent, %v", len(sent), err)
	}
}
