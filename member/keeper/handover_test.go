package keeper_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// enter has somebody new run a keeper, and says how the committee admits it.
func enter(t *testing.T, community *ledgertest.Community, name string) (*member, committee.NewMember) {
	t.Helper()
	m := &member{
		door:   &door{chain: community.Chain, party: ledgertest.NewParty(name)},
		folder: filepath.Join(t.TempDir(), name), waits: true,
	}
	community.Roles = append(community.Roles, m)
	public := m.party.Public(t)
	return m, committee.NewMember{
		Name: name, Owner: name, Key: public.Key, SealingKey: public.SealingKey, ConsensusKey: ledgertest.ConsensusKey(name),
	}
}

// decide has the members vote for a change of the keepers.
func decide(t *testing.T, community *ledgertest.Community, members []*member, change committee.KeepersChange) {
	t.Helper()
	body := committee.Propose{Action: committee.ActionKeepers, Payload: record.Encode(change), Reason: "decided"}
	if reason := community.Try(members[0].party, "committee/propose", body); reason != "" {
		t.Fatal(reason)
	}
	for _, m := range members[1:4] {
		if reason := community.Try(m.party, "committee/vote", committee.Vote{Proposal: 1, Approve: true}); reason != "" {
			t.Fatal(reason)
		}
	}
}

// inForce runs until an epoch is in force, at most until a ledger time.
func inForce(t *testing.T, community *ledgertest.Community, epoch uint32, until int64) {
	t.Helper()
	for committee.LoadParameters(community.State()).Epoch != epoch {
		if community.Now > until {
			handover, _ := contract.LoadHandover(community.State(), epoch)
			t.Fatalf("epoch %d is not in force: the hand-over is %s, set %d from %v, not before %d, acknowledged %v; refused: %q",
				epoch, handover.Phase, handover.Set, handover.From, handover.NotBefore, handover.Acknowledged, community.Refused)
		}
		community.Step()
	}
}

func stored(t *testing.T, m *member, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// A committee of five, one of whom leaves for a newcomer, and another threshold:
// the forecast's round begins with the old keepers and ends with them, in the
// middle of the hand-over; the readings are dealt to the new ones and open; a
// forecast that was sealed before is disclosed by them. The member that left
// keeps no share.
func TestKeepersHandOverBetweenForecastAndReadings(t *testing.T) {
	community, members := gather(t)
	members[1].forgets = true // starts anew at every block
	newcomer, admitted := enter(t, community, "member6")
	community.RunTo(community.Gate(0) - 2*3_600)
	decide(t, community, members, committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{admitted}, Threshold: 4})
	inForce(t, community, 2, community.Gate(0)+2*3_600)

	round := forecastRound(t, community)
	if round.Epoch != 1 {
		t.Fatalf("the forecast's round is of epoch %d", round.Epoch)
	}
	community.RunTo(community.Settled(0))
	checkSums(t, community, round)
	id := contract.RoundID(contract.Reading, community.Day(0), 1)
	reading, _ := record.Load[contract.Round](community.State(), contract.RoundKey(id))
	if everybody := []uint8{1, 2, 3, 4, 5}; reading.Epoch != 2 || !slices.Equal(reading.Partials, everybody) {
		t.Errorf("%s of epoch %d: right partials %v", reading.Phase, reading.Epoch, reading.Partials)
	}
	if len(community.Refused) != 0 {
		t.Errorf("refused: %q", community.Refused)
	}
	if left := stored(t, members[4], "*"); len(left) != 0 {
		t.Errorf("the member that left keeps %v", left)
	}
	for _, m := range append(members[:4:4], newcomer) {
		if left := append(stored(t, m, "*.offer"), stored(t, m, "member*.daykeys")...); len(left) != 0 {
			t.Errorf("%s keeps keys of the hand-over: %v", m.party.Name, left)
		}
		for _, file := range stored(t, m, "*.daykeys") {
			if id := keysOf(t, file).ID(); id.Epoch != 2 {
				t.Errorf("%s keeps keys of epoch %d: %s", m.party.Name, id.Epoch, file)
			}
		}
		if files := stored(t, m, "*.shares"); len(files) != 3 || !strings.HasPrefix(filepath.Base(files[0]), "000002.forecast.") {
			t.Errorf("%s keeps %v", m.party.Name, files)
		}
	}
	discloseForecast(t, community, append(members[:4:4], newcomer))
}

// discloseForecast has the members open what was sealed before they took over.
func discloseForecast(t *testing.T, community *ledgertest.Community, members []*member) {
	t.Helper()
	id := contract.DisclosureID(contract.Forecast, community.Day(0), "park2", 1)
	if reason := community.Try(ledgertest.NewParty("operator"), "vault/disclose", contract.Disclose{
		Park: "park2", Day: community.Day(0), Kind: contract.Forecast, Series: []string{"load"}, Reason: "ordered by the court",
	}); reason != "" {
		t.Fatal(reason)
	}
	release, _ := record.Load[contract.Release](community.State(), contract.ReleaseKey(id))
	for _, m := range members[:4] {
		if reason := community.Try(m.party, "committee/vote", committee.Vote{Proposal: release.Proposal, Approve: true}); reason != "" {
			t.Fatal(reason)
		}
	}
	community.Steps(3)
	release, _ = record.Load[contract.Release](community.State(), contract.ReleaseKey(id))
	opened, found := contract.OpenedOf(community.State(), id)
	if !found || release.Epoch != committee.LoadParameters(community.State()).Epoch || len(release.Partials) != len(members) {
		t.Fatalf("%s of epoch %d: %s, right parts of %v", id, release.Epoch, release.Phase, release.Partials)
	}
	checkLoad(t, community, release, opened)
}

// A member rotates its key: all shares are refreshed, channels are opened to the
// new key, and the old key is destroyed once the old epoch is closed. An old
// member that hands on a false share meanwhile is proven false by a keeper.
func TestRotationAndAFalseMember(t *testing.T) {
	community, members := gather(t)
	spoiled := false
	members[0].change = func(kind string, body any) (any, bool) {
		if handed, ok := body.(contract.HandOn); ok && !spoiled {
			spoiled = true
			last := handed.Items[0].Parts[0]
			last[len(last)-1] ^= 1 // in the last new member's box
		}
		return body, true
	}
	next := ledgertest.NewParty("the next key of member2")
	public, err := vault.PublicKey(next.Sealing)
	if err != nil {
		t.Fatal(err)
	}
	community.RunTo(community.Gate(0) - 2*3_600)
	members[1].secrets().keys = append(members[1].secrets().keys, next.Sealing)
	if reason := community.Try(members[1].party, "vault/rotate-key", contract.RotateKey{Key: public}); reason != "" {
		t.Fatal(reason)
	}
	inForce(t, community, 2, community.Gate(0)+2*3_600)
	handover, _ := contract.LoadHandover(community.State(), 2)
	if !spoiled || !slices.Equal(handover.Excluded, []uint8{1}) || !slices.Equal(handover.From, []uint8{2, 3, 4}) {
		t.Errorf("excluded %v, from %v", handover.Excluded, handover.From)
	}
	community.RunTo(community.Settled(0))
	id := contract.RoundID(contract.Reading, community.Day(0), 1)
	if reading, _ := record.Load[contract.Round](community.State(), contract.RoundKey(id)); reading.Epoch != 2 || len(reading.Partials) != 5 {
		t.Errorf("%s of epoch %d: right partials %v", reading.Phase, reading.Epoch, reading.Partials)
	}
	if keys := members[1].secrets().keys; len(keys) != 1 || !slices.Equal(keys[0], next.Sealing) {
		t.Errorf("member2 holds %d sealing keys", len(keys))
	}
	discloseForecast(t, community, members)
}
