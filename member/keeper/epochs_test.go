package keeper

import (
	"context"
	"testing"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
)

// secretive is a node that proves what it is asked for, and lists nothing.
type secretive struct{ state record.Memory }

func (s secretive) Get(_ context.Context, key string) (client.Record, error) {
	value, found := s.state.Get(key)
	return client.Record{Key: key, Value: value, Found: found}, nil
}

func (secretive) List(context.Context, string, int) ([]feed.Record, error) { return nil, nil }

type promotions struct{ keys []string }

func (*promotions) Find([]byte) ([]byte, error) { return nil, nil }

func (p *promotions) Promote(public []byte) error {
	p.keys = append(p.keys, string(public))
	return nil
}

// The former key is destroyed once no past epoch needs it, whatever a node says
// of which epochs there are.
func TestFormerKeyStaysWhileAnEpochNeedsIt(t *testing.T) {
	seated := func(epoch uint32, key, state string) committee.Keepers {
		return committee.Keepers{Epoch: epoch, State: state, Seats: []committee.Seat{{Name: "member1", Key: []byte(key)}}, Holders: []uint8{}}
	}
	ledger := secretive{record.Memory{}}
	for _, keepers := range []committee.Keepers{
		seated(1, "old", committee.KeepersPast), seated(2, "other", committee.KeepersFailed),
		seated(3, "new", committee.KeepersPast), seated(4, "new", committee.KeepersInForce),
	} {
		record.Save(ledger.state, committee.KeepersKey(keepers.Epoch), keepers)
	}
	secrets := &promotions{}
	keeper := &Keeper{name: "member1", ledger: ledger, secrets: secrets}
	self := self{current: seated(4, "new", committee.KeepersInForce)}
	if err := keeper.promote(t.Context(), self); err != nil || len(secrets.keys) != 0 {
		t.Fatalf("destroyed for %q while epoch 1 needs it, %v", secrets.keys, err)
	}
	record.Save(ledger.state, committee.KeepersKey(1), seated(1, "old", committee.KeepersClosed))
	for range 2 {
		if err := keeper.promote(t.Context(), self); err != nil || len(secrets.keys) != 1 || secrets.keys[0] != "new" {
			t.Fatalf("with epoch 1 closed the only key is %q, %v", secrets.keys, err)
		}
	}
	ledger.state.Delete(committee.KeepersKey(2))
	if err := (&Keeper{name: "member1", ledger: ledger, secrets: secrets}).promote(t.Context(), self); err == nil {
		t.Error("an epoch that the node does not show was taken for none")
	}
}
