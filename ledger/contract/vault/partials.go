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

// HandlePartials takes a member's partial sums ("vault/partials"). Wrong ones
// are taken, too, for the record: the member is named and its post ignored.
// Posts that come after the opening, within the round's time, are judged all
// the same. Partial sums of a release are taken from every keeper of
// its epoch.
func HandlePartials(ctx contract.Context, body Partials) error {
	if release, found := record.Load[Release](ctx.State, ReleaseKey(body.Round)); found {
		return handleReleaseParts(ctx, release, body.Sums)
	}
	round, found := record.Load[Round](ctx.State, RoundKey(body.Round))
	if !found || round.Frozen == 0 || ctx.Height > round.Frozen+OpeningBlocks {
		return fmt.Errorf("%q does not take partial sums now", body.Round)
	}
	member, err := senderSeat(ctx, round.Epoch)
	if err != nil {
		return err
	}
	if !slices.Contains(round.Quorum, member.Index) {
		return fmt.Errorf("%s is not of the quorum of %s", member.Name, round.ID)
	}
	if slices.Contains(round.Partials, member.Index) || slices.Contains(round.Wrong, member.Index) {
		return fmt.Errorf("%s has posted its partial sums of %s already", member.Name, round.ID)
	}
	partials, err := decodePartials(body, round)
	if err != nil {
		return err
	}
	polynomials, err := loadPolynomials(ctx.State, round)
	if err != nil {
		return err
	}
	right, err := fit(ctx, round.ID, member, polynomials, partials)
	if err != nil {
		return err
	}
	if !right {
		round.Wrong = insertIndex(round.Wrong, member.Index)
	} else {
		round.Partials = insertIndex(round.Partials, member.Index)
		record.Save(ctx.State, PartialKey(round.ID, member.Index), body.Sums)
	}
	record.Save(ctx.State, RoundKey(round.ID), round)
	return nil
}

// fit says whether a member's partial sums fit the commitments; where they do
// not, an alert names the member.
func fit(ctx contract.Context, opening string, member committee.Member, polynomials []sealing.Polynomial, partials []sealing.Partial) (bool, error) {
	wrong, err := sealing.CheckPartials(member.Index, polynomials, partials)
	if err != nil {
		return false, err
	}
	if len(wrong) > 0 {
		post(ctx, alerts.WrongShare, member.Name, fmt.Sprintf("%s: %d of %d partial sums do not fit the commitments, the first is number %d", opening, len(wrong), len(partials), wrong[0]+1))
	}
	return len(wrong) == 0, nil
}

func decodePartials(body Partials, round Round) ([]sealing.Partial, error) {
	return decodeParts(round.ID, body.Sums, len(round.Purposes))
}

// decodeParts decodes one partial sum per purpose of a round or release.
func decodeParts(id string, sums [][]byte, purposes int) ([]sealing.Partial, error) {
	if len(sums) != purposes {
		return nil, fmt.Errorf("%d partial sums: %s has %d purposes", len(sums), id, purposes)
	}
	partials := make([]sealing.Partial, len(sums))
	for k, encoded := range sums {
		var err error
		if partials[k], err = sealing.DecodePartial(encoded); err != nil {
			return nil, fmt.Errorf("partial sum %d: %w", k+1, err)
		}
	}
	return partials, nil
}

// loadPosts gathers the right partial sums of a round by the members' indices.
func loadPosts(state record.State, round Round) (map[uint8][]sealing.Partial, error) {
	posts := map[uint8][]sealing.Partial{}
	for _, index := range round.Partials {
		sums, _ := record.Load[[][]byte](state, PartialKey(round.ID, index))
		partials, err := decodePartials(Partials{Round: round.ID, Sums: sums}, round)
		if err != nil {
			return nil, fmt.Errorf("member %d: %w", index, err)
		}
		posts[index] = partials
	}
	return posts, nil
}
