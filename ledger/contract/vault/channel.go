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
	maxChannels     = 16 // of one dealer, counted until their days have passed or their epoch is closed
	maxChannelAhead = 62 // days from now to a channel's first day
)

const secondsPerDay = 86_400

// HandleChannel takes a dealer's channels ("vault/channel"). Channels are never
// replaced, so that an acknowledgement cannot be moved to others; new ones have
// another number, and take the place of older ones for the days that they cover.
func HandleChannel(ctx contract.Context, body OpenChannel) error {
	keepers, err := addressees(ctx, body)
	if err != nil {
		return err
	}
	if body.Days < 1 || body.Days > sealing.MaxChannelDays {
		return fmt.Errorf("channels for %d days: expected 1 to %d", body.Days, sealing.MaxChannelDays)
	}
	today := ctx.Now / secondsPerDay // a day to either side is left for the local date
	first, last := int64(body.FirstDay), int64(body.FirstDay)+int64(body.Days)-1
	if last < today-1 || first > today+maxChannelAhead {
		return fmt.Errorf("channels for days %d to %d: today is about day %d, expected at most %d days ahead", first, last, today, maxChannelAhead)
	}
	if len(body.Channels) != len(keepers.Seats) {
		return fmt.Errorf("%d channels: expected one per member, %d", len(body.Channels), len(keepers.Seats))
	}
	for i, encoded := range body.Channels {
		if _, err := sealing.DecodeChannel(encoded); err != nil {
			return fmt.Errorf("channel for member %d: %w", i+1, err)
		}
	}
	count, _ := record.Load[uint32](ctx.State, ChannelCountKey(ctx.Sender))
	if body.Number != count+1 {
		return fmt.Errorf("channels number %d of %s: expected number %d", body.Number, ctx.Sender, count+1)
	}
	if open := countKeys(ctx.State, ChannelPrefix(ctx.Sender)); open >= maxChannels {
		return fmt.Errorf("%s has %d channels: at most %d at a time", ctx.Sender, open, maxChannels)
	}
	record.Save(ctx.State, ChannelCountKey(ctx.Sender), body.Number)
	record.Save(ctx.State, ChannelKey(ctx.Sender, body.Number), Channel{
		Dealer: ctx.Sender, Number: body.Number, Epoch: body.Epoch, FirstDay: body.FirstDay, Days: body.Days,
		Channels: body.Channels, Acknowledged: []uint8{},
	})
	return nil
}

// ChannelCountKey is where the number of a dealer's newest channels stands.
func ChannelCountKey(dealer string) string { return "vault/channel-count/" + dealer }

// addressees are the keepers to whom the sender may open channels: those in
// force or announced; for a member that hands over, those announced.
func addressees(ctx contract.Context, body OpenChannel) (committee.Keepers, error) {
	next, announced := committee.NextKeepers(ctx.State)
	if member, found := committee.MemberNamed(ctx.State, ctx.Sender); found {
		handover, _ := LoadHandover(ctx.State, body.Epoch)
		switch {
		case !announced || body.Epoch != next.Epoch || committee.CurrentKeepers(ctx.State).IndexOf(member.Name) == 0:
			return next, fmt.Errorf("channels of %s to epoch %d: a member opens them when it hands over to that epoch only", member.Name, body.Epoch)
		case body.FirstDay != handover.Day || body.Days != 1:
			return next, fmt.Errorf("channels of %s for %d days from %d: expected day %d, of the hand-over", member.Name, body.Days, body.FirstDay, handover.Day)
		case channelTo(ctx.State, member.Name, body.Epoch) != nil:
			return next, fmt.Errorf("%s has opened channels to epoch %d already", member.Name, body.Epoch)
		}
		return next, nil
	}
	if announced && body.Epoch == next.Epoch {
		return next, nil
	}
	current := committee.CurrentKeepers(ctx.State)
	if body.Epoch != current.Epoch {
		return current, fmt.Errorf("channels to epoch %d: expected %d, which is in force, or one that is announced", body.Epoch, current.Epoch)
	}
	return current, nil
}

// HandleAcknowledgeChannel takes a member's word that it has expanded and
// checked its channel ("vault/channel-acknowledge").
func HandleAcknowledgeChannel(ctx contract.Context, body AcknowledgeChannel) error {
	key := ChannelKey(body.Dealer, body.Number)
	channel, found := record.Load[Channel](ctx.State, key)
	if !found {
		return fmt.Errorf("%.64q has no channels of number %d", body.Dealer, body.Number)
	}
	member, err := senderSeat(ctx, channel.Epoch)
	if err != nil {
		return err
	}
	if slices.Contains(channel.Acknowledged, member.Index) {
		return fmt.Errorf("%s has acknowledged the channel of %s already", member.Name, body.Dealer)
	}
	channel.Acknowledged = insertIndex(channel.Acknowledged, member.Index)
	record.Save(ctx.State, key, channel)
	return nil
}

// ChannelFor gives the channels under which a dealer seals a day: of those to
// the epoch in force that cover it the ones opened last.
func ChannelFor(state record.State, dealer string, day uint32) (Channel, bool) {
	epoch := committee.LoadParameters(state).Epoch
	var newest Channel
	found := false
	record.Each(state, ChannelPrefix(dealer), func(_ string, channel Channel) bool {
		if channel.Epoch == epoch && channel.Covers(day) {
			newest, found = channel, true
		}
		return true
	})
	return newest, found
}

// senderSeat is the member that sent the transaction, with its index among an
// epoch's keepers.
func senderSeat(ctx contract.Context, epoch uint32) (committee.Member, error) {
	member, found := committee.MemberNamed(ctx.State, ctx.Sender)
	if !found || member.Removed {
		return member, fmt.Errorf("%q is not a member of the committee", ctx.Sender)
	}
	keepers, _ := committee.LoadKeepers(ctx.State, epoch)
	if member.Index = keepers.IndexOf(ctx.Sender); member.Index == 0 {
		return member, fmt.Errorf("%s is not a keeper of epoch %d", ctx.Sender, epoch)
	}
	return member, nil
}

// seatsOf are the indices of an epoch's members that may act, ascending.
func seatsOf(state record.State, epoch uint32) []uint8 {
	keepers, _ := committee.LoadKeepers(state, epoch)
	return committee.ActiveSeats(state, keepers)
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
