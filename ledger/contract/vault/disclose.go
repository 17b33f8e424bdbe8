package vault

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Bounds of a request for a disclosure.
const (
	minDisclosureReason = 8 // a purpose in words, not a dot
	maxDisclosureReason = 500
	maxDisclosures      = 99 // requests about one park's series of a day and kind
)

// HandleDisclose takes a request that series of one park be opened
// ("vault/disclose") and opens the committee's vote on it.
func HandleDisclose(ctx contract.Context, body Disclose) (committee.Proposal, error) {
	refuse := func(err error) (committee.Proposal, error) { return committee.Proposal{}, err }
	if len(body.Reason) < minDisclosureReason || len(body.Reason) > maxDisclosureReason || !utf8.ValidString(body.Reason) {
		return refuse(fmt.Errorf("reason of %d bytes: a disclosure needs one in words, of %d to %d", len(body.Reason), minDisclosureReason, maxDisclosureReason))
	}
	parts, err := disclosedParts(body)
	if err != nil {
		return refuse(err)
	}
	asked := Release{
		Kind: Disclosure, Park: body.Park, Day: body.Day, Series: body.Kind, Parts: parts,
		Requester: ctx.Sender, Reason: body.Reason, Requested: ctx.Now, Phase: PhaseRequested,
		Purposes: []ReleasePurpose{}, Partials: []uint8{}, Wrong: []uint8{},
	}
	sealed, err := disclosable(ctx, asked)
	if err != nil {
		return refuse(err)
	}
	earlier := disclosuresOf(ctx.State, body.Kind, body.Day, body.Park)
	if err := requireFirst(earlier, asked, sealed.Version); err != nil {
		return refuse(err)
	}
	if len(earlier) >= maxDisclosures {
		return refuse(fmt.Errorf("%d requests about this series are enough", len(earlier)))
	}
	asked.ID = DisclosureID(body.Kind, body.Day, body.Park, len(earlier)+1)
	proposal, err := committee.ProposeDisclosure(ctx, asked.ID, body.Reason)
	if err != nil {
		return refuse(err)
	}
	asked.Proposal = proposal.ID
	record.Save(ctx.State, ReleaseKey(asked.ID), asked)
	return proposal, nil
}

// disclosedParts are the series that a request names, in the kind's order.
func disclosedParts(body Disclose) ([]string, error) {
	names := SeriesOf(body.Kind)
	if names == nil {
		return nil, fmt.Errorf("kind of series %.40q: expected %q or %q", body.Kind, Forecast, Reading)
	}
	if len(body.Series) == 0 {
		return names, nil
	}
	last := -1
	for _, name := range body.Series {
		at := slices.Index(names, name)
		if at <= last {
			return nil, fmt.Errorf("series %.40q: expected some of %v, in this order, each once", name, names)
		}
		last = at
	}
	return body.Series, nil
}

// disclosable loads the sealed series that a disclosure would open. The error
// says why it cannot be opened now.
func disclosable(ctx contract.Context, asked Release) (Sealed, error) {
	parameters := committee.LoadParameters(ctx.State)
	day, found := tariff.Load(ctx.State, asked.Day)
	if !found {
		return Sealed{}, fmt.Errorf("day %d: the ledger has no tariff of it", asked.Day)
	}
	if _, closed := DealingTerm(asked.Series, day, parameters); ctx.Now < closed {
		return Sealed{}, fmt.Errorf("%s of %s: it may be sealed anew until its gate, and is disclosed after it only", asked.Series, day.Date)
	}
	if ctx.Now > day.End+parameters.Contest {
		return Sealed{}, fmt.Errorf("%s of %s: its contest term is over, the shares are erased", asked.Series, day.Date)
	}
	sealed, found := record.Load[Sealed](ctx.State, SealedKey(asked.Series, asked.Day, asked.Park))
	if !found {
		return Sealed{}, fmt.Errorf("%.64q has sealed no %s of %s", asked.Park, asked.Series, day.Date)
	}
	return sealed, nil
}

// requireFirst asks that no part of a version is opened twice: a release
// counts from its grant, whatever came of it. Nobody asks twice while a vote is
// open; others may ask for the same beside it, so that no request, whatever its
// reason, keeps another from being voted on.
func requireFirst(earlier []Release, asked Release, version uint32) error {
	for _, other := range earlier {
		if other.ID == asked.ID || !slices.ContainsFunc(other.Parts, func(part string) bool { return slices.Contains(asked.Parts, part) }) {
			continue
		}
		if other.Phase == PhaseRequested && other.Requester == asked.Requester {
			return fmt.Errorf("%s asks for the same already", other.ID)
		}
		if other.Granted > 0 && other.Version == version {
			return fmt.Errorf("version %d is disclosed once only: %s is %s", version, other.ID, other.Phase)
		}
	}
	return nil
}

func disclosuresOf(state record.State, kind string, day uint32, park string) []Release {
	var list []Release
	record.Each(state, ReleaseKey(disclosurePrefix(kind, day, park)), func(_ string, release Release) bool {
		list = append(list, release)
		return true
	})
	return list
}

// VoteClosed carries out what the committee has decided about a disclosure.
func VoteClosed(ctx contract.Context, proposal committee.Proposal) {
	asked, found := record.Load[Release](ctx.State, ReleaseKey(proposal.Subject))
	if !found || asked.Proposal != proposal.ID || asked.Phase != PhaseRequested {
		return
	}
	switch proposal.State {
	case committee.StateAccepted:
		if err := grant(ctx, &asked); err != nil {
			asked.Phase, asked.Outcome, asked.Closed = PhaseRefused, err.Error(), ctx.Height
			committee.Refuse(ctx, proposal, err)
		}
	case committee.StateRejected, committee.StateExpired:
		asked.Phase, asked.Outcome, asked.Closed = PhaseRejected, proposal.Outcome, ctx.Height
	default:
		return
	}
	record.Save(ctx.State, ReleaseKey(asked.ID), asked)
}

// grant begins the opening of a disclosure that the committee has voted for.
func grant(ctx contract.Context, asked *Release) error {
	sealed, err := disclosable(ctx, *asked)
	if err != nil {
		return err
	}
	if err := requireFirst(disclosuresOf(ctx.State, asked.Series, asked.Day, asked.Park), *asked, sealed.Version); err != nil {
		return err
	}
	deals, err := Decoded(sealed)
	if err != nil {
		return err
	}
	if asked.Epoch, err = heldNow(ctx.State, sealed); err != nil {
		return err
	}
	asked.Version = sealed.Version
	asked.Purposes = unitPurposes(ctx.Chain, *asked, deals[asked.Parts[0]].Header().Periods)
	begin(ctx, asked, sealed)
	post(ctx, RuleDisclosure, asked.Park, fmt.Sprintf("%s is opened by vote: %s", asked.ID, asked.Reason))
	return nil
}
