package vault

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// RuleDisclosure is the rule of the alert that tells everybody of a disclosure.
const RuleDisclosure = "disclosure"

// begin lets members post their parts of a release.
func begin(ctx contract.Context, release *Release, sealed Sealed) {
	release.Phase, release.Granted = PhaseOpening, ctx.Height
	record.Save(ctx.State, ReleasedKey(release.ID), sealed)
	record.Save(ctx.State, releaseInFlightPrefix+release.ID, inFlight{Round: release.ID})
}

// OpenBill begins the opening of one park's bill, weights[part][period] being
// those of the settlement. It is done once for each bill.
func OpenBill(ctx contract.Context, day uint32, park, requester, reason string, weights [][]*big.Int) (Release, error) {
	id := BillReleaseID(day, park)
	if earlier, found := record.Load[Release](ctx.State, ReleaseKey(id)); found {
		return Release{}, fmt.Errorf("%s is %s: a bill is opened once only", id, earlier.Phase)
	}
	sealed, found := record.Load[Sealed](ctx.State, SealedKey(Reading, day, park))
	if !found {
		return Release{}, fmt.Errorf("%s: the sealed readings are not on the ledger any more", id)
	}
	epoch, err := heldNow(ctx.State, sealed)
	if err != nil {
		return Release{}, fmt.Errorf("%s: %w", id, err)
	}
	release := Release{
		ID: id, Kind: BillOpen, Park: park, Day: day, Series: Reading, Parts: []string{}, Version: sealed.Version,
		Epoch: epoch, Requester: requester, Reason: reason, Requested: ctx.Now,
		Partials: []uint8{}, Wrong: []uint8{},
	}
	release.Purposes = []ReleasePurpose{weightedPurpose(ctx.Chain, release, weights)}
	begin(ctx, &release, sealed)
	record.Save(ctx.State, ReleaseKey(id), release)
	return release, nil
}

// takesParts says whether a release takes members' parts now. Those that come
// after the opening, within its time, are judged all the same.
func takesParts(ctx contract.Context, release Release) bool {
	return release.Phase == PhaseOpening || release.Phase == PhaseOpened && ctx.Height <= release.Closed+OpeningBlocks
}

// handleReleaseParts takes a member's parts of a release. Wrong ones are taken
// for the record: the member is named and its post ignored.
func handleReleaseParts(ctx contract.Context, release Release, sums [][]byte) error {
	if !takesParts(ctx, release) {
		return fmt.Errorf("%s is %s: it does not take partial sums now", release.ID, release.Phase)
	}
	member, err := senderSeat(ctx, release.Epoch)
	if err != nil {
		return err
	}
	if slices.Contains(release.Partials, member.Index) || slices.Contains(release.Wrong, member.Index) {
		return fmt.Errorf("%s has posted its partial sums of %s already", member.Name, release.ID)
	}
	partials, err := decodeParts(release.ID, sums, len(release.Purposes))
	if err != nil {
		return err
	}
	polynomials, err := releasePolynomials(ctx.State, release)
	if err != nil {
		return err
	}
	right, err := fit(ctx, release.ID, member, polynomials, partials)
	if err != nil {
		return err
	}
	if !right {
		release.Wrong = insertIndex(release.Wrong, member.Index)
	} else {
		release.Partials = insertIndex(release.Partials, member.Index)
		record.Save(ctx.State, PartialKey(release.ID, member.Index), sums)
	}
	record.Save(ctx.State, ReleaseKey(release.ID), release)
	return nil
}

// releasePolynomials are the commitments to what a release opens.
func releasePolynomials(state record.State, release Release) ([]sealing.Polynomial, error) {
	sealed, found := record.Load[Sealed](state, ReleasedKey(release.ID))
	if !found {
		return nil, fmt.Errorf("%s: its sealed series is not on the ledger any more", release.ID)
	}
	forms, deals, err := ReleaseForms(release, sealed)
	if err != nil {
		return nil, err
	}
	polynomials := make([]sealing.Polynomial, len(forms))
	for k := range forms {
		if polynomials[k], err = forms[k].Polynomial(deals); err != nil {
			return nil, fmt.Errorf("%s: purpose %d: %w", release.ID, k+1, err)
		}
	}
	return polynomials, nil
}

// EndReleases moves the releases in flight on and returns those that closed in
// this block, opened or failed, in order of their ids. A release stays open
// until enough right parts are there or the contest term ends, when members
// erase their shares: it is the only one that there can be.
func EndReleases(ctx contract.Context) []Release {
	var closed []Release
	record.Each(ctx.State, releaseInFlightPrefix, func(key string, mark inFlight) bool {
		release, _ := record.Load[Release](ctx.State, ReleaseKey(mark.Round))
		if release.Phase == PhaseOpening && advanceRelease(ctx, &release) {
			release.Closed = ctx.Height
			record.Save(ctx.State, ReleaseKey(release.ID), release)
			closed = append(closed, release)
		}
		if !takesParts(ctx, release) {
			ctx.State.Delete(key)
			ctx.State.Delete(ReleasedKey(release.ID))
		}
		return true
	})
	return closed
}

// advanceRelease opens a release that has enough right parts and says whether
// it has come to its end.
func advanceRelease(ctx contract.Context, release *Release) bool {
	parameters := committee.LoadParameters(ctx.State)
	keepers, _ := committee.LoadKeepers(ctx.State, release.Epoch)
	if len(release.Partials) < keepers.Threshold {
		if ctx.Now <= dayEnd(ctx.State, release.Day)+parameters.Contest {
			return false
		}
		release.Phase, release.Outcome = PhaseFailed, fmt.Sprintf("%d members have posted right partial sums before the end of the contest term, expected %d", len(release.Partials), keepers.Threshold)
		post(ctx, alerts.RoundFailed, release.ID, release.Outcome)
		return true
	}
	if err := openRelease(ctx, *release, keepers.Threshold); err != nil {
		release.Phase, release.Outcome = PhaseFailed, err.Error()
		post(ctx, alerts.RoundFailed, release.ID, release.Outcome)
		return true
	}
	release.Phase = PhaseOpened
	return true
}

// openRelease interpolates the sums, checks them and records them for ever.
func openRelease(ctx contract.Context, release Release, threshold int) error {
	polynomials, err := releasePolynomials(ctx.State, release)
	if err != nil {
		return err
	}
	posts := map[uint8][]sealing.Partial{}
	for _, index := range release.Partials {
		sums, _ := record.Load[[][]byte](ctx.State, PartialKey(release.ID, index))
		if posts[index], err = decodeParts(release.ID, sums, len(release.Purposes)); err != nil {
			return fmt.Errorf("member %d: %w", index, err)
		}
	}
	sums, err := sealing.Open(threshold, polynomials, posts)
	if err != nil {
		return err
	}
	opened := Opened{Round: release.ID, Purposes: make([]OpenedSum, len(sums))}
	for k, sum := range sums {
		blinding := sum.Blinding.Bytes()
		opened.Purposes[k] = OpenedSum{Value: EncodeValue(sum.Value), Blinding: blinding[:]}
	}
	record.Save(ctx.State, OpenedKey(release.ID), opened)
	return nil
}

// Disclosed gives the series that a disclosure has opened, W, by name.
func Disclosed(release Release, opened Opened) (map[string][]int64, error) {
	if len(opened.Purposes) != len(release.Purposes) {
		return nil, fmt.Errorf("%s: %d sums opened, expected %d", release.ID, len(opened.Purposes), len(release.Purposes))
	}
	names, disclosed := SeriesOf(release.Series), map[string][]int64{}
	for k, purpose := range release.Purposes {
		value, err := DecodeValue(opened.Purposes[k].Value)
		if err != nil {
			return nil, fmt.Errorf("%s: purpose %d: %w", release.ID, k+1, err)
		}
		if len(purpose.Terms) != 1 || int(purpose.Terms[0].Part) >= len(names) {
			return nil, fmt.Errorf("%s: purpose %d is not one period of one series", release.ID, k+1)
		}
		name := names[purpose.Terms[0].Part]
		disclosed[name] = append(disclosed[name], value.Int64())
	}
	return disclosed, nil
}
