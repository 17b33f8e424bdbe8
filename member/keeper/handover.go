package keeper

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// Bounds of what is handed on in one transaction.
const (
	itemsAtOnce = 8
	bytesAtOnce = 600_000
)

// handover does the member's part in passing the shares to the next keepers:
// as an old member it opens channels to them and, when it is of the set, hands
// on its shares; as a new one it checks what it gets, keeps it, and
// acknowledges or refuses.
func (k *Keeper) handover(ctx context.Context, self self, post func(what, kind string, body any)) error {
	if self.next.Epoch == 0 {
		return nil
	}
	h, found, err := participant.Load[vault.Handover](ctx, k.ledger, vault.HandoverKey(self.next.Epoch))
	if err != nil || !found {
		return err
	}
	var failures []error
	if index := self.current.IndexOf(k.name); index > 0 {
		failures = append(failures, k.offer(ctx, self, h, post))
		if h.Phase == vault.HandoverResharing && slices.Contains(h.From, index) && !slices.Contains(h.Complete, index) {
			failures = append(failures, k.handOn(ctx, self, h, index, post))
		}
	}
	index := self.next.IndexOf(k.name)
	if h.Phase == vault.HandoverReceiving && index > 0 && !slices.Contains(h.Acknowledged, index) && !slices.Contains(h.Unfounded, index) {
		failures = append(failures, k.receive(ctx, self, h, post))
	}
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("hand-over to epoch %d: %w", h.Epoch, err)
	}
	return nil
}

// offer opens the member's channels to the next keepers. Their keys are kept
// before anything is sent; the same channels are sent again after a failure.
func (k *Keeper) offer(ctx context.Context, self self, h vault.Handover, post func(what, kind string, body any)) error {
	made, found, err := k.store.offerTo(h.Epoch)
	if err != nil {
		return err
	}
	if !found {
		receiving := self.next.Vault(self.parameters.Chain)
		for _, keeper := range receiving.Keepers {
			channel, keys, err := sealing.OfferChannel(receiving.ChannelID(k.name, keeper.Index, h.Day, 1), keeper.Key)
			if err != nil {
				return fmt.Errorf("channel to member %d: %w", keeper.Index, err)
			}
			encoded, err := channel.MarshalBinary()
			if err != nil {
				return fmt.Errorf("channel to member %d: %w", keeper.Index, err)
			}
			made.channels, made.keys = append(made.channels, encoded), append(made.keys, keys)
		}
		if err := k.store.keepOffer(h.Epoch, made); err != nil {
			return err
		}
	}
	number, _, err := participant.Load[uint32](ctx, k.ledger, vault.ChannelCountKey(k.name))
	if err != nil {
		return err
	}
	if number > 0 {
		last, found, err := participant.Load[vault.Channel](ctx, k.ledger, vault.ChannelKey(k.name, number))
		if err != nil || found && last.Epoch == h.Epoch {
			return err
		}
	}
	post(fmt.Sprintf("open channels to epoch %d", h.Epoch), "vault/channel", vault.OpenChannel{
		Number: number + 1, Epoch: h.Epoch, FirstDay: h.Day, Days: 1, Channels: made.channels,
	})
	return nil
}

// handOn hands on the next series that are due.
func (k *Keeper) handOn(ctx context.Context, self self, h vault.Handover, index uint8, post func(what, kind string, body any)) error {
	made, found, err := k.store.offerTo(h.Epoch)
	if err != nil || !found {
		return errors.Join(err, errors.New("the keys of its channels are missing"))
	}
	progress, _, err := participant.Load[vault.Progress](ctx, k.ledger, vault.ProgressKey(h.Epoch, index))
	if err != nil {
		return err
	}
	body, size := vault.HandOn{Epoch: h.Epoch}, 0
	for item := progress.Next; int(item) < len(h.Items) && len(body.Items) < itemsAtOnce && size < bytesAtOnce; item++ {
		sealed, found, err := k.item(ctx, h.Items[item])
		if err != nil {
			return err
		}
		if !found {
			continue // proven false meanwhile
		}
		handed := vault.HandedItem{Item: item}
		if handed.Parts, err = k.subdeals(ctx, self, h, item, sealed, made.keys); err != nil {
			return err
		}
		for _, part := range handed.Parts {
			size += len(part)
		}
		body.Items = append(body.Items, handed)
	}
	if len(body.Items) > 0 {
		post(fmt.Sprintf("hand on %d series to epoch %d", len(body.Items), h.Epoch), "vault/hand-on", body)
	}
	return nil
}

// item reads a series that is handed over, and whether it is still the one.
func (k *Keeper) item(ctx context.Context, item vault.HandoverItem) (vault.Sealed, bool, error) {
	sealed, found, err := participant.Load[vault.Sealed](ctx, k.ledger, vault.SealedKey(item.Kind, item.Day, item.Park))
	return sealed, found && sealed.Version == item.Version, err
}

// subdeals deals the member's shares of a series to the next keepers.
func (k *Keeper) subdeals(ctx context.Context, self self, h vault.Handover, item uint32, sealed vault.Sealed, keys []*sealing.DayKeys) ([][]byte, error) {
	deals, err := vault.DecodedAt(sealed, h.Origin)
	if err != nil {
		return nil, err
	}
	shares, err := k.shares(sealed, h.Origin, deals)
	if err != nil {
		return nil, err
	}
	secret, err := k.nonceSecret(self)
	if err != nil {
		return nil, err
	}
	receiving := self.next.Vault(self.parameters.Chain)
	var parts [][]byte
	for _, name := range vault.SeriesOf(sealed.Kind) {
		deal := deals[name]
		handed, err := sealing.NewHandover(deal, shares[deal.ID()], &receiving, k.name, h.Day, uint64(item)+1, keys, secret)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", name, sealed.Park, err)
		}
		encoded, err := handed.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", name, sealed.Park, err)
		}
		parts = append(parts, encoded)
	}
	return parts, nil
}

// nonceSecret keeps nonces from repeating on a machine that was restored.
func (k *Keeper) nonceSecret(self self) ([]byte, error) {
	private, err := k.secrets.Find(self.current.Seats[self.current.IndexOf(k.name)-1].Key)
	if err != nil {
		return nil, err
	}
	secret := sha256.Sum256(append([]byte("sesame/hand-on/1"), private...))
	return secret[:], nil
}

// receive checks everything that was handed on, keeps the member's new shares
// and acknowledges; at the first that is wrong it refuses with the proof.
func (k *Keeper) receive(ctx context.Context, self self, h vault.Handover, post func(what, kind string, body any)) error {
	what := fmt.Sprintf("acknowledge the hand-over to epoch %d, set %d", h.Epoch, h.Set)
	if k.received.Epoch == h.Epoch && k.received.Set == h.Set {
		post(what, "vault/handover-acknowledge", k.received)
		return nil
	}
	old, err := k.keepers(ctx, h.Origin)
	if err != nil {
		return err
	}
	var keys []*sealing.DayKeys
	for _, from := range h.From {
		found := k.store.keysOf(old.Seats[from-1].Name, h.Epoch)
		if found == nil {
			return fmt.Errorf("the keys of the channel of %s are missing", old.Seats[from-1].Name)
		}
		keys = append(keys, found)
	}
	body := vault.AcknowledgeHandover{Epoch: h.Epoch, Set: h.Set, Refusals: []vault.HandoverRefusal{}}
	for item := range h.Items {
		refusal, err := k.receiveItem(ctx, h, uint32(item), keys)
		if err != nil {
			return err
		}
		if refusal != nil {
			k.logger.Error("a member's share is wrong: refused, with proof", "member", old.Seats[refusal.From-1].Name, "item", item)
			body.Refusals = append(body.Refusals, *refusal)
			break
		}
	}
	k.received = body
	post(what, "vault/handover-acknowledge", body)
	return nil
}

// receiveItem takes the member's shares of one series and keeps them, or gives
// the refusal of what is wrong.
func (k *Keeper) receiveItem(ctx context.Context, h vault.Handover, item uint32, keys []*sealing.DayKeys) (*vault.HandoverRefusal, error) {
	of := h.Items[item]
	sealed, found, err := k.item(ctx, of)
	if err != nil || !found {
		return nil, err
	}
	var byMember [][][]byte
	for _, from := range h.From {
		encoded, _, err := participant.Load[[][]byte](ctx, k.ledger, vault.SubdealKey(h.Epoch, item, from))
		if err != nil {
			return nil, err
		}
		byMember = append(byMember, encoded)
	}
	handed, err := vault.DecodeSubdeals(byMember, len(sealed.Parts))
	if err != nil {
		return nil, fmt.Errorf("item %d: %w", item, err)
	}
	parts := make([][]*sealing.Share, len(handed))
	for part := range handed {
		for i, one := range handed[part] {
			share, err := sealing.OpenHandover(one, keys[i])
			if errors.Is(err, sealing.ErrWrongShare) {
				return refuseHandover(one, keys[i], item, part)
			}
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", item, err)
			}
			parts[part] = append(parts[part], share)
		}
	}
	shares, err := combine(sealed, h.Origin, handed, parts)
	if err != nil {
		return nil, fmt.Errorf("item %d: %w", item, err)
	}
	return nil, k.store.keepHanded(held{h.Epoch, of.Kind, of.Day, of.Version, of.Park}, shares)
}

func refuseHandover(one *sealing.Handover, keys *sealing.DayKeys, item uint32, part int) (*vault.HandoverRefusal, error) {
	proof, err := sealing.ProveHandoverRefusal(one, keys)
	if err != nil {
		return nil, err
	}
	encoded, err := proof.MarshalBinary()
	return &vault.HandoverRefusal{From: one.From(), Item: item, Part: uint8(part), Proof: encoded}, err
}

// combine makes the member's shares of a series out of its parts of what was
// handed on, checked against the new commitments.
func combine(sealed vault.Sealed, origin uint32, handed [][]*sealing.Handover, parts [][]*sealing.Share) ([]*sealing.Share, error) {
	deals, err := vault.HandedOver(sealed, origin, handed)
	if err != nil {
		return nil, err
	}
	old, err := vault.DecodedAt(sealed, origin)
	if err != nil {
		return nil, err
	}
	var shares []*sealing.Share
	for part, name := range vault.SeriesOf(sealed.Kind) {
		share, err := sealing.CombineHandovers(old[name], deals[part], handed[part], parts[part])
		if err != nil {
			return nil, err
		}
		shares = append(shares, share)
	}
	return shares, nil
}
