package park

import (
	"context"
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// keepers reads who keeps the shares, every record proven.
func (n *Node) keepers(ctx context.Context) (sealing.Committee, error) {
	known := record.Memory{}
	keys := []string{committee.ParametersKey}
	listed, err := n.ledger.List(ctx, committee.MemberPrefix, 0)
	if err != nil {
		return sealing.Committee{}, fmt.Errorf("members: %w", err)
	}
	for _, member := range listed {
		keys = append(keys, member.Key, committee.AccountKey(member.Key[len(committee.MemberPrefix):]))
	}
	for _, key := range keys {
		proven, err := n.ledger.Get(ctx, key)
		if err != nil {
			return sealing.Committee{}, fmt.Errorf("%s: %w", key, err)
		}
		if !proven.Found {
			return sealing.Committee{}, fmt.Errorf("%s: not on the ledger", key)
		}
		known.Set(key, proven.Value)
	}
	keepers := committee.VaultCommittee(known)
	if err := keepers.Validate(); err != nil {
		return sealing.Committee{}, fmt.Errorf("members: %w", err)
	}
	return keepers, nil
}

// channels gives the channels under which a day is sealed and whether enough
// members have acknowledged them. Where there are none it opens some, to the
// end of the day's month.
func (n *Node) channels(ctx context.Context, day uint32) (set channelSet, ready bool, err error) {
	newest, found, err := n.publishedChannel(ctx, day)
	if err != nil {
		return channelSet{}, false, err
	}
	if found {
		set, known, err := n.records.channelsFrom(newest.FirstDay)
		if err != nil {
			return channelSet{}, false, err
		}
		if known {
			quorum := genesis.Quorum(len(newest.Channels), n.threshold)
			return set, len(newest.Acknowledged) >= quorum, nil
		}
		if newest.FirstDay >= day {
			return channelSet{}, false, fmt.Errorf("the keys of the channels from day %d are not in this home folder: nothing can be sealed before day %d", newest.FirstDay, day+1)
		}
	}
	return channelSet{}, false, n.openChannels(ctx, day)
}

// publishedChannel is the channel on the ledger that counts for a day: of
// those that cover it the one that begins last.
func (n *Node) publishedChannel(ctx context.Context, day uint32) (contract.Channel, bool, error) {
	listed, err := n.ledger.List(ctx, contract.ChannelPrefix(n.name), 0)
	if err != nil {
		return contract.Channel{}, false, fmt.Errorf("channels: %w", err)
	}
	for i := len(listed) - 1; i >= 0; i-- {
		channel, found, err := participant.Load[contract.Channel](ctx, n.ledger, listed[i].Key)
		if err != nil {
			return contract.Channel{}, false, err
		}
		if found && channel.FirstDay <= day && day-channel.FirstDay < uint32(channel.Days) {
			return channel, true, nil
		}
	}
	return contract.Channel{}, false, nil
}

// openChannels publishes channels from a day to the end of its month. Keys are
// kept before anything is sent; the same channels are sent again after a
// failure.
func (n *Node) openChannels(ctx context.Context, day uint32) error {
	set, kept, err := n.records.channelsFrom(day)
	if err != nil {
		return err
	}
	if !kept {
		keepers, err := n.keepers(ctx)
		if err != nil {
			return err
		}
		if set, err = offerChannels(keepers, n.name, day, daysLeftInMonth(day)); err != nil {
			return err
		}
		if err := n.records.keepChannels(set); err != nil {
			return err
		}
	}
	n.logger.Info("opening channels", "first_day", set.First, "days", set.Days)
	return n.ledger.Submit(ctx, "vault/channel", contract.OpenChannel{FirstDay: set.First, Days: set.Days, Channels: set.Channels})
}

func offerChannels(keepers sealing.Committee, dealer string, first uint32, days int) (channelSet, error) {
	set := channelSet{First: first, Days: uint8(days)}
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
