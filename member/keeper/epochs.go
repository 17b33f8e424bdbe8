package keeper

import (
	"context"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Secrets are the member's private sealing keys; identity.SealingKeys are.
type Secrets interface {
	// Find gives the private key to a public one.
	Find(public []byte) ([]byte, error)
	// Promote makes the private key to a public one the only one.
	Promote(public []byte) error
}

// keepers loads the keepers of an epoch.
func (k *Keeper) keepers(ctx context.Context, epoch uint32) (committee.Keepers, error) {
	keepers, found, err := participant.Load[committee.Keepers](ctx, k.ledger, committee.KeepersKey(epoch))
	if err == nil && !found {
		err = fmt.Errorf("the ledger has no keepers of epoch %d", epoch)
	}
	return keepers, err
}

// eraseEpochs forgets everything of the epochs that are over: what the ledger,
// proven, says is closed or has failed. Of a hand-over that is over it forgets
// the keys under which shares were passed on.
func (k *Keeper) eraseEpochs(ctx context.Context, self self) error {
	kept, err := k.store.epochs()
	if err != nil {
		return err
	}
	over := map[uint32]bool{}
	for epoch := range kept {
		if epoch == self.current.Epoch {
			continue
		}
		keepers, err := k.keepers(ctx, epoch)
		if err != nil {
			return err
		}
		over[epoch] = keepers.State == committee.KeepersClosed || keepers.State == committee.KeepersFailed
	}
	passed := func(id sealing.ChannelID) bool {
		if id.Epoch != self.current.Epoch || id.Days != 1 {
			return false
		}
		_, member, err := participant.Load[committee.Member](ctx, k.ledger, committee.MemberKey(id.Dealer))
		return err == nil && member
	}
	isOver := func(epoch uint32) bool { return over[epoch] }
	err = k.store.erase(func(id sealing.ChannelID) bool { return over[id.Epoch] || passed(id) }, isOver,
		func(epoch uint32) bool { return epoch != self.next.Epoch })
	if err != nil {
		return err
	}
	return k.promote(ctx, self)
}

// promote destroys the member's former sealing key once no epoch that is sealed
// to it serves anything any more. What it destroys does not come back: it asks
// for each earlier epoch, proven, and takes no node's word for which there are.
func (k *Keeper) promote(ctx context.Context, self self) error {
	index := self.current.IndexOf(k.name)
	if index == 0 || k.promoted == self.current.Epoch {
		return nil
	}
	key := self.current.Seats[index-1].Key
	for epoch := self.current.Epoch - 1; epoch > 0; epoch-- {
		keepers, err := k.keepers(ctx, epoch)
		if err != nil {
			return err
		}
		at := keepers.IndexOf(k.name)
		if keepers.State == committee.KeepersPast && at > 0 && string(keepers.Seats[at-1].Key) != string(key) {
			return nil
		}
	}
	if err := k.secrets.Promote(key); err != nil {
		return err
	}
	k.promoted = self.current.Epoch
	return nil
}

// eraseAll forgets everything: the member has left.
func (k *Keeper) eraseAll() error {
	always := func(uint32) bool { return true }
	return k.store.erase(func(sealing.ChannelID) bool { return true }, always, always)
}
