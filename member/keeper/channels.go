package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// channels accepts what parks have opened to the member since: every channel
// that is not acknowledged, or whose keys are missing here.
func (k *Keeper) channels(ctx context.Context, self self, over uint32, post func(what, kind string, body any)) error {
	listed, err := k.ledger.List(ctx, vault.ChannelsPrefix, 0)
	if err != nil {
		return fmt.Errorf("channels: %w", err)
	}
	var failures []error
	for _, entry := range listed {
		claimed, err := record.Decode[vault.Channel](entry.Value) // the node's word: only to see whether to look closer
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", entry.Key, err))
			continue
		}
		if err := k.channel(ctx, self, over, claimed, post); err != nil {
			failures = append(failures, fmt.Errorf("channel %d of %s: %w", claimed.Number, claimed.Dealer, err))
		}
	}
	return errors.Join(failures...)
}

func (k *Keeper) channel(ctx context.Context, self self, over uint32, claimed vault.Channel, post func(what, kind string, body any)) error {
	of := channel{claimed.Dealer, claimed.Number}
	keepers := self.current
	if claimed.Epoch == self.next.Epoch {
		keepers = self.next
	}
	index := keepers.IndexOf(k.name)
	_, kept := k.store.find(of)
	if index == 0 || claimed.Epoch != keepers.Epoch || kept && slices.Contains(claimed.Acknowledged, index) {
		return nil
	}
	if int64(claimed.FirstDay)+int64(claimed.Days)-1 <= int64(over) {
		return nil // its last day's keys would be erased at once
	}
	opened, found, err := participant.Load[vault.Channel](ctx, k.ledger, vault.ChannelKey(of.dealer, of.number))
	if err != nil || !found || opened.Epoch != keepers.Epoch {
		return err
	}
	if !kept {
		keys, err := k.accept(keepers, self.parameters.Chain, opened)
		if err != nil {
			return err
		}
		keys.EraseThrough(over) // what was erased before a loss of the store stays so
		if err := k.store.keep(of, keys); err != nil {
			return err
		}
	}
	if !slices.Contains(opened.Acknowledged, index) {
		post("acknowledge the "+of.String(), "vault/channel-acknowledge",
			vault.AcknowledgeChannel{Dealer: of.dealer, Number: of.number})
	}
	return nil
}

// accept takes the member's channel out of a dealer's and checks its keys.
func (k *Keeper) accept(keepers committee.Keepers, chain string, opened vault.Channel) (*sealing.DayKeys, error) {
	index := keepers.IndexOf(k.name)
	if int(index) > len(opened.Channels) {
		return nil, fmt.Errorf("%d channels: none for member %d", len(opened.Channels), index)
	}
	offered, err := sealing.DecodeChannel(opened.Channels[index-1])
	if err != nil {
		return nil, err
	}
	secret, err := k.secrets.Find(keepers.Seats[index-1].Key)
	if err != nil {
		return nil, err
	}
	receiving := keepers.Vault(chain)
	return sealing.AcceptChannel(receiving.ChannelID(opened.Dealer, index, opened.FirstDay, int(opened.Days)), offered, secret)
}
