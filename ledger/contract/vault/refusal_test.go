package vault_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	sealing "github.com/sesame-energy/sesame/vault"
)

// cheated is a ledger with four parks at the gate, of which the last has
// spoiled the share of the fifth member, whose box is the last of a deal.
func cheated(t *testing.T) *contracttest.Ledger {
	t.Helper()
	l := contracttest.New(t, 3, "park1", "park2", "park3", "park4")
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	l.OpenAllChannels()
	zero, one := contracttest.Constant(periods, 0), contracttest.Constant(periods, 1)
	for _, name := range l.ParkNames() {
		body := l.Parks[name].Unproven(vault.Forecast, day, 1, one, zero, zero, zero)
		if name == "park4" {
			l.Members[4].Spoil(name, body.Parts[2])
		}
		l.Parks[name].Prove(&body)
		l.Must(vault.HandleDeal(l.Context(name), body))
	}
	l.ToGate(vault.Forecast, day)
	return l
}

func TestRefusalWithProofVoidsTheSeriesAndTheOthersGoOn(t *testing.T) {
	l := cheated(t)
	id := start(l)
	round := l.RunRound(id)
	if round.Phase != vault.PhaseOpened || !slices.Equal(round.Refused, []string{"park4"}) || len(round.Unfounded) != 0 {
		t.Fatalf("round %+v", round)
	}
	for _, participant := range round.Parks {
		if participant.Park == "park4" {
			t.Error("the false series entered the sums")
		}
	}
	if got := opened(l, id); got[1] != 3 {
		t.Errorf("deficit %d W: expected that of three parks", got[1])
	}
	if want := []string{"false-series park4"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
}

func TestRoundWithTooFewParksAfterRefusalsFails(t *testing.T) {
	l := cheated(t)
	l.State.Delete(vault.SealedKey(vault.Forecast, day, "park1"))
	round := l.RunRound(start(l))
	if round.Phase != vault.PhaseFailed || !strings.Contains(round.Reason, "too few parks") || round.Frozen != 0 {
		t.Errorf("round %s: %s", round.Phase, round.Reason)
	}
}

// Refusing a right series names the refuser, and its acknowledgement does not
// count; the park stays.
func TestUnfoundedRefusalsNameTheMember(t *testing.T) {
	for name, proof := range map[string][]byte{
		"no proof at all": {},
		"garbage":         []byte("the dealer cheated, believe me"),
		"another's proof": foreignProof(t),
	} {
		l := begin(t)
		id := start(l)
		l.Must(vault.HandleAcknowledge(l.Context("member5"), vault.Acknowledge{
			Round: id, Refusals: []vault.Refusal{{Park: "park1", Part: 0, Proof: proof}},
		}))
		for _, member := range l.Members[:4] {
			l.Must(member.Acknowledge(id))
		}
		l.EndBlock()
		round := l.Round(id)
		if !slices.Equal(round.Unfounded, []uint8{5}) || !slices.Equal(round.Quorum, []uint8{1, 2, 3, 4}) || len(round.Parks) != 3 {
			t.Errorf("%s: round %+v", name, round)
		}
		if want := []string{"unfounded-refusal member5"}; !slices.Equal(l.Alerts(), want) {
			t.Errorf("%s: alerts %v: expected %v", name, l.Alerts(), want)
		}
	}
}

// foreignProof is a valid proof about another ledger's park.
func foreignProof(t *testing.T) []byte {
	t.Helper()
	return refusalOf(cheated(t), "park4", 2).Proof
}

// refusalOf is the fifth member's proven refusal of a park's part.
func refusalOf(l *contracttest.Ledger, park string, part uint8) vault.Refusal {
	l.T.Helper()
	deal, err := sealing.UnmarshalDeal(l.SealedOf(vault.Forecast, day, park).Parts[part])
	l.Must(err)
	refusal, err := sealing.ProveRefusal(deal, l.Members[4].DayKeys(park))
	l.Must(err)
	proof, err := refusal.MarshalBinary()
	l.Must(err)
	return vault.Refusal{Park: park, Part: part, Proof: proof}
}

// A proof is of one member's share: another cannot use it.
func TestProofOfAnotherMemberDoesNotCount(t *testing.T) {
	l := cheated(t)
	id := start(l)
	l.Must(vault.HandleAcknowledge(l.Context("member1"), vault.Acknowledge{
		Round: id, Refusals: []vault.Refusal{refusalOf(l, "park4", 2)},
	}))
	if round := l.Round(id); len(round.Refused) != 0 || !slices.Equal(round.Unfounded, []uint8{1}) {
		t.Errorf("round %+v: expected member 1 named and nobody refused", round)
	}
}

func TestAcknowledgementsAreOnePerMemberAndOfARound(t *testing.T) {
	l := begin(t)
	id := start(l)
	l.Must(l.Members[0].Acknowledge(id))
	if err := l.Members[0].Acknowledge(id); err == nil {
		t.Error("a second acknowledgement was taken")
	}
	for name, body := range map[string]vault.Acknowledge{
		"unknown round":      {Round: "forecast/019919/7"},
		"too many refusals":  {Round: id, Refusals: make([]vault.Refusal, 13)},
		"key outside rounds": {Round: "../../committee/parameters"},
	} {
		if err := vault.HandleAcknowledge(l.Context("member2"), body); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := vault.HandleAcknowledge(l.Context("park1"), vault.Acknowledge{Round: id}); err == nil {
		t.Error("a park acknowledged")
	}
}
