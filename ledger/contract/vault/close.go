package vault

import (
	"fmt"
	"math/big"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// EndBlock moves the rounds in flight on and returns those that closed in this
// block, opened or failed, in order of their ids.
func EndBlock(ctx contract.Context) []Round {
	var closed []Round
	record.Each(ctx.State, InFlightPrefix, func(key string, mark inFlight) bool {
		round, _ := record.Load[Round](ctx.State, RoundKey(mark.Round))
		before := round.Phase
		if err := advance(ctx, &round); err != nil {
			round.Phase, round.Reason = PhaseFailed, err.Error()
			post(ctx, alerts.RoundFailed, round.ID, round.Reason)
		}
		if round.Phase != before {
			if over(round) {
				round.Closed = ctx.Height
				closed = append(closed, round)
			}
			record.Save(ctx.State, RoundKey(round.ID), round)
		}
		if over(round) && (round.Frozen == 0 || ctx.Height >= round.Frozen+OpeningBlocks) {
			ctx.State.Delete(key)
			ctx.State.Delete(polynomialsKey(round.ID))
		}
		return true
	})
	return closed
}

func over(round Round) bool { return round.Phase == PhaseOpened || round.Phase == PhaseFailed }

// advance takes the step that is due. The error ends the round.
func advance(ctx contract.Context, round *Round) error {
	switch round.Phase {
	case PhaseAcknowledging:
		if !acknowledged(ctx, *round) {
			return nil
		}
		return freeze(ctx, round)
	case PhaseOpening:
		keepers, _ := committee.LoadKeepers(ctx.State, round.Epoch)
		threshold := keepers.Threshold
		if len(round.Partials) >= threshold {
			return open(ctx, round, threshold)
		}
		if ctx.Height >= round.Frozen+OpeningBlocks {
			return fmt.Errorf("%d members have posted right partial sums in time, expected %d", len(round.Partials), threshold)
		}
	}
	return nil
}

// open interpolates the sums, checks them and records them.
func open(ctx contract.Context, round *Round, threshold int) error {
	polynomials, err := loadPolynomials(ctx.State, *round)
	if err != nil {
		return err
	}
	posts, err := loadPosts(ctx.State, *round)
	if err != nil {
		return err
	}
	sums, err := sealing.Open(threshold, polynomials, posts)
	if err != nil {
		return err
	}
	opened := Opened{Round: round.ID, Purposes: make([]OpenedSum, len(sums))}
	for k, sum := range sums {
		if err := checkRange(round.Purposes[k], sum, len(round.Parks)); err != nil {
			return err
		}
		blinding := sum.Blinding.Bytes()
		opened.Purposes[k] = OpenedSum{Value: EncodeValue(sum.Value), Blinding: blinding[:]}
	}
	record.Save(ctx.State, OpenedKey(round.ID), opened)
	round.Phase = PhaseOpened
	return nil
}

// checkRange holds a community sum against what that many parks can have.
func checkRange(purpose Purpose, sum sealing.Sum, parks int) error {
	if purpose.Kind != PurposeSurplus && purpose.Kind != PurposeDeficit {
		return nil
	}
	limit := new(big.Int).Lsh(big.NewInt(int64(parks)), 32)
	if sum.Value.Sign() < 0 || sum.Value.Cmp(limit) > 0 {
		return fmt.Errorf("%s of period %d is %.40s W: %d parks can have 0 to %s", purpose.Kind, purpose.Period+1, sum.Value.String(), parks, limit.String())
	}
	return nil
}
