package ledger_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

func roundOf(t *testing.T, state record.State, kind string, day uint32) vault.Round {
	t.Helper()
	round, found := record.Load[vault.Round](state, vault.RoundKey(vault.RoundID(kind, day, 1)))
	if !found {
		t.Fatalf("no %s round of day %d", kind, day)
	}
	return round
}

func hasAlert(state record.State, rule, subject string) bool {
	return slices.Contains(alertsOf(state), rule+" "+subject)
}

func TestMemberWithAWrongSumIsNamedAndTheRoundCompletes(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 2)
	community.Members[1].Lies = true
	community.RunTo(community.Settled(0))
	day := community.Day(0)
	for _, kind := range []string{vault.Forecast, vault.Reading} {
		round := roundOf(t, community.State(), kind, day)
		if round.Phase != vault.PhaseOpened || !slices.Equal(round.Wrong, []uint8{2}) || slices.Contains(round.Partials, 2) {
			t.Errorf("%s: %s, wrong %v, right %v", round.ID, round.Phase, round.Wrong, round.Partials)
		}
	}
	if !hasAlert(community.State(), alerts.WrongShare, "member2") {
		t.Errorf("alerts %q", alertsOf(community.State()))
	}
	checkOffline(t, community.Case, inForce(t, community.State(), day))
	checkSettlement(t, community, day)
}

// One of five members is gone from the middle of the day on: nothing changes
// for the parks.
func TestDayCompletesWithoutOneMember(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 2)
	community.RunTo(community.Grid.First + 12*3600)
	gone := community.Members[2]
	community.Down[gone.Name] = true
	community.Roles = slices.DeleteFunc(community.Roles, func(role ledgertest.Role) bool { return role == gone })
	community.RunTo(community.Settled(0))
	checkSettlement(t, community, community.Day(0))
	if !hasAlert(community.State(), alerts.MemberAbsent, gone.Name) {
		t.Errorf("alerts %q", alertsOf(community.State()))
	}
	if plan := inForce(t, community.State(), community.Day(1)); plan.Source != scheduling.SourceRound {
		t.Errorf("the next day is planned by %s", plan.Source)
	}
}

// Three members sign blocks and acknowledge, but post no sums: the day runs on
// the sums of the day before.
func TestThreeMuteMembersBringTheFallbackPlan(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 2)
	community.RunTo(community.Gate(1) - 3600)
	for _, member := range community.Members[:3] {
		member.Mute = true
	}
	community.RunTo(community.Grid.First + 25*3600)
	round := roundOf(t, community.State(), vault.Forecast, community.Day(1))
	if round.Phase != vault.PhaseFailed || !strings.Contains(round.Reason, "2 members have posted") {
		t.Errorf("%s: %s, %q", round.ID, round.Phase, round.Reason)
	}
	plan, before := inForce(t, community.State(), community.Day(1)), inForce(t, community.State(), community.Day(0))
	if plan.Source != scheduling.SourceFallback || !slices.Equal(plan.Surplus, before.Surplus) || !slices.Equal(plan.Charge, before.Charge) {
		t.Errorf("source %s, charge %v, the day before %v", plan.Source, plan.Charge, before.Charge)
	}
	for _, rule := range []string{alerts.FallbackPlan + " 2024-07-16", alerts.RoundFailed + " " + round.ID} {
		if !slices.Contains(alertsOf(community.State()), rule) {
			t.Errorf("alerts %q lack %q", alertsOf(community.State()), rule)
		}
	}
}

// Without any sums of an earlier day the storage rests.
func TestTooFewAcknowledgementsOnTheFirstDayLeaveTheStorageAtRest(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.Members[0].Deaf, community.Members[1].Deaf = true, true
	community.RunTo(community.Grid.First)
	plan := inForce(t, community.State(), community.Day(0))
	if plan.Source != scheduling.SourceIdle || slices.Max(plan.Charge) != 0 || slices.Max(plan.Discharge) != 0 {
		t.Errorf("source %s, charge %v", plan.Source, plan.Charge)
	}
}

// fourParks is the reference case with a fourth park like the first, and a
// genesis in which three are enough for a sum.
func fourParks(t *testing.T) (*energy.Case, genesis.Document) {
	c := ledgertest.ReferenceCase(t)
	fourth := c.Parks[0]
	fourth.Name = "park4"
	c.Parks = append(c.Parks, fourth)
	document := ledgertest.Document(t, c)
	document.Minimum = 3
	return c, document
}

// A park that is silent at the gate gets no storage planned, and pays the
// tariff by its meter; the others' day completes.
func TestOthersDayCompletesWithoutASilentPark(t *testing.T) {
	c, document := fourParks(t)
	community := ledgertest.Gather(t, c, document, 2)
	community.Parks[3].Silent = true
	community.RunTo(community.Settled(0))
	day := community.Day(0)
	plan := inForce(t, community.State(), day)
	if want := []string{"park1", "park2", "park3"}; !slices.Equal(plan.Parks, want) {
		t.Errorf("planned for %v, want %v", plan.Parks, want)
	}
	if !hasAlert(community.State(), alerts.ParkMissedGate, "park4") {
		t.Errorf("alerts %q", alertsOf(community.State()))
	}
	settlement, _ := record.Load[trade.Settlement](community.State(), trade.SettlementKey(day))
	if !slices.Equal(settlement.ByMeter, []string{"park4"}) {
		t.Errorf("by meter: %v", settlement.ByMeter)
	}
	checkSettlement(t, community, day)
}

// What a round has opened is not opened again, in no set and by no weights.
func TestNothingIsOpenedTwice(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.RunTo(community.Grid.First)
	day := community.Day(0)
	round := roundOf(t, community.State(), vault.Forecast, day)
	member, park := community.Members[0], community.Parks[0]
	sums, _ := record.Load[[][]byte](community.State(), vault.PartialKey(round.ID, 1))
	opened, _ := vault.OpenedOf(community.State(), round.ID)
	if len(opened.Purposes) != 48 || len(sums) != 48 {
		t.Fatalf("opened %d sums of %d partials, want 48", len(opened.Purposes), len(sums))
	}
	for name, reason := range map[string]string{
		"a second round over the same series": community.Try(member.Party, "vault/request", vault.Request{Kind: vault.Forecast, Day: day}),
		"a second post":                       community.Try(member.Party, "vault/partials", vault.Partials{Round: round.ID, Sums: sums}),
		"a round of one's own":                community.Try(member.Party, "vault/partials", vault.Partials{Round: "forecast/019919/2", Sums: sums}),
		"a late acknowledgement":              community.Try(member.Party, "vault/acknowledge", vault.Acknowledge{Round: round.ID}),
		"fresh series after the gate":         deal(community, park, day),
	} {
		if reason == "" {
			t.Errorf("%s: accepted", name)
		}
	}
	if after := roundOf(t, community.State(), vault.Forecast, day); !slices.Equal(after.Parks, round.Parks) || len(after.Purposes) != len(round.Purposes) {
		t.Errorf("round changed: %+v", after)
	}
}

func deal(community *ledgertest.Community, park *ledgertest.Park, day uint32) string {
	surplus, _ := park.Forecast()
	before := len(community.Refused)
	park.Deal(community.Chain, vault.Forecast, day, 2, park.Series.Load, park.Series.PV, park.Series.Wind, surplus)
	community.Step()
	return strings.Join(community.Refused[before:], "\n")
}

// A day with all its transactions, run again by a machine that is stopped and
// built anew between blocks, gives the same app hashes.
func TestWholeDayRunAgainGivesTheSameHashes(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.RunTo(community.Grid.First + 3*3600)
	folder := t.TempDir()
	store := open(t, folder)
	machine := ledger.New(store)
	if _, err := machine.InitChain(community.Genesis, community.Document.GenesisTime); err != nil {
		t.Fatal(err)
	}
	var last []byte
	for i, block := range community.Blocks {
		result, err := machine.FinalizeBlock(block)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := machine.Commit(); err != nil {
			t.Fatal(err)
		}
		last = result.AppHash
		if i%20 == 0 {
			store, machine = reopen(t, store, folder)
		}
	}
	if !bytes.Equal(last, community.AppHash) {
		t.Errorf("app hash %x, the first time %x", last, community.AppHash)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}
