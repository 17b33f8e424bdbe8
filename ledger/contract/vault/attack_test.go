package vault_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Whatever parks seal anew, whoever joins, whoever is refused, absent or mute,
// and however often a further round is asked for: no version of a series ever
// enters two sets, later sets hold the earlier ones, and two sets differ by no
// park or by the minimum (docs/ledger.md, rules 2 to 4).
func TestNoSequenceOfRoundsOpensADifference(t *testing.T) {
	names := []string{"park1", "park2", "park3", "park4", "park5", "park6", "park7"}
	base := contracttest.New(t, 3, names...)
	base.Publish(day, tariff.Workday, one[energy.Price](300_000), one[energy.Price](200_000))
	base.OpenAllChannels()
	base.ToGate(vault.Forecast, day)

	rapid.Check(t, func(r *rapid.T) {
		l := base.Copy()
		seal := func(park string, spoiled bool) {
			version := l.SealedOf(vault.Forecast, day, park).Version + 1
			body := l.Parks[park].Unproven(vault.Forecast, day, version, one[uint64](1), one[uint64](0), one[uint64](0), one[uint64](0))
			if spoiled {
				l.Members[4].Spoil(park, body.Parts[0])
			}
			l.Parks[park].Put(body)
		}
		for _, park := range names[:rapid.IntRange(3, 7).Draw(r, "parks at the gate")] {
			seal(park, false)
		}
		if _, err := vault.StartRound(l.Context(""), vault.Forecast, day, []vault.Purpose{vault.SurplusOf(0), vault.DeficitOf(0)}); err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 4).Draw(r, "rounds") {
			drive(r, l)
			for _, park := range names {
				if rapid.IntRange(0, 3).Draw(r, "seals anew") > 0 {
					seal(park, rapid.IntRange(0, 9).Draw(r, "cheats") == 0)
				}
			}
			_ = vault.HandleRequest(l.Context("member1"), vault.Request{Kind: vault.Forecast, Day: day})
		}
		checkSets(r, l, 3)
	})
}

func one[T any](value T) []T { return []T{value} }

// drive runs the newest round to its end with some members absent or mute.
func drive(r *rapid.T, l *contracttest.Ledger) {
	var newest vault.Round
	record.Each(l.State, vault.RoundPrefix, func(_ string, round vault.Round) bool { newest = round; return true })
	absent := rapid.IntRange(0, 2).Draw(r, "absent")
	for _, member := range l.Members[min(absent, 2):] {
		_ = member.Acknowledge(newest.ID)
	}
	for range vault.AcknowledgeBlocks + 1 {
		l.EndBlock()
	}
	mute := rapid.IntRange(0, 4).Draw(r, "mute")
	if l.Round(newest.ID).Phase == vault.PhaseOpening {
		for _, member := range l.Members[mute:] {
			_ = member.Post(newest.ID)
		}
	}
	for range vault.OpeningBlocks + 1 {
		l.EndBlock()
	}
}

func checkSets(r *rapid.T, l *contracttest.Ledger, minimum int) {
	var sets [][]vault.Participant
	record.Each(l.State, vault.RoundPrefix, func(_ string, round vault.Round) bool {
		if len(round.Parks) > 0 {
			sets = append(sets, round.Parks)
		}
		return true
	})
	for i, later := range sets {
		if len(later) < minimum {
			r.Fatalf("a set of %d parks was frozen", len(later))
		}
		for _, earlier := range sets[:i] {
			if more := len(later) - len(earlier); more != 0 && more < minimum {
				r.Fatalf("sets %v and %v differ by %d parks", earlier, later, more)
			}
			for _, park := range earlier {
				if slices.Contains(later, park) {
					r.Fatalf("version %d of %s entered two sets", park.Version, park.Park)
				}
				if !slices.ContainsFunc(later, func(p vault.Participant) bool { return p.Park == park.Park }) {
					r.Fatalf("%s of the earlier set is not in the later one", park.Park)
				}
			}
		}
	}
}
