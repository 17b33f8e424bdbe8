package keeper

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// check opens all the member's shares of a round and gives its one
// acknowledgement, with a refusal and its proof for each that is wrong. The
// error means that a share could not be looked at: then nothing is said.
func (k *Keeper) check(ctx context.Context, round vault.Round) (vault.Acknowledge, error) {
	if done, found := k.checked[round.ID]; found {
		return done, nil
	}
	body := vault.Acknowledge{Round: round.ID, Refusals: []vault.Refusal{}}
	for _, candidate := range round.Candidates {
		sealed, err := k.series(ctx, round, candidate)
		if err != nil {
			return body, err
		}
		if sealed.DealtTo() != round.Epoch { // checked when it was handed over
			if _, err := k.sharesAt(sealed, round.Epoch); err != nil {
				return body, err
			}
			continue
		}
		keys, err := k.keysOf(sealed)
		if err != nil {
			return body, err
		}
		for part, encoded := range sealed.Parts {
			proof, err := refusal(encoded, keys)
			if err != nil {
				return body, fmt.Errorf("%s, part %d: %w", candidate.Park, part, err)
			}
			if proof == nil {
				continue
			}
			k.logger.Error("a park's share is wrong: refused, with proof", "park", candidate.Park, "round", round.ID, "part", part)
			body.Refusals = append(body.Refusals, vault.Refusal{Park: candidate.Park, Part: uint8(part), Proof: proof})
		}
	}
	k.checked[round.ID] = body
	return body, nil
}

// refusal gives the proof that the member's share of a deal is wrong, nil
// where it is right.
func refusal(encoded []byte, keys *sealing.DayKeys) ([]byte, error) {
	deal, err := sealing.UnmarshalDeal(encoded)
	if err != nil {
		return nil, err
	}
	if _, err = sealing.OpenShare(deal, keys); err == nil || !errors.Is(err, sealing.ErrWrongShare) {
		return nil, err
	}
	proof, err := sealing.ProveRefusal(deal, keys)
	if err != nil {
		return nil, err
	}
	return proof.MarshalBinary()
}

// series reads a park's sealed series of a round, proven.
func (k *Keeper) series(ctx context.Context, round vault.Round, park vault.Participant) (vault.Sealed, error) {
	sealed, found, err := participant.Load[vault.Sealed](ctx, k.ledger, vault.SealedKey(round.Kind, round.Day, park.Park))
	if err == nil && (!found || sealed.Version != park.Version) {
		err = fmt.Errorf("%s: version %d is not on the ledger any more", park.Park, park.Version)
	}
	return sealed, err
}

// keysOf finds the day keys under which a series was dealt.
func (k *Keeper) keysOf(sealed vault.Sealed) (*sealing.DayKeys, error) {
	of := channel{sealed.Park, sealed.Channel}
	keys, found := k.store.find(of)
	if !found {
		return nil, fmt.Errorf("the keys of the %s are missing", of)
	}
	return keys, nil
}

// shares are the member's of a series' deals in an epoch: taken out of what was
// dealt to it, or those that were handed over to it.
func (k *Keeper) shares(sealed vault.Sealed, epoch uint32, deals map[string]*sealing.Deal) (map[sealing.DealID]*sealing.Share, error) {
	shares := map[sealing.DealID]*sealing.Share{}
	if sealed.DealtTo() == epoch {
		keys, err := k.keysOf(sealed)
		if err != nil {
			return nil, err
		}
		for _, deal := range deals {
			if shares[deal.ID()], err = sealing.OpenShare(deal, keys); err != nil {
				return nil, fmt.Errorf("%s: %w", sealed.Park, err)
			}
		}
		return shares, nil
	}
	kept, _, err := k.store.handed(held{epoch, sealed.Kind, sealed.Day, sealed.Version, sealed.Park})
	if err != nil {
		return nil, err
	}
	for _, share := range kept {
		shares[share.Deal] = share
	}
	for name, deal := range deals {
		if shares[deal.ID()] == nil {
			return nil, fmt.Errorf("%s of %s: its share, handed over to epoch %d, is missing", name, sealed.Park, epoch)
		}
	}
	return shares, nil
}

// sharesAt is shares of all parts of a series.
func (k *Keeper) sharesAt(sealed vault.Sealed, epoch uint32) (map[sealing.DealID]*sealing.Share, error) {
	deals, err := vault.DecodedAt(sealed, epoch)
	if err != nil {
		return nil, err
	}
	return k.shares(sealed, epoch, deals)
}

// partials computes the member's part of each sum that a frozen round opens.
func (k *Keeper) partials(ctx context.Context, round vault.Round) (vault.Partials, error) {
	body := vault.Partials{Round: round.ID}
	var all []vault.Sealed
	shares := map[sealing.DealID]*sealing.Share{}
	for _, park := range round.Parks {
		sealed, err := k.series(ctx, round, park)
		if err != nil {
			return body, err
		}
		of, err := k.sharesAt(sealed, round.Epoch)
		if err != nil {
			return body, err
		}
		all = append(all, sealed)
		maps.Copy(shares, of)
	}
	forms, _, err := vault.Forms(round, all)
	if err != nil {
		return body, err
	}
	body.Sums, err = sums(forms, shares)
	return body, err
}

// sums computes the member's part of each form, encoded.
func sums(forms []sealing.Form, shares map[sealing.DealID]*sealing.Share) ([][]byte, error) {
	var parts [][]byte
	for i := range forms {
		partial, err := forms[i].Partial(shares)
		if err != nil {
			return nil, fmt.Errorf("purpose %d: %w", i+1, err)
		}
		encoded, err := partial.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("purpose %d: %w", i+1, err)
		}
		parts = append(parts, encoded)
	}
	return parts, nil
}
