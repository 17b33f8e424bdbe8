package park

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// keepers reads who keeps the shares in an epoch, proven.
func (n *Node) keepers(ctx context.Context, epoch uint32) (committee.Keepers, error) {
	keepers, found, err := participant.Load[committee.Keepers](ctx, n.ledger, committee.KeepersKey(epoch))
	if err == nil && !found {
		err = fmt.Errorf("the ledger has no keepers of epoch %d", epoch)
	}
	return keepers, err
}

// keepersInForce reads who keeps the shares now.
func (n *Node) keepersInForce(ctx context.Context) (committee.Keepers, error) {
	parameters, found, err := participant.Load[committee.Parameters](ctx, n.ledger, committee.ParametersKey)
	if err == nil && !found {
		err = errors.New("the ledger has no parameters")
	}
	if err != nil {
		return committee.Keepers{}, err
	}
	return n.keepers(ctx, parameters.Epoch)
}

// channels gives the channels to the keepers in force under which a day is
// sealed, and whether enough members have acknowledged them. Where there are
// none, or a day key of theirs has become public by a refusal, it opens some, to
// the end of the day's month.
func (n *Node) channels(ctx context.Context, day uint32) (set channelSet, ready bool, err error) {
	keepers, err := n.keepersInForce(ctx)
	if err != nil {
		return channelSet{}, false, err
	}
	revealed, err := n.revealed(ctx, day)
	if err != nil {
		return channelSet{}, false, err
	}
	set, newest, found, err := n.usableChannels(ctx, keepers.Epoch, day, revealed)
	if err != nil || found {
		return set, len(newest.Acknowledged) >= keepers.Quorum(), err
	}
	return channelSet{}, false, n.openChannels(ctx, day, keepers)
}

// usableChannels are the newest channels to an epoch that cover a day, if their
// keys are here and they are newer than those that a refusal has revealed.
func (n *Node) usableChannels(ctx context.Context, epoch, day, revealed uint32) (set channelSet, newest contract.Channel, found bool, err error) {
	newest, found, err = n.publishedChannel(ctx, epoch, day)
	if err != nil || !found || newest.Number <= revealed {
		return set, newest, false, err
	}
	set, found, err = n.records.channelsNumbered(newest.Number)
	return set, newest, found && slices.EqualFunc(set.Channels, newest.Channels, slices.Equal), err
}

// prepareNext opens channels to the keepers that are announced, so that series
// can be dealt to them as soon as they are in force.
func (n *Node) prepareNext(ctx context.Context, days []uint32) error {
	epoch, announced, err := participant.Load[uint32](ctx, n.ledger, committee.NextEpochKey)
	if err != nil || !announced {
		return err
	}
	next, err := n.keepers(ctx, epoch)
	if err != nil {
		return err
	}
	for _, day := range days {
		if _, _, found, err := n.usableChannels(ctx, epoch, day, 0); err != nil || found {
			if err != nil {
				return err
			}
			continue
		}
		if err := n.openChannels(ctx, day, next); err != nil {
			return err
		}
	}
	return nil
}

// revealed is the number of the newest channels of which a member has made the
// key of a day public, by a refusal that was upheld: 0 for none. Nothing more is
// sealed under such a key.
func (n *Node) revealed(ctx context.Context, day uint32) (uint32, error) {
	number := uint32(0)
	for _, kind := range []string{contract.Forecast, contract.Reading} {
		void, found, err := participant.Load[contract.Void](ctx, n.ledger, contract.VoidKey(kind, day, n.name))
		if err != nil {
			return 0, err
		}
		if found {
			number = max(number, void.Channel)
		}
		refused, err := n.refusedIn(ctx, kind, day)
		if err != nil {
			return 0, err
		}
		number = max(number, refused)
	}
	return number, nil
}

// refusedIn is the number of the channels under which a series was sealed that
// a member has refused in its first round: 0 for none.
func (n *Node) refusedIn(ctx context.Context, kind string, day uint32) (uint32, error) {
	round, found, err := participant.Load[contract.Round](ctx, n.ledger, contract.RoundKey(contract.RoundID(kind, day, 1)))
	if err != nil || !found || !slices.Contains(round.Refused, n.name) {
		return 0, err
	}
	sealed, found, err := participant.Load[contract.Sealed](ctx, n.ledger, contract.SealedKey(kind, day, n.name))
	if err != nil || !found || !slices.Contains(round.Candidates, contract.Participant{Park: n.name, Version: sealed.Version}) {
		return 0, err
	}
	return sealed.Channel, nil
}

// publishedChannel is the newest channel on the ledger to an epoch's keepers
// that covers a day.
func (n *Node) publishedChannel(ctx context.Context, epoch, day uint32) (contract.Channel, bool, error) {
	listed, err := n.ledger.List(ctx, contract.ChannelPrefix(n.name), 0)
	if err != nil {
		return contract.Channel{}, false, fmt.Errorf("channels: %w", err)
	}
	for i := len(listed) - 1; i >= 0; i-- {
		channel, found, err := participant.Load[contract.Channel](ctx, n.ledger, listed[i].Key)
		if err != nil {
			return contract.Channel{}, false, err
		}
		if found && channel.Epoch == epoch && channel.Covers(day) {
			return channel, true, nil
		}
	}
	return contract.Channel{}, false, nil
}

// openChannels publishes channels to an epoch's keepers from a day to the end of
// its month. Keys are kept before anything is sent; the same channels are sent
// again after a failure.
func (n *Node) openChannels(ctx context.Context, day uint32, keepers committee.Keepers) error {
	last, _, err := participant.Load[uint32](ctx, n.ledger, contract.ChannelCountKey(n.name))
	if err != nil {
		return err
	}
	set, kept, err := n.records.channelsNumbered(last + 1)
	if err != nil {
		return err
	}
	if !kept || set.Epoch != keepers.Epoch || set.First != day {
		if set, err = offerChannels(keepers.Vault(n.chain), n.name, day, daysLeftInMonth(day)); err != nil {
			return err
		}
		set.Number = last + 1
		if err := n.records.keepChannels(set); err != nil {
			return err
		}
	}
	n.logger.Info("opening channels", "number", set.Number, "epoch", set.Epoch, "first_day", set.First, "days", set.Days)
	return n.ledger.Submit(ctx, "vault/channel", contract.OpenChannel{
		Number: set.Number, Epoch: set.Epoch, FirstDay: set.First, Days: set.Days, Channels: set.Channels,
	})
}

func offerChannels(keepers sealing.Committee, dealer string, first uint32, days int) (channelSet, error) {
	set := channelSet{Epoch: keepers.Epoch, First: first, Days: uint8(days)}
	for _, keeper := range keepers.Keepers {
		channel, keys, err := sealing.OfferChannel(keepers.ChannelID(dealer, keeper.Index, first, days), keeper.Key)
		if err != nil {
			return channelSet{}, fmt.Errorf("channel to member %d: %w", keeper.Index, err)
		}
		encoded, err := channel.MarshalBinary()
		if err != nil {
			return channelSet{}, fmt.Errorf("channel to member %d: %w", keeper.Index, err)
		}
		set.Channels = append(set.Channels, encoded)
		set.Keys = append(set.Keys, keys)
	}
	return set, nil
}

// daysLeftInMonth counts the days from a day on, itself included, to the end
// of its month: 1 to 31.
func daysLeftInMonth(day uint32) int {
	date := time.Unix(int64(day)*secondsPerDay, 0).UTC()
	next := time.Date(date.Year(), date.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return int(next.Sub(date) / (24 * time.Hour))
}
