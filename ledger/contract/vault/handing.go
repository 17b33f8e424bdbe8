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
	lateBlocks       = 20 // within which an old member of the set hands something on
	itemsPerBlock    = 32 // whose new commitments one block computes, some 7 ms each
	maxHandoverSets  = 32 // changes of the set, postponed ones among them
	handoverPatience = 2 * secondsPerDay
	holdersPatience  = secondsPerDay // for old members without which series would be left out
)

// A hand-over begins only where no gate comes within quietLead and the term of
// the readings, and waits for another day where one comes within pauseLead and
// that term: no park misses a gate for it. Seconds of ledger time.
const (
	quietLead = 5_400
	pauseLead = 1_800
)

// AdvanceHandover moves the hand-over to the announced keepers on, closes past
// epochs that have nothing left to serve, and clears away some of what
// hand-overs that came to nothing have left.
func AdvanceHandover(ctx contract.Context) {
	closePast(ctx)
	clearSome(ctx.State)
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
		Announced: ctx.Height, NotBefore: ctx.Now, Excluded: []uint8{}, Late: []uint8{}, Slow: []uint8{},
	}
	if gate, found := nextGate(ctx.State); found {
		handover.NotBefore = gate
	}
	handover.Day = uint32((handover.NotBefore + handoverPatience) / secondsPerDay)
	handover.clear()
	return handover
}

// clear forgets what was gathered.
func (h *Handover) clear() {
	h.Items, h.Holding, h.From, h.Complete = []HandoverItem{}, []uint8{}, []uint8{}, []uint8{}
	h.Acknowledged, h.Unfounded = []uint8{}, []uint8{}
	h.Began, h.Deadline = 0, 0
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
	if h.Phase != HandoverSwitching && overDue(ctx, *h) {
		giveUp(ctx, h, fmt.Sprintf("the keys of day %d, under which shares were to be passed on, are erased", h.Day))
		return
	}
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

// overDue says whether keepers erase the keys of the hand-over's day.
func overDue(ctx contract.Context, h Handover) bool {
	return ctx.Now > dayEnd(ctx.State, h.Day)+committee.LoadParameters(ctx.State).Contest
}

// prepare fixes what is handed over and the set that does it once everybody is
// ready, or enough are and the time is up.
func prepare(ctx contract.Context, h *Handover, old, next committee.Keepers) {
	if ctx.Now > h.NotBefore+handoverPatience {
		why := "no time came in which no gate is near"
		if offered := offersTo(ctx.State, *h, old, next); !offered.possible(offered.members()) {
			why = fmt.Sprintf("fewer than %d members have opened channels to %d of the new ones", old.Threshold, offered.receivers)
		}
		giveUp(ctx, h, why)
		return
	}
	if ctx.Now < h.NotBefore || gateWithin(ctx, quietLead) || clearing(ctx.State) {
		return
	}
	offered := offersTo(ctx.State, *h, old, next)
	if !offered.possible(offered.members()) {
		return
	}
	ready := everybodyReady(ctx.State, old, next)
	if !ready && (ctx.Height-h.Announced)%prepareBlocks != 0 {
		return
	}
	items, holding, left := offered.choose(liveItems(ctx, old))
	if len(left) > 0 && !ready && ctx.Now < h.NotBefore+holdersPatience {
		return
	}
	postLeftOut(ctx, *h, left)
	h.Items, h.Holding, h.From = items, holding, offered.completed([]uint8{}, holding)
	beginResharing(ctx, h)
}

// beginResharing has the set hand on what it has not handed on yet. A member
// that hands on four series a block, as keepers do, has time for sixteen times
// as many.
func beginResharing(ctx contract.Context, h *Handover) {
	h.Set++
	h.Phase, h.Began, h.Deadline = HandoverResharing, ctx.Height, ctx.Height+lateBlocks+4*int64(len(h.Items))
	h.Acknowledged, h.Unfounded = []uint8{}, []uint8{}
	findComplete(ctx.State, h)
}

func findComplete(state record.State, h *Handover) {
	h.Complete = []uint8{}
	for _, index := range h.From {
		progress, _ := record.Load[Progress](state, ProgressKey(h.Epoch, index))
		if int(nextItem(state, h.Items, progress.Next)) == len(h.Items) {
			h.Complete = append(h.Complete, index)
		}
	}
}

// reshare waits for the set and replaces those of it that are too late: of whom
// nothing was taken for a while, or not everything in good time.
func reshare(ctx contract.Context, h *Handover, old, next committee.Keepers) {
	findComplete(ctx.State, h)
	if len(h.Complete) == len(h.From) {
		h.Phase, h.Deadline = HandoverReceiving, ctx.Height+lateBlocks+int64(len(h.Items))/2
		return
	}
	var late []uint8
	for _, index := range h.From {
		progress, _ := record.Load[Progress](ctx.State, ProgressKey(h.Epoch, index))
		idle := ctx.Height >= max(progress.Height, h.Began)+lateBlocks
		if (idle || ctx.Height >= h.Deadline) && !slices.Contains(h.Complete, index) {
			late = append(late, index)
		}
	}
	if len(late) > 0 {
		h.Late = append(h.Late, late...)
		exclude(ctx, h, old, next, late...)
	}
}

// exclude takes old members out of the set and puts the next ones in their
// place, of those that hold shares of everything: what the others have handed
// on stays as good as it was. Without enough of them it is chosen anew what is
// handed over and by whom.
func exclude(ctx contract.Context, h *Handover, old, next committee.Keepers, members ...uint8) {
	for _, index := range members {
		h.Excluded = append(h.Excluded, index)
		h.From = slices.DeleteFunc(slices.Clone(h.From), func(other uint8) bool { return other == index })
		ctx.State.Delete(ProgressKey(h.Epoch, index))
	}
	offered := offersTo(ctx.State, *h, old, next)
	from := offered.completed(h.From, h.Holding)
	switch {
	case h.Set >= maxHandoverSets, !offered.possible(offered.members()):
		giveUp(ctx, h, fmt.Sprintf("without members %v there are not %d left who hand over rightly and in time", h.Excluded, old.Threshold))
	case len(from) == old.Threshold:
		h.From = from
		beginResharing(ctx, h)
	default:
		beginAnew(ctx, h)
	}
}

// receive waits for the new members.
func receive(ctx contract.Context, h *Handover, next committee.Keepers) {
	waiting := slices.DeleteFunc(receivers(ctx.State, *h, next), func(index uint8) bool {
		return slices.Contains(h.Acknowledged, index) || slices.Contains(h.Unfounded, index)
	})
	if len(waiting) > 0 && ctx.Height < h.Deadline {
		return
	}
	if _, err := takers(ctx.State, *h, next); err != nil {
		giveUp(ctx, h, err.Error())
		return
	}
	h.Phase, h.Deadline = HandoverSwitching, 0
}

// takers are the new members that have acknowledged all and may act: of one
// removed meanwhile nothing is expected. The error says that the new keepers
// could hold no rounds, or their validators make no blocks.
func takers(state record.State, h Handover, next committee.Keepers) ([]uint8, error) {
	acting := committee.ActiveSeats(state, next)
	taking, expected := intersect(acting, h.Acknowledged), receiversNeeded(next, len(acting))
	if len(taking) < expected {
		return nil, fmt.Errorf("of %d new members that may act %d have acknowledged what was handed on, expected %d", len(acting), len(taking), expected)
	}
	return taking, nil
}

// receiversNeeded is how many new members take over at least: a round's quorum,
// and more than two thirds of those that become the validators.
func receiversNeeded(next committee.Keepers, acting int) int {
	return max(next.Quorum(), 2*acting/3+1)
}

// switchOver computes the new commitments, some series in each block, and
// then brings the new keepers into force.
func switchOver(ctx contract.Context, h *Handover, next committee.Keepers) {
	taking, err := takers(ctx.State, *h, next)
	if err != nil {
		giveUp(ctx, h, err.Error())
		return
	}
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
	committee.Switch(ctx, taking)
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
// Who was late may hand on again then, where there is nobody else.
func postpone(ctx contract.Context, h *Handover) {
	if h.Set >= maxHandoverSets {
		giveUp(ctx, h, "it was not complete between two gates, many times")
		return
	}
	for _, index := range h.From {
		if !slices.Contains(h.Complete, index) && !slices.Contains(h.Slow, index) {
			h.Slow = append(h.Slow, index)
		}
	}
	for _, index := range h.Late {
		if !slices.Contains(h.Slow, index) {
			h.Slow = append(h.Slow, index)
		}
	}
	h.Excluded = slices.DeleteFunc(slices.Clone(h.Excluded), func(index uint8) bool { return slices.Contains(h.Late, index) })
	h.Late = []uint8{}
	h.NotBefore, _ = nextGate(ctx.State)
	beginAnew(ctx, h)
}

// beginAnew drops what was gathered: it is chosen again what is handed over.
func beginAnew(ctx contract.Context, h *Handover) {
	forget(ctx.State, *h)
	h.clear()
	h.Set++
	h.Phase = HandoverPreparing
}

// giveUp leaves the keepers in force.
func giveUp(ctx contract.Context, h *Handover, why string) {
	forget(ctx.State, *h)
	h.Phase, h.Reason, h.Closed = HandoverFailed, why, ctx.Height
	committee.GiveUp(ctx, why)
	dropChannels(ctx.State, func(channel Channel) bool { return channel.Epoch == h.Epoch })
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
