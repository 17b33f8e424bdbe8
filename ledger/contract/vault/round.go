package vault

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Lengths of a round's phases, blocks.
const (
	AcknowledgeBlocks = 10
	OpeningBlocks     = 10
)

const maxRounds = 9 // of one kind and day

// ErrTooFewParks says that a round cannot hide anybody: it has fewer parks
// than all have agreed on.
var ErrTooFewParks = errors.New("too few parks have sealed their series")

// InFlightPrefix is followed by the id of a round that has not come to its end.
const InFlightPrefix = "vault/in-flight/"

// inFlight marks a round that has not come to its end, so that no block has to
// look through all rounds.
type inFlight struct {
	_     struct{} `cbor:",toarray"`
	Round string
}

func polynomialsKey(round string) string { return "vault/polynomials/" + round }

// StartRound begins a round over what the parks have sealed for a day and
// kind. The caller derives the purposes' weights; their ids follow at the
// freeze. The error says why there can be no round, ErrTooFewParks among them.
func StartRound(ctx contract.Context, kind string, day uint32, purposes []Purpose) (Round, error) {
	expire(ctx)
	minimum := committee.LoadParameters(ctx.State).Minimum
	candidates, leftOut := candidatesOf(ctx.State, kind, day)
	for _, park := range leftOut {
		post(ctx, RuleChannelMissing, park, fmt.Sprintf("left out of the %s of day %d: too few members share channels with it and with the others", kind, day))
	}
	if len(candidates) < minimum {
		return Round{}, fmt.Errorf("%w: %d of day %d's %s, expected %d", ErrTooFewParks, len(candidates), day, kind, minimum)
	}
	last, _ := lastRound(ctx.State, kind, day)
	if last.Number >= maxRounds {
		return Round{}, fmt.Errorf("day %d has had %d rounds of its %s, no more are held", day, last.Number, kind)
	}
	round := Round{
		ID: RoundID(kind, day, last.Number+1), Kind: kind, Day: day, Number: last.Number + 1,
		Epoch: committee.LoadParameters(ctx.State).Epoch,
		Phase: PhaseAcknowledging, Started: ctx.Height, Candidates: candidates,
		Acknowledged: []uint8{}, Parks: []Participant{}, Quorum: []uint8{}, Purposes: purposes,
		Refused: []string{}, Unfounded: []uint8{}, Partials: []uint8{}, Wrong: []uint8{},
	}
	record.Save(ctx.State, RoundKey(round.ID), round)
	record.Save(ctx.State, InFlightPrefix+round.ID, inFlight{Round: round.ID})
	return round, nil
}

// candidatesOf lists the parks that have sealed a day's series, in order of
// their names. A member can take part in a round only if it shares channels
// with all its parks; a park whose channels would leave fewer members than the
// quorum is left out, those with the fewest acknowledgements first, so that a
// dealer that cheats with its channels shuts out itself.
func candidatesOf(state record.State, kind string, day uint32) (chosen []Participant, leftOut []string) {
	type candidate struct {
		Participant
		members []uint8
	}
	var all []candidate
	keepers := committee.CurrentKeepers(state)
	record.Each(state, SealedPrefix(kind, day), func(_ string, sealed Sealed) bool {
		all = append(all, candidate{Participant{Park: sealed.Park, Version: sealed.Version}, holders(state, sealed, keepers)})
		return true
	})
	slices.SortStableFunc(all, func(a, b candidate) int { return len(b.members) - len(a.members) })
	members, quorum := committee.ActiveSeats(state, keepers), keepers.Quorum()
	for _, candidate := range all {
		common := intersect(members, candidate.members)
		if len(common) < quorum {
			leftOut = append(leftOut, candidate.Park)
			continue
		}
		members = common
		chosen = append(chosen, candidate.Participant)
	}
	slices.SortFunc(chosen, func(a, b Participant) int { return strings.Compare(a.Park, b.Park) })
	return chosen, leftOut
}

func intersect(a, b []uint8) []uint8 {
	var common []uint8
	for _, index := range a {
		if slices.Contains(b, index) {
			common = append(common, index)
		}
	}
	return common
}

// roundsOf lists the rounds of a kind and day in the order of their numbers.
func roundsOf(state record.State, kind string, day uint32) []Round {
	var rounds []Round
	record.Each(state, fmt.Sprintf("%s%s/%06d/", RoundPrefix, kind, day), func(_ string, round Round) bool {
		rounds = append(rounds, round)
		return true
	})
	return rounds // numbers have one digit: the order of the keys
}

// lastRound is the newest round of a kind and day.
func lastRound(state record.State, kind string, day uint32) (Round, bool) {
	rounds := roundsOf(state, kind, day)
	if len(rounds) == 0 {
		return Round{}, false
	}
	return rounds[len(rounds)-1], true
}

// HandleRequest starts a further round over a day's forecasts where the rules
// allow one ("vault/request"): the weights are those of the round before, less
// what has passed.
func HandleRequest(ctx contract.Context, body Request) error {
	if _, err := senderSeat(ctx, committee.LoadParameters(ctx.State).Epoch); err != nil {
		return err
	}
	if body.Kind != Forecast {
		return fmt.Errorf("rule 3: a further round is of a %s, expected not of %.40q: corrections of readings correct bills, never community sums", Forecast, body.Kind)
	}
	last, found := lastRound(ctx.State, body.Kind, body.Day)
	if !found {
		return fmt.Errorf("there has been no round of day %d's %q to repeat", body.Day, body.Kind)
	}
	if last.Phase != PhaseFailed && last.Phase != PhaseOpened {
		return fmt.Errorf("%s is still %s", last.ID, last.Phase)
	}
	if err := requireFresh(ctx.State, body.Kind, body.Day); err != nil {
		return err
	}
	purposes := ahead(ctx, last)
	if len(purposes) == 0 {
		return fmt.Errorf("nothing of day %d's %s is still ahead", body.Day, body.Kind)
	}
	_, err := StartRound(ctx, body.Kind, body.Day, purposes)
	return err
}

// ahead lists the purposes of a forecast round anew, those of periods that have
// not begun.
func ahead(ctx contract.Context, round Round) []Purpose {
	day, _ := tariff.Load(ctx.State, round.Day)
	var purposes []Purpose
	for _, purpose := range round.Purposes {
		if purpose.Period < 0 || purpose.Period >= len(day.Starts) || day.Starts[purpose.Period] <= ctx.Now {
			continue
		}
		purpose.ID = []byte{}
		purposes = append(purposes, purpose)
	}
	return purposes
}

// OpenedOf loads what a round opened.
func OpenedOf(state record.State, round string) (Opened, bool) {
	return record.Load[Opened](state, OpenedKey(round))
}
