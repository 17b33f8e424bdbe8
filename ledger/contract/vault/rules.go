package vault

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/record"
)

// The rules of docs/ledger.md that say what may be opened. A set counts as
// opened from its freeze, which is stricter than from its first partial: from
// the freeze on members know what to add up, and what they have computed
// cannot be taken back.

// requireFresh is rule 3: a later round needs fresh versions from all parks of
// each earlier set.
func requireFresh(state record.State, kind string, day uint32) error {
	for _, earlier := range roundsOf(state, kind, day) {
		for _, participant := range earlier.Parks {
			sealed, found := record.Load[Sealed](state, SealedKey(kind, day, participant.Park))
			if !found || sealed.Version <= participant.Version {
				return fmt.Errorf("rule 3: version %d of %s's series has entered %s; a later round needs fresh versions from all its parks",
					participant.Version, participant.Park, earlier.ID)
			}
		}
	}
	return nil
}

// checkSet holds the set that a round is about to freeze against all earlier
// sets of its kind and day.
func checkSet(state record.State, round Round, parks []Participant, minimum int) error {
	for _, earlier := range roundsOf(state, round.Kind, round.Day) {
		if earlier.ID == round.ID || len(earlier.Parks) == 0 {
			continue
		}
		for _, participant := range parks {
			if slices.Contains(earlier.Parks, participant) {
				return fmt.Errorf("rule 2: version %d of %s's series has entered %s over another set", participant.Version, participant.Park, earlier.ID)
			}
		}
		for _, participant := range earlier.Parks {
			if !hasPark(parks, participant.Park) {
				return fmt.Errorf("rule 3: %s took part in %s and has no fresh version", participant.Park, earlier.ID)
			}
		}
		if more := len(parks) - len(earlier.Parks); more != 0 && more < minimum {
			return fmt.Errorf("rule 4: the set would differ from that of %s by %d parks, expected none or at least %d", earlier.ID, more, minimum)
		}
	}
	return nil
}

func hasPark(parks []Participant, name string) bool {
	return slices.ContainsFunc(parks, func(p Participant) bool { return p.Park == name })
}
