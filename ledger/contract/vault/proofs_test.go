package vault_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// register changes what a park may have, as a vote would.
func register(l *contracttest.Ledger, park string, surplus, deficit energy.Watt) {
	record.Save(l.State, committee.ParkKey(park), committee.Park{Name: park, SurplusCapacity: surplus, DeficitCapacity: deficit})
}

// proofFor makes the proof of a deal for other bounds than those that the ledger has.
func proofFor(l *contracttest.Ledger, park string, body vault.Deal, surplus, deficit energy.Watt) vault.Deal {
	before, _ := record.Load[committee.Park](l.State, committee.ParkKey(park))
	register(l, park, surplus, deficit)
	l.Parks[park].Prove(&body)
	register(l, park, before.SurplusCapacity, before.DeficitCapacity)
	return body
}

// What a park has not proven to be within what it has registered never gets
// onto the ledger, and the refusal names park, series and reason.
func TestDealsBeyondTheirBoundsAreRefused(t *testing.T) {
	l := dealing(t)
	park := l.Parks["park1"]
	register(l, "park1", 500, 700)
	zero, some := contracttest.Constant(periods, 0), contracttest.Constant(periods, 600)
	fine := park.Deal(vault.Forecast, day, 1, some, zero, zero, zero)
	for name, test := range map[string]struct {
		body vault.Deal
		says string
	}{
		"surplus beyond the capacity, proven for a larger one": {
			proofFor(l, "park1", park.Unproven(vault.Forecast, day, 1, zero, some, zero, some), 600, 700), "park1: from forecast/load, period 1 to forecast/deficit, period 3",
		},
		"deficit beyond the capacity, proven for a larger one": {
			proofFor(l, "park1", park.Unproven(vault.Forecast, day, 1, contracttest.Constant(periods, 701), zero, zero, zero), 500, 701), "park1: from forecast/load",
		},
		"a tighter bound than the ledger's": {
			proofFor(l, "park1", park.Unproven(vault.Forecast, day, 1, some, zero, zero, zero), 500, 600), "range proof does not hold",
		},
		"negative deficit under the proof of another deal": {
			withProof(park.Unproven(vault.Forecast, day, 1, zero, some, zero, zero), fine.Proof), "park1: from forecast/load",
		},
		"no proof":       {park.Unproven(vault.Forecast, day, 1, some, zero, zero, zero), "forecast of park1: proof of 0 bytes: expected 865"},
		"half a proof":   {withProof(fine, fine.Proof[:800]), "proof of 800 bytes"},
		"another format": {withProof(fine, append([]byte{2}, fine.Proof[1:]...)), "format 1"},
	} {
		before := maps.Clone(l.State.(record.Memory))
		if err := vault.HandleDeal(l.Context("park1"), test.body); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v: expected an error with %q", name, err, test.says)
		}
		if err := vault.CheckDeal(l.Context("park1"), test.body); err == nil {
			t.Errorf("%s: passes on arrival", name)
		}
		if !maps.EqualFunc(before, l.State.(record.Memory), func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Errorf("%s: the state has changed", name)
		}
	}
	if err := vault.HandleDeal(l.Context("park1"), fine); err != nil {
		t.Errorf("within the bounds: %v", err)
	}
}

func withProof(body vault.Deal, proof []byte) vault.Deal {
	body.Proof = proof
	return body
}

// Readings with surplus and deficit in one period leave the net exchange as it
// is and move money: they have no proof.
func TestReadingsWithBothSidesAreRefused(t *testing.T) {
	l := dealing(t)
	published, _ := tariff.Load(l.State, day)
	l.Now = published.End
	park := l.Parks["park1"]
	honest := park.Deal(vault.Reading, day, 1, []uint64{5, 0, 0}, []uint64{0, 3, 0})
	both := withProof(park.Unproven(vault.Reading, day, 1, []uint64{5, 0, 1}, []uint64{0, 3, 1}), honest.Proof)
	if err := vault.HandleDeal(l.Context("park1"), both); err == nil || !strings.Contains(err.Error(), "park1: reading/surplus and reading/deficit") {
		t.Errorf("both sides: %v", err)
	}
	l.Must(vault.HandleDeal(l.Context("park1"), honest))
}

// Points and proofs are looked at only when everything cheap is right.
func TestCheapChecksComeFirst(t *testing.T) {
	l := dealing(t)
	park := l.Parks["park1"]
	zero := contracttest.Constant(periods, 0)
	false0 := func(version uint32) vault.Deal {
		body := park.Unproven(vault.Forecast, day, version, zero, zero, zero, zero)
		return withProof(body, append([]byte{1}, make([]byte, 864)...)) // right in size and format only
	}
	stale := false0(1)
	l.Must(vault.HandleDeal(l.Context("park1"), park.Deal(vault.Forecast, day, 1, zero, zero, zero, zero)))
	stale.Version = 2
	for says, body := range map[string]vault.Deal{"higher one than 1": false0(1), "sealed as version 1": stale, "expected 1 to 200": false0(201), "does not hold": false0(3)} {
		if err := vault.HandleDeal(l.Context("park1"), body); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: expected %q", err, says)
		}
	}
}

// Whatever a node has verified before, alone or together with others, it comes
// to the same verdicts and the same state.
func TestVerdictsKeptChangeNothing(t *testing.T) {
	l := dealing(t)
	zero := contracttest.Constant(periods, 0)
	var sent []vault.SentDeal
	for _, name := range parkNames {
		sent = append(sent, vault.SentDeal{Sender: name, Deal: l.Parks[name].Deal(vault.Forecast, day, 1, zero, zero, zero, zero)})
	}
	sent[1].Deal.Proof = sent[0].Deal.Proof // false
	outcome := func(prepare func(contract.Context)) string {
		copied, verdicts := l.Copy(), contract.NewVerdicts()
		ctx := copied.Context("")
		ctx.Verdicts, ctx.Deals = verdicts, map[string]int{}
		if prepare != nil {
			prepare(ctx)
		} else {
			ctx.Verdicts = nil
		}
		var told strings.Builder
		for _, deal := range sent {
			ctx.Sender = deal.Sender
			fmt.Fprintln(&told, vault.HandleDeal(ctx, deal.Deal))
		}
		copied.State.Iterate("", func(key string, value []byte) bool { fmt.Fprintf(&told, "%s %x\n", key, value); return true })
		return told.String()
	}
	want := outcome(nil)
	if !strings.Contains(want, "park2: from forecast/load") || strings.Count(want, "<nil>") != 2 {
		t.Fatalf("unexpected outcome %.600s", want)
	}
	for name, prepare := range map[string]func(contract.Context){
		"nothing known":     func(contract.Context) {},
		"verified together": func(ctx contract.Context) { vault.VerifyTogether(ctx, sent) },
		"verified on arrival": func(ctx contract.Context) {
			for _, deal := range sent {
				ctx.Sender = deal.Sender
				_ = vault.CheckDeal(ctx, deal.Deal)
			}
		},
	} {
		if got := outcome(prepare); got != want {
			t.Errorf("%s: another outcome", name)
		}
	}
}

// A proof that was verified for one capacity is not taken for another.
func TestVerdictIsOfTheCapacityInForce(t *testing.T) {
	l := dealing(t)
	body := l.Parks["park1"].Deal(vault.Forecast, day, 1, contracttest.Constant(periods, 9), contracttest.Constant(periods, 0), contracttest.Constant(periods, 0), contracttest.Constant(periods, 0))
	ctx := l.Context("park1")
	ctx.Verdicts = contract.NewVerdicts()
	l.Must(vault.CheckDeal(ctx, body))
	register(l, "park1", 8, 8)
	if err := vault.HandleDeal(ctx, body); err == nil || !strings.Contains(err.Error(), "does not hold") {
		t.Errorf("after the capacity was lowered: %v", err)
	}
}

// One park cannot keep the nodes busy: neither in a block nor before.
func TestOneParksDealsAreLimited(t *testing.T) {
	l := dealing(t)
	zero := contracttest.Constant(periods, 0)
	body := l.Parks["park1"].Unproven(vault.Forecast, day, 1, zero, zero, zero, zero)
	body.Proof = make([]byte, 865)
	ctx := l.Context("park1")
	ctx.Deals, ctx.Verdicts = map[string]int{}, contract.NewVerdicts()
	refused := func(attempt int, handle func(contract.Context, vault.Deal) error, limit int) {
		t.Helper()
		err := handle(ctx, body)
		if over := strings.Contains(err.Error(), "in this block") || strings.Contains(err.Error(), "at this height"); over != (attempt >= limit) {
			t.Errorf("attempt %d: %v", attempt+1, err)
		}
	}
	for attempt := range 10 {
		refused(attempt, vault.HandleDeal, vault.DealsPerBlock)
	}
	for attempt := range 10 {
		refused(attempt, vault.CheckDeal, 8)
	}
	ctx.Height++
	refused(0, vault.CheckDeal, 8)
}

// A member whose refusal does not stand has the rest of its list left unread.
func TestFirstUnfoundedRefusalEndsTheList(t *testing.T) {
	l := cheated(t)
	id := start(l)
	genuine := refusalOf(l, "park4", 2)
	l.Must(vault.HandleAcknowledge(l.Context("member5"), vault.Acknowledge{Round: id, Refusals: []vault.Refusal{
		{Park: "park1", Part: 0, Proof: []byte("false")}, genuine,
	}}))
	if round := l.Round(id); len(round.Unfounded) != 1 || len(round.Refused) != 0 {
		t.Errorf("round %+v: expected member 5 named and the list left there", round)
	}
}
