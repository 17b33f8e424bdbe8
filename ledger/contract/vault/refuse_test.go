package vault_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// falselyDealt is a ledger before the gate on which park1 has cheated the
// fifth member, and the others have sealed what is right.
func falselyDealt(t *testing.T) *contracttest.Ledger {
	t.Helper()
	l := dealing(t)
	zero := contracttest.Constant(periods, 0)
	for _, name := range parkNames {
		body := l.Parks[name].Unproven(vault.Forecast, day, 3, zero, zero, zero, zero)
		if name == "park1" {
			l.Members[4].Spoil(name, body.Parts[2])
		}
		l.Parks[name].Prove(&body)
		l.Must(vault.HandleDeal(l.Context(name), body))
	}
	return l
}

func refuse(l *contracttest.Ledger, sender string, version uint32, refusal vault.Refusal) error {
	return vault.HandleRefuse(l.Context(sender), vault.Refuse{Kind: vault.Forecast, Day: day, Version: version, Refusal: refusal})
}

// A dealer that is convicted before the gate deals again and takes part.
func TestSeriesProvenFalseBeforeTheGateIsDealtAgain(t *testing.T) {
	l := falselyDealt(t)
	l.Must(refuse(l, "member5", 3, refusalOf(l, "park1", 2)))
	if sealed := l.SealedOf(vault.Forecast, day, "park1"); sealed.Version != 0 {
		t.Errorf("version %d still stands", sealed.Version)
	}
	if want := []string{"false-series park1"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	zero, one := contracttest.Constant(periods, 0), contracttest.Constant(periods, 1)
	again := l.Parks["park1"].Deal(vault.Forecast, day, 3, one, zero, zero, zero)
	if err := vault.HandleDeal(l.Context("park1"), again); err == nil || !strings.Contains(err.Error(), "version 3 was proven false") {
		t.Errorf("the version that was proven false: %v", err)
	}
	l.Parks["park1"].Seal(vault.Forecast, day, 4, one, zero, zero, zero)
	l.ToGate(vault.Forecast, day)
	round := l.RunRound(start(l))
	if round.Phase != vault.PhaseOpened || !slices.Contains(round.Parks, vault.Participant{Park: "park1", Version: 4}) {
		t.Errorf("round %+v: expected park1's version 4 in it", round)
	}
}

func TestUnfoundedRefusalBeforeTheGateNamesTheMemberOnce(t *testing.T) {
	l := falselyDealt(t)
	genuine := refusalOf(l, "park1", 2)
	moved := genuine
	moved.Park = "park2"
	l.Must(refuse(l, "member5", 3, moved))
	if want := []string{"unfounded-refusal member5"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	if sealed := l.SealedOf(vault.Forecast, day, "park2"); sealed.Version != 3 {
		t.Error("the series that was refused without reason is gone")
	}
	if err := refuse(l, "member5", 3, genuine); err == nil || !strings.Contains(err.Error(), "did not stand") {
		t.Errorf("a further refusal: %v", err)
	}
	l.ToGate(vault.Forecast, day) // the round judges it all the same
	round := l.RunRound(start(l))
	if !slices.Equal(round.Refused, []string{"park1"}) {
		t.Errorf("refused %v in the round, expected park1", round.Refused)
	}
}

func TestRefusalsThatDoNotFitAreNotJudged(t *testing.T) {
	l := falselyDealt(t)
	genuine := refusalOf(l, "park1", 2)
	for name, err := range map[string]error{
		"by a park":        refuse(l, "park2", 3, genuine),
		"another version":  refuse(l, "member5", 2, genuine),
		"an unknown park":  refuse(l, "member5", 3, vault.Refusal{Park: "../x"}),
		"an unknown kind":  vault.HandleRefuse(l.Context("member5"), vault.Refuse{Kind: "x", Day: day, Version: 3, Refusal: genuine}),
		"of another's key": refuse(l, "member1", 3, vault.Refusal{Park: "park9"}),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if list := l.Alerts(); list != nil {
		t.Errorf("alerts %v: expected none", list)
	}
	l.ToGate(vault.Forecast, day)
	start(l)
	if err := refuse(l, "member5", 3, genuine); err == nil || !strings.Contains(err.Error(), "acknowledgement") {
		t.Errorf("after the gate: %v", err)
	}
}

// What was void is forgotten with the day.
func TestVoidSeriesExpire(t *testing.T) {
	l := falselyDealt(t)
	l.Must(refuse(l, "member5", 3, refusalOf(l, "park1", 2)))
	if void, found := record.Load[vault.Void](l.State, vault.VoidKey(vault.Forecast, day, "park1")); !found || void.Member != "member5" || void.Version != 3 {
		t.Errorf("void %+v", void)
	}
	l.Now += contracttest.Contest + 60*24*contracttest.Hour
	_, _ = vault.StartRound(l.Context(""), vault.Forecast, day, nil)
	if _, found := l.State.Get(vault.VoidKey(vault.Forecast, day, "park1")); found {
		t.Error("the record outlives its day's contest term")
	}
}
