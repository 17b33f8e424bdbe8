package vault

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Bounds of what a park may keep on the ledger.
const (
	maxChannels     = 8  // of one dealer, counted until their days have passed
	maxChannelAhead = 62 // days from now to a channel's first day
)

const secondsPerDay = 86_400

// HandleChannel takes a park's channels ("vault/channel"). Channels are never
// replaced, so that an acknowledgement cannot be moved to others; a park that
// has lost its keys opens new channels from a later day on, which then take
// the place of the older ones.
func HandleChannel(ctx contract.Context, body OpenChannel) error {
	keepers := committee.VaultCommittee(ctx.State)
	if body.Days < 1 || body.Days > sealing.MaxChannelDays {
		return fmt.Errorf("channels for %d days: expected 1 to %d", body.Days, sealing.MaxChannelDays)
	}
	today := ctx.Now / secondsPerDay // a day to either side is left for the local date
	first, last := int64(body.FirstDay), int64(body.FirstDay)+int64(body.Days)-1
	if last < today-1 || first > today+maxChannelAhead {
		return fmt.Errorf("channels for days %d to %d: today is about day %d, expected at most %d days ahead", first, last, today, maxChannelAhead)
	}
	if len(body.Channels) != len(keepers.Keepers) {
		return fmt.Errorf("%d channels: expected one per member, %d", len(body.Channels), len(keepers.Keepers))
	}
	for i, encoded := range body.Channels {
		if _, err := sealing.DecodeChannel(encoded); err != nil {
			return fmt.Errorf("channel for member %d: %w", i+1, err)
		}
	}
	key := ChannelKey(ctx.Sender, body.FirstDay)
	if _, found := ctx.State.Get(key); found {
		return fmt.Errorf("%s has opened channels from day %d already", ctx.Sender, body.FirstDay)
	}
	if count := countKeys(ctx.State, ChannelPrefix(ctx.Sender)); count >= maxChannels {
		return fmt.Errorf("%s has %d channels: at most %d at a time", ctx.Sender, count, maxChannels)
	}
	record.Save(ctx.State, key, Channel{
		Dealer: ctx.Sender, FirstDay: body.FirstDay, Days: body.Days, Channels: body.Channels, Acknowledged: []uint8{},
	})
	return nil
}

// HandleAcknowledgeChannel takes a member's word that it has expanded and
// checked its channel ("vault/channel-acknowledge").
func HandleAcknowledgeChannel(ctx contract.Context, body AcknowledgeChannel) error {
	member, err := senderMember(ctx)
	if err != nil {
		return err
	}
	key := ChannelKey(body.Dealer, body.FirstDay)
	channel, found := record.Load[Channel](ctx.State, key)
	if !found {
		return fmt.Errorf("%q has no channels from day %d", body.Dealer, body.FirstDay)
	}
	if slices.Contains(channel.Acknowledged, member.Index) {
		return fmt.Errorf("%s has acknowledged the channel of %s already", member.Name, body.Dealer)
	}
	channel.Acknowledged = insertIndex(channel.Acknowledged, member.Index)
	record.Save(ctx.State, key, channel)
	return nil
}

// ChannelFor gives the channels under which a dealer seals a day: those with
// the latest first day of all that cover it.
func ChannelFor(state record.State, dealer string, day uint32) (Channel, bool) {
	var newest Channel
	found := false
	record.Each(state, ChannelPrefix(dealer), func(_ string, channel Channel) bool {
		if channel.FirstDay <= day && int64(day) < int64(channel.FirstDay)+int64(channel.Days) {
			newest, found = channel, true
		}
		return true
	})
	return newest, found
}

// senderMember is the member that sent the transaction.
func senderMember(ctx contract.Context) (committee.Member, error) {
	member, found := committee.MemberNamed(ctx.State, ctx.Sender)
	if !found || member.Removed {
		return member, fmt.Errorf("%q is not a member of the committee", ctx.Sender)
	}
	return member, nil
}

// activeIndices are the indices of the members that have not been removed, ascending.
func activeIndices(state record.State) []uint8 {
	indices := []uint8{}
	for _, member := range committee.Members(state) {
		indices = append(indices, member.Index)
	}
	return indices
}

// insertIndex puts an index into an ascending list that does not hold it.
func insertIndex(indices []uint8, index uint8) []uint8 {
	at, _ := slices.BinarySearch(indices, index)
	return slices.Insert(slices.Clone(indices), at, index)
}

func countKeys(state record.State, prefix string) int {
	count := 0
	state.Iterate(prefix, func(string, []byte) bool { count++; return true })
	return count
}
