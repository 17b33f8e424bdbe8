package vault

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// HandOnsPerBlock bounds the series of one old member that a block verifies.
const HandOnsPerBlock = 16

// RotateKey is the body of "vault/rotate-key", by a member that keeps shares:
// it announces the next epoch, in which its shares are sealed to another key.
type RotateKey struct {
	_   struct{} `cbor:",toarray"`
	Key []byte   // X-Wing
}

// HandOn is the body of "vault/hand-on", by an old member of the set: its
// shares of some series, dealt to the new members. Items are handed on one after
// the other in the order of the hand-over's list.
type HandOn struct {
	_     struct{} `cbor:",toarray"`
	Epoch uint32   // of the new keepers
	Items []HandedItem
}

// HandedItem is one series that is handed on.
type HandedItem struct {
	_     struct{} `cbor:",toarray"`
	Item  uint32   // place in the hand-over's list
	Parts [][]byte // encoded hand-overs of the vault, one per part of the series
}

// AcknowledgeHandover is the body of "vault/handover-acknowledge", by a new
// member: it has checked all its shares of what the set has handed on, or
// refuses with the proof. One refusal is enough: it changes the set.
type AcknowledgeHandover struct {
	_        struct{} `cbor:",toarray"`
	Epoch    uint32
	Set      uint32
	Refusals []HandoverRefusal // one at most
}

// HandoverRefusal names what an old member has handed on that is not the right
// share, with the proof.
type HandoverRefusal struct {
	_     struct{} `cbor:",toarray"`
	From  uint8
	Item  uint32
	Part  uint8
	Proof []byte // the vault's refusal proof
}

// HandleRotateKey announces the rotation of a member's key ("vault/rotate-key").
func HandleRotateKey(ctx contract.Context, body RotateKey) error {
	if _, err := senderSeat(ctx, committee.LoadParameters(ctx.State).Epoch); err != nil {
		return err
	}
	return committee.AnnounceRotation(ctx, body.Key)
}

// underWay loads the announced keepers and their hand-over, which must be in a
// phase.
func underWay(state record.State, epoch uint32, phase string) (committee.Keepers, Handover, error) {
	next, found := committee.NextKeepers(state)
	if !found || next.Epoch != epoch {
		return next, Handover{}, fmt.Errorf("hand-over to epoch %d: none is under way", epoch)
	}
	handover, _ := LoadHandover(state, epoch)
	if handover.Phase != phase {
		return next, handover, fmt.Errorf("hand-over to epoch %d is %s: expected %s", epoch, handover.Phase, phase)
	}
	return next, handover, nil
}

// HandleHandOn takes what an old member hands on of some series
// ("vault/hand-on"), all or nothing. Cheap checks come first.
func HandleHandOn(ctx contract.Context, body HandOn) error {
	handed := len(body.Items)
	if ctx.Deals != nil {
		ctx.Deals[ctx.Sender] += len(body.Items)
		handed = ctx.Deals[ctx.Sender]
	}
	if len(body.Items) == 0 || handed > HandOnsPerBlock {
		return fmt.Errorf("%s hands on %d series in this block: expected 1 to %d", ctx.Sender, handed, HandOnsPerBlock)
	}
	next, handover, member, err := handsOn(ctx, body)
	if err != nil {
		return err
	}
	progress, _ := record.Load[Progress](ctx.State, ProgressKey(body.Epoch, member.Index))
	for _, item := range body.Items {
		due := nextItem(ctx.State, handover.Items, progress.Next)
		if int(due) == len(handover.Items) || item.Item != due {
			return fmt.Errorf("%s hands on item %d: expected %d of %d, one after the other", member.Name, item.Item, due, len(handover.Items))
		}
		if err := checkHandOn(ctx.State, item, handover, next.Vault(ctx.Chain), member); err != nil {
			return fmt.Errorf("%s, item %d: %w", member.Name, item.Item, err)
		}
		progress.Next, progress.Height = item.Item+1, ctx.Height
		record.Save(ctx.State, SubdealKey(body.Epoch, item.Item, member.Index), item.Parts)
	}
	record.Save(ctx.State, ProgressKey(body.Epoch, member.Index), progress)
	return nil
}

// handsOn says whether a member may hand on, and in what.
func handsOn(ctx contract.Context, body HandOn) (next committee.Keepers, handover Handover, member committee.Member, err error) {
	if next, handover, err = underWay(ctx.State, body.Epoch, HandoverResharing); err != nil {
		return next, handover, member, err
	}
	if member, err = senderSeat(ctx, handover.Origin); err != nil {
		return next, handover, member, err
	}
	if !slices.Contains(handover.From, member.Index) {
		err = fmt.Errorf("%s is not of the set that hands over, %v", member.Name, handover.From)
	}
	return next, handover, member, err
}

// CheckHandOn says what is wrong with what an old member hands on as far as that
// is cheap to say: no point is decoded.
func CheckHandOn(ctx contract.Context, body HandOn) error {
	if len(body.Items) == 0 || len(body.Items) > HandOnsPerBlock {
		return fmt.Errorf("%s hands on %d series: expected 1 to %d", ctx.Sender, len(body.Items), HandOnsPerBlock)
	}
	next, handover, member, err := handsOn(ctx, body)
	if err != nil {
		return err
	}
	progress, _ := record.Load[Progress](ctx.State, ProgressKey(body.Epoch, member.Index))
	for _, item := range body.Items {
		if item.Item < progress.Next || int(item.Item) >= len(handover.Items) {
			return fmt.Errorf("%s hands on item %d: expected %d to %d", member.Name, item.Item, progress.Next, len(handover.Items)-1)
		}
		if _, err := checkHandOnForm(ctx.State, item, handover, next.Vault(ctx.Chain), member); err != nil {
			return fmt.Errorf("%s, item %d: %w", member.Name, item.Item, err)
		}
	}
	return nil
}

// checkHandOnForm checks all that the headers say of what is handed on.
func checkHandOnForm(state record.State, body HandedItem, handover Handover, next sealing.Committee, member committee.Member) (Sealed, error) {
	sealed, found := itemOf(state, handover.Items[body.Item])
	names := SeriesOf(sealed.Kind)
	if !found || len(body.Parts) != len(names) || len(sealed.Parts) != len(names) {
		return sealed, fmt.Errorf("%d parts: expected %d, %v", len(body.Parts), len(names), names)
	}
	for k, encoded := range body.Parts {
		from, header, err := sealing.PeekHandover(encoded)
		if err != nil {
			return sealed, fmt.Errorf("part %d: %w", k+1, err)
		}
		origin, err := sealing.PeekDeal(sealed.Parts[k])
		switch {
		case err != nil:
			return sealed, fmt.Errorf("part %d: %w", k+1, err)
		case from != member.Index:
			return sealed, fmt.Errorf("part %d: shares of member %d, sent by member %d", k+1, from, member.Index)
		case header.Dealer != member.Name || header.Day != handover.Day:
			return sealed, fmt.Errorf("part %d: sealed by %q under keys of day %d: expected %q, day %d", k+1, header.Dealer, header.Day, member.Name, handover.Day)
		case header.Series != origin.Series || header.Version != origin.Version || header.Periods != origin.Periods:
			return sealed, fmt.Errorf("part %d: %q, version %d, %d periods: expected %q, version %d, %d periods", k+1,
				header.Series, header.Version, header.Periods, origin.Series, origin.Version, origin.Periods)
		}
		if err := header.Check(&next); err != nil {
			return sealed, fmt.Errorf("part %d: %w", k+1, err)
		}
	}
	return sealed, nil
}

// checkHandOn checks that what is handed on is the member's share: E_0 = sum of
// index^c C_c in each period, with exactly as many commitments as the threshold.
func checkHandOn(state record.State, body HandedItem, handover Handover, next sealing.Committee, member committee.Member) error {
	sealed, err := checkHandOnForm(state, body, handover, next, member)
	if err != nil {
		return err
	}
	deals, err := origins(sealed, handover.Origin)
	if err != nil {
		return err
	}
	for k, encoded := range body.Parts {
		handed, err := sealing.UnmarshalHandover(encoded)
		if err == nil {
			err = handed.Check(deals[k], &next)
		}
		if err != nil {
			return fmt.Errorf("part %d: %w", k+1, err)
		}
	}
	return nil
}

// HandleAcknowledgeHandover takes a new member's acknowledgement of everything
// that was handed on, or its refusal ("vault/handover-acknowledge").
func HandleAcknowledgeHandover(ctx contract.Context, body AcknowledgeHandover) error {
	next, handover, err := underWay(ctx.State, body.Epoch, HandoverReceiving)
	if err != nil {
		return err
	}
	member, err := senderSeat(ctx, body.Epoch)
	if err != nil {
		return err
	}
	switch {
	case body.Set != handover.Set:
		return fmt.Errorf("%s acknowledges set %d: it is set %d by now", member.Name, body.Set, handover.Set)
	case slices.Contains(handover.Acknowledged, member.Index), slices.Contains(handover.Unfounded, member.Index):
		return fmt.Errorf("%s has acknowledged already", member.Name)
	case len(body.Refusals) > 1:
		return fmt.Errorf("%d refusals: one is enough", len(body.Refusals))
	case !slices.Contains(receivers(ctx.State, handover, next), member.Index):
		return fmt.Errorf("%s has not acknowledged its channels from all of the set, %v", member.Name, handover.From)
	}
	if len(body.Refusals) == 0 {
		handover.Acknowledged = insertIndex(handover.Acknowledged, member.Index)
		record.Save(ctx.State, HandoverKey(body.Epoch), handover)
		return nil
	}
	refusal := body.Refusals[0]
	if err := judgeHandOn(ctx, handover, next, member, refusal); err != nil {
		handover.Unfounded = insertIndex(handover.Unfounded, member.Index)
		post(ctx, RuleUnfoundedRefusal, member.Name, fmt.Sprintf("hand-over to epoch %d: its refusal of item %d of member %d does not stand: %.200s", body.Epoch, refusal.Item, refusal.From, err))
	} else {
		old, _ := committee.LoadKeepers(ctx.State, handover.Origin)
		name := old.Seats[refusal.From-1].Name
		post(ctx, alerts.FalseHandover, name, fmt.Sprintf("hand-over to epoch %d: the share of item %d that it handed on to %s is false, proven by its key; another takes its place", body.Epoch, refusal.Item, member.Name))
		exclude(ctx, &handover, old, next, refusal.From)
	}
	record.Save(ctx.State, HandoverKey(body.Epoch), handover)
	return nil
}

// judgeHandOn returns nil where the proof shows that an old member of the set
// has cheated the member.
func judgeHandOn(ctx contract.Context, handover Handover, next committee.Keepers, member committee.Member, refusal HandoverRefusal) error {
	if !slices.Contains(handover.From, refusal.From) {
		return fmt.Errorf("member %d is not of the set", refusal.From)
	}
	encoded, found := record.Load[[][]byte](ctx.State, SubdealKey(next.Epoch, refusal.Item, refusal.From))
	if !found || int(refusal.Part) >= len(encoded) {
		return fmt.Errorf("part %d of item %d was not handed on", refusal.Part, refusal.Item)
	}
	handed, err := sealing.UnmarshalHandover(encoded[refusal.Part])
	if err != nil {
		return err
	}
	proof, err := sealing.DecodeRefusal(refusal.Proof)
	if err != nil {
		return err
	}
	old, _ := committee.LoadKeepers(ctx.State, handover.Origin)
	dealer := old.Seats[refusal.From-1].Name
	entry := channelTo(ctx.State, dealer, next.Epoch)
	if entry == nil || int(member.Index) > len(entry.Channels) {
		return fmt.Errorf("%s has no channel to member %d of epoch %d", dealer, member.Index, next.Epoch)
	}
	channel, err := sealing.DecodeChannel(entry.Channels[member.Index-1])
	if err != nil {
		return err
	}
	receiving := next.Vault(ctx.Chain)
	upheld, err := sealing.JudgeHandoverRefusal(handed, receiving.ChannelID(dealer, member.Index, entry.FirstDay, int(entry.Days)), channel, proof)
	if err == nil && !upheld {
		err = fmt.Errorf("the share is right")
	}
	return err
}
