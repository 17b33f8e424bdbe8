package vault

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// acknowledged says whether the phase of acknowledgements is over: all members
// have sent theirs, present or not, or the time is up.
func acknowledged(ctx contract.Context, round Round) bool {
	if ctx.Height >= round.Started+AcknowledgeBlocks {
		return true
	}
	for _, index := range seatsOf(ctx.State, round.Epoch) {
		if !slices.Contains(round.Acknowledged, index) {
			return false
		}
	}
	return true
}

// freeze fixes the set of parks and the quorum of members. Nothing changes
// them afterwards. The error says why the round ends here.
func freeze(ctx contract.Context, round *Round) error {
	minimum := committee.LoadParameters(ctx.State).Minimum
	quorum := []uint8{}
	for _, index := range round.Acknowledged {
		if !slices.Contains(round.Unfounded, index) {
			quorum = append(quorum, index)
		}
	}
	keepers, _ := committee.LoadKeepers(ctx.State, round.Epoch)
	if need := keepers.Quorum(); len(quorum) < need {
		return fmt.Errorf("%d members have acknowledged their shares, expected %d", len(quorum), need)
	}
	parks := []Participant{}
	for _, candidate := range round.Candidates {
		if !slices.Contains(round.Refused, candidate.Park) {
			parks = append(parks, candidate)
		}
	}
	if len(parks) < minimum {
		return fmt.Errorf("%w: %d stand, expected %d", ErrTooFewParks, len(parks), minimum)
	}
	if err := checkSet(ctx.State, *round, parks, minimum); err != nil {
		return err
	}
	frozen := *round
	frozen.Parks, frozen.Quorum, frozen.Frozen, frozen.Phase = parks, quorum, ctx.Height, PhaseOpening
	frozen.Purposes = slices.Clone(round.Purposes)
	for i := range frozen.Purposes {
		frozen.Purposes[i].ID = PurposeID(ctx.Chain, frozen, frozen.Purposes[i])
	}
	if err := savePolynomials(ctx.State, frozen); err != nil {
		return err
	}
	*round = frozen
	return nil
}

// savePolynomials computes the commitments of a round's purposes once, so that
// each member's partials are checked against them without decoding every
// park's series again. They are deleted when the round's time is up.
func savePolynomials(state record.State, round Round) error {
	var series []Sealed
	for _, park := range round.Parks {
		sealed, _ := record.Load[Sealed](state, SealedKey(round.Kind, round.Day, park.Park))
		series = append(series, sealed)
	}
	forms, deals, err := Forms(round, series)
	if err != nil {
		return err
	}
	encoded := make([][]byte, len(forms))
	for k := range forms {
		polynomial, err := forms[k].Polynomial(deals)
		if err != nil {
			return fmt.Errorf("purpose %d: %w", k+1, err)
		}
		if encoded[k], err = polynomial.MarshalBinary(); err != nil {
			return fmt.Errorf("purpose %d: %w", k+1, err)
		}
	}
	record.Save(state, polynomialsKey(round.ID), encoded)
	return nil
}

func loadPolynomials(state record.State, round Round) ([]sealing.Polynomial, error) {
	keepers, _ := committee.LoadKeepers(state, round.Epoch)
	encoded, _ := record.Load[[][]byte](state, polynomialsKey(round.ID))
	polynomials := make([]sealing.Polynomial, len(encoded))
	for k := range encoded {
		var err error
		if polynomials[k], err = sealing.DecodePolynomial(encoded[k], keepers.Threshold); err != nil {
			return nil, fmt.Errorf("%s: purpose %d: %w", round.ID, k+1, err)
		}
	}
	return polynomials, nil
}
