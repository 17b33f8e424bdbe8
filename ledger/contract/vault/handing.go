package vault

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
)

// How long a hand-over takes at most, and how much of it one block bears.
const (
	prepareBlocks    = 20 // for all old members to open channels and all new ones to acknowledge
	handoverBlocks   = 10 // of a phase, and more where there is much to hand over
	itemsPerBlock    = 32 // whose new commitments one block computes, some 7 ms each
	maxHandoverSets  = 32 // changes of the set, postponed ones among them
	handoverPatience = 2 * secondsPerDay
)

// A hand-over begins only where no gate comes within quietLead and the term of
// the readings, and waits for another day where one comes within pauseLead and
// that term: no park misses a gate for it. Seconds of ledger time.
const (
	quietLead = 5_400
	pauseLead = 1_800
)

// AdvanceHandover moves the hand-over to the announced keepers on, and closes
// past epochs that have nothing left to serve.
func AdvanceHandover(ctx contract.Context) {
	closePast(ctx)
	next, found := committee.NextKeepers(ctx.State)
	if !found {
		return
	}
	handover, found := LoadHandover(ctx.State, next.Epoch)
	before := record.Encode(handover)
	if !found {
		handover = prepared(ctx, next)
	} else {
		step(ctx, &handover, next)
	}
	if after := record.Encode(handover); !bytes.Equal(before, after) {
		record.Save(ctx.State, HandoverKey(next.Epoch), handover)
	}
}

// prepared is a hand-over at its announcement.
func prepared(ctx contract.Context, next committee.Keepers) Handover {
	handover := Handover{
		Epoch: next.Epoch, Origin: committee.LoadParameters(ctx.State).Epoch, Phase: HandoverPreparing,
		Announced: ctx.Height, NotBefore: ctx.Now, Day: uint32(ctx.Now / secondsPerDay), Excluded: []uint8{},
	}
	if gate, found := nextGate(ctx.State); found {
		handover.NotBefore = gate
	}
	handover.clear()
	return handover
}

// clear forgets what was gathered.
func (h *Handover) clear() {
	h.Items, h.From, h.Complete, h.Acknowledged, h.Unfounded = []HandoverItem{}, []uint8{}, []uint8{}, []uint8{}, []uint8{}
	h.Deadline = 0
}

// nextGate is the ledger time of the first gate that is ahead.
func nextGate(state record.State) (at int64, found bool) {
	record.Each(state, contract.MomentPrefix, func(_ string, moment contract.Moment) bool {
		if moment.Kind == contract.MomentGate || moment.Kind == contract.MomentReadings {
			at, found = moment.Time, true
		}
		return !found
	})
	return at, found
}

func gateWithin(ctx contract.Context, lead int64) bool {
	gate, found := nextGate(ctx.State)
	return found && gate <= ctx.Now+lead+committee.LoadParameters(ctx.State).ReadingLag
}

// step does what is due in a phase.
func step(ctx contract.Context, h *Handover, next committee.Keepers) {
	old, _ := committee.LoadKeepers(ctx.State, h.Origin)
	if (h.Phase == HandoverResharing || h.Phase == HandoverReceiving) && gateWithin(ctx, pauseLead) {
		postpone(ctx, h)
	}
	switch h.Phase {
	case HandoverPreparing:
		prepare(ctx, h, old, next)
	case HandoverResharing:
		reshare(ctx, h, old, next)
	case HandoverReceiving:
		receive(ctx, h, next)
	case HandoverSwitching:
		switchOver(ctx, h, next)
	}
}

// prepare fixes the set once everybody is ready, or enough are and the time is
// up.
func prepare(ctx contract.Context, h *Handover, old, next committee.Keepers) {
	if ctx.Now < h.NotBefore || gateWithin(ctx, quietLead) {
		return
	}
	if ctx.Now > h.NotBefore+handoverPatience {
		giveUp(ctx, h, fmt.Sprintf("fewer than %d members have opened channels to %d of the new ones", old.Threshold, next.Quorum()))
		return
	}
	if !everybodyReady(ctx.State, old, next) && ctx.Height < h.Announced+prepareBlocks {
		return
	}
	from := resharers(ctx.State, *h, old, next)
	if len(from) < old.Threshold {
		return
	}
	h.Items, h.From = liveItems(ctx, h.Origin), from
	beginResharing(ctx, h)
}

// beginResharing has the set hand on what it has not handed on yet.
func beginResharing(ctx contract.Context, h *Handover) {
	h.Set++
	h.Phase, h.Deadline = HandoverResharing, ctx.Height+phaseBlocks(*h)
	h.Acknowledged, h.Unfounded = []uint8{}, []uint8{}
	findComplete(ctx.State, h)
}

// phaseBlocks is how long a phase lasts: a fixed time, and what it takes to
// hand on or to check that many items.
func phaseBlocks(h Handover) int64 {
	return handoverBlocks + 2*int64(len(h.Items)+HandOnsPerBlock-1)/HandOnsPerBlock
}

func findComplete(state record.State, h *Handover) {
	h.Complete = []uint8{}
	for _, index := range h.From {
		progress, _ := record.Load[uint32](state, ProgressKey(h.Epoch, index))
		if int(nextItem(state, h.Items, progress)) == len(h.Items) {
			h.Complete = append(h.Complete, index)
		}
	}
}

// liveItems lists the series that may still be opened, in the order of their
// keys.
func liveItems(ctx contract.Context, epoch uint32) []HandoverItem {
	contest := committee.LoadParameters(ctx.State).Contest
	items := []HandoverItem{}
	for _, kind := range []string{Forecast, Reading} {
		record.Each(ctx.State, "vault/sealed/"+kind+"/", func(_ string, sealed Sealed) bool {
			_, err := DecodedAt(sealed, epoch)
			if err == nil && ctx.Now <= dayEnd(ctx.State, sealed.Day)+contest {
				items = append(items, HandoverItem{Kind: kind, Day: sealed.Day, Park: sealed.Park, Version: sealed.Version})
			}
			return true
		})
	}
	return items
}

// everybodyReady says whether all old members have opened channels and all new
// ones have acknowledged theirs.
func everybodyReady(state record.State, old, next committee.Keepers) bool {
	members := len(committee.ActiveSeats(state, next))
	for _, index := range committee.ActiveSeats(state, old) {
		channel := channelTo(state, old.Seats[index-1].Name, next.Epoch)
		if channel == nil || len(channel.Acknowledged) < members {
			return false
		}
	}
	return true
}

// resharers completes the set: those that are in it already, then the old
// members with the most acknowledged channels, in the order of their indices
// where that is equal, as long as a quorum of new members shares channels with
// all of them. One that cheats with its channels shuts out itself.
func resharers(state record.State, h Handover, old, next committee.Keepers) []uint8 {
	candidates := slices.DeleteFunc(committee.ActiveSeats(state, old), func(index uint8) bool {
		return slices.Contains(h.Excluded, index) || slices.Contains(h.From, index) || channelTo(state, old.Seats[index-1].Name, next.Epoch) == nil
	})
	acknowledged := func(index uint8) []uint8 { return channelTo(state, old.Seats[index-1].Name, next.Epoch).Acknowledged }
	slices.SortStableFunc(candidates, func(a, b uint8) int { return len(acknowledged(b)) - len(acknowledged(a)) })
	from, common := slices.Clone(h.From), receivers(state, h, next)
	for _, index := range candidates {
		if len(from) == old.Threshold {
			break
		}
		if left := intersect(common, acknowledged(index)); len(left) >= next.Quorum() {
			from, common = insertIndex(from, index), left
		}
	}
	return from
}

// receivers are the new members that share channels with all of the set.
func receivers(state record.State, h Handover, next committee.Keepers) []uint8 {
	old, _ := committee.LoadKeepers(state, h.Origin)
	common := committee.ActiveSeats(state, next)
	for _, index := range h.From {
		if channel := channelTo(state, old.Seats[index-1].Name, next.Epoch); channel != nil {
			common = intersect(common, channel.Acknowledged)
		}
	}
	return common
}

// reshare waits for the set and replaces those of it that are too late.
func reshare(ctx contract.Context, h *Handover, old, next committee.Keepers) {
	findComplete(ctx.State, h)
	if len(h.Complete) == len(h.From) {
		h.Phase, h.Deadline = HandoverReceiving, ctx.Height+phaseBlocks(*h)
		return
	}
	if ctx.Height < h.Deadline {
		return
	}
	var late []uint8
	for _, index := range h.From {
		if !slices.Contains(h.Complete, index) {
			late = append(late, index)
		}
	}
	exclude(ctx, h, old, next, late...)
}

// exclude takes old members out of the set for good and puts the next ones in
// their place. What the others have handed on stays as good as it was.
func exclude(ctx contract.Context, h *Handover, old, next committee.Keepers, members ...uint8) {
	for _, index := range members {
		h.Excluded = append(h.Excluded, index)
		h.From = slices.DeleteFunc(slices.Clone(h.From), func(other uint8) bool { return other == index })
		ctx.State.Delete(ProgressKey(h.Epoch, index))
		for item := range h.Items {
			ctx.State.Delete(SubdealKey(h.Epoch, uint32(item), index))
		}
	}
	if h.From = resharers(ctx.State, *h, old, next); len(h.From) < old.Threshold || h.Set >= maxHandoverSets {
		giveUp(ctx, h, fmt.Sprintf("without members %v there are not %d left who hand over rightly and in time", h.Excluded, old.Threshold))
		return
	}
	beginResharing(ctx, h)
}

// receive waits for the new members.
func receive(ctx contract.Context, h *Handover, next committee.Keepers) {
	waiting := slices.DeleteFunc(receivers(ctx.State, *h, next), func(index uint8) bool {
		return slices.Contains(h.Acknowledged, index) || slices.Contains(h.Unfounded, index)
	})
	if len(waiting) > 0 && ctx.Height < h.Deadline {
		return
	}
	if quorum := next.Quorum(); len(h.Acknowledged) < quorum {
		giveUp(ctx, h, fmt.Sprintf("%d new members have acknowledged what was handed on, expected %d", len(h.Acknowledged), quorum))
		return
	}
	h.Phase, h.Deadline = HandoverSwitching, 0
}

// switchOver computes the new commitments, some series in each block, and
// then brings the new keepers into force.
func switchOver(ctx contract.Context, h *Handover, next committee.Keepers) {
	for range itemsPerBlock {
		if int(h.Switched) == len(h.Items) {
			break
		}
		if err := handItem(ctx, *h, next); err != nil {
			giveUp(ctx, h, err.Error())
			return
		}
		h.Switched++
	}
	if int(h.Switched) < len(h.Items) {
		return
	}
	h.Phase, h.Closed, h.Items = HandoverDone, ctx.Height, []HandoverItem{}
	deleteAll(ctx.State, progressPrefix(h.Epoch))
	committee.Switch(ctx, h.Acknowledged)
	dropChannels(ctx.State, func(channel Channel) bool {
		_, member := committee.MemberNamed(ctx.State, channel.Dealer)
		return member
	})
}

// handItem records the new commitments of one series. Those that were handed
// to epochs which are closed are forgotten.
func handItem(ctx contract.Context, h Handover, next committee.Keepers) error {
	defer deleteAll(ctx.State, subdealPrefix(h.Epoch, h.Switched))
	item := h.Items[h.Switched]
	sealed, found := itemOf(ctx.State, item)
	if !found {
		return nil
	}
	var byMember [][][]byte
	for _, index := range h.From {
		encoded, _ := record.Load[[][]byte](ctx.State, SubdealKey(h.Epoch, h.Switched, index))
		byMember = append(byMember, encoded)
	}
	parts, err := DecodeSubdeals(byMember, len(sealed.Parts))
	if err != nil {
		return err
	}
	deals, err := HandedOver(sealed, h.Origin, parts)
	if err != nil {
		return err
	}
	handed := Handed{Epoch: next.Epoch}
	for _, deal := range deals {
		encoded, err := deal.MarshalHanded()
		if err != nil {
			return err
		}
		handed.Parts = append(handed.Parts, encoded)
	}
	kept := []Handed{}
	for _, earlier := range sealed.Handed {
		if keepers, _ := committee.LoadKeepers(ctx.State, earlier.Epoch); keepers.State == committee.KeepersInForce || keepers.State == committee.KeepersPast {
			kept = append(kept, earlier)
		}
	}
	sealed.Handed = append(kept, handed)
	record.Save(ctx.State, SealedKey(item.Kind, item.Day, item.Park), sealed)
	return nil
}

// postpone drops what was gathered, because a gate is near, and waits for it.
func postpone(ctx contract.Context, h *Handover) {
	if h.Set >= maxHandoverSets {
		giveUp(ctx, h, "it was not complete between two gates, many times")
		return
	}
	gate, _ := nextGate(ctx.State)
	forget(ctx.State, *h)
	h.clear()
	h.Set++
	h.Phase, h.NotBefore = HandoverPreparing, gate
}

// giveUp leaves the keepers in force.
func giveUp(ctx contract.Context, h *Handover, why string) {
	forget(ctx.State, *h)
	h.Phase, h.Reason, h.Closed = HandoverFailed, why, ctx.Height
	committee.GiveUp(ctx, why)
	dropChannels(ctx.State, func(channel Channel) bool { return channel.Epoch == h.Epoch })
}

func forget(state record.State, h Handover) {
	deleteAll(state, subdealsPrefix(h.Epoch))
	deleteAll(state, progressPrefix(h.Epoch))
}

func deleteAll(state record.State, prefix string) {
	var keys []string
	state.Iterate(prefix, func(key string, _ []byte) bool {
		keys = append(keys, key)
		return true
	})
	for _, key := range keys {
		state.Delete(key)
	}
}

func dropChannels(state record.State, drop func(Channel) bool) {
	var keys []string
	record.Each(state, ChannelsPrefix, func(key string, channel Channel) bool {
		if drop(channel) {
			keys = append(keys, key)
		}
		return true
	})
	for _, key := range keys {
		state.Delete(key)
	}
}

// closePast closes the past epochs of which no round and no release is in
// flight any more.
func closePast(ctx contract.Context) {
	past := committee.PastEpochs(ctx.State)
	if len(past) == 0 {
		return
	}
	serving := map[uint32]bool{}
	record.Each(ctx.State, InFlightPrefix, func(_ string, mark inFlight) bool {
		round, _ := record.Load[Round](ctx.State, RoundKey(mark.Round))
		serving[round.Epoch] = true
		return true
	})
	record.Each(ctx.State, ReleaseInFlightPrefix, func(_ string, mark inFlight) bool {
		release, _ := record.Load[Release](ctx.State, ReleaseKey(mark.Round))
		serving[release.Epoch] = true
		return true
	})
	for _, epoch := range past {
		if !serving[epoch] {
			committee.Close(ctx, epoch)
			dropChannels(ctx.State, func(channel Channel) bool { return channel.Epoch == epoch })
		}
	}
}
