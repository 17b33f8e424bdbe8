package trade_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

func billOf(l *contracttest.Ledger, park string) trade.Bill {
	bill, _ := record.Load[trade.Bill](l.State, trade.BillKey(day, park))
	return bill
}

// atBillTerm is a settled day at whose bill term park1 has a bill accepted,
// park2 one contested, and park3 has sent none.
func atBillTerm(t *testing.T) *contracttest.Ledger {
	t.Helper()
	l := metered(t, 3)
	settle(l)
	for _, park := range parkNames[:2] {
		l.Must(trade.HandleBill(l.Context(park), trade.SubmitBill{Day: day, ToGrid: []byte("sealed"), ToOperator: []byte("sealed")}))
		l.Must(trade.HandleJudgeBill(l.Context("grid"), trade.JudgeBill{Day: day, Park: park, Fits: park == "park1"}))
	}
	l.Now += 24 * contracttest.Hour
	trade.BillTerm(l.Context(""), day)
	return l
}

func TestBillsWithheldOrContestedAreOpenedAtTheTerm(t *testing.T) {
	l := atBillTerm(t)
	states := func() []string {
		return []string{billOf(l, "park1").State, billOf(l, "park2").State, billOf(l, "park3").State}
	}
	if want := []string{trade.BillAccepted, trade.BillWithheld, trade.BillWithheld}; !slices.Equal(states(), want) {
		t.Fatalf("bills are %v: expected %v", states(), want)
	}
	if err := trade.HandleBill(l.Context("park3"), trade.SubmitBill{Day: day, ToGrid: []byte("x"), ToOperator: []byte("x")}); err == nil {
		t.Error("a bill was taken while it is opened")
	}
	for _, park := range parkNames[1:] {
		id := vault.BillReleaseID(day, park)
		for _, member := range l.Members[1:4] {
			l.Must(vault.HandlePartials(l.Context(member.Name), member.Parts(id)))
		}
	}
	trade.EndBlock(l.Context(""))
	if want := []string{trade.BillAccepted, trade.BillOpened, trade.BillOpened}; !slices.Equal(states(), want) {
		t.Fatalf("bills are %v: expected %v", states(), want)
	}
	for _, park := range parkNames[1:] {
		form, _, err := trade.BillForm(settlement(l), l.SealedOf(vault.Reading, day, park))
		l.Must(err)
		if want := l.Parks[park].Sum(form).Value; value(t, billOf(l, park).Amount).Cmp(want) != 0 {
			t.Errorf("bill of %s: %v, the park finds %v", park, value(t, billOf(l, park).Amount), want)
		}
		if c := contractOf(l, park); c.State != trade.Settled {
			t.Errorf("contract of %s is %s", park, c.State)
		}
	}
}

// The weights of a withheld bill are the settlement's, and it is opened once.
func TestWithheldBillHasTheSettlementsWeightsAndOneOpening(t *testing.T) {
	l := atBillTerm(t)
	release := l.Release(vault.BillReleaseID(day, "park3"))
	onSurplus, onDeficit, err := trade.BillWeights(settlement(l))
	l.Must(err)
	if len(release.Purposes) != 1 {
		t.Fatalf("%d purposes: expected one", len(release.Purposes))
	}
	for _, term := range release.Purposes[0].Terms {
		if want := [][]byte{vault.EncodeValue(onSurplus[term.Period]), vault.EncodeValue(onDeficit[term.Period])}[term.Part]; !slices.Equal(term.Weight, want) {
			t.Errorf("weight of part %d, period %d: %x, the settlement has %x", term.Part, term.Period, term.Weight, want)
		}
	}
	before := release.Purposes[0].ID
	trade.BillTerm(l.Context(""), day)
	if again := l.Release(release.ID); !slices.Equal(again.Purposes[0].ID, before) || again.Granted != release.Granted {
		t.Error("the bill is opened a second time")
	}
}

// Where too few members post their parts until the shares are erased, the park
// may still send the bill, and no second opening begins.
func TestBillThatCouldNotBeOpenedStaysDue(t *testing.T) {
	l := atBillTerm(t)
	id := vault.BillReleaseID(day, "park3")
	l.Must(vault.HandlePartials(l.Context("member1"), l.Members[0].Parts(id)))
	l.Now += contracttest.Contest
	trade.EndBlock(l.Context(""))
	if bill := billOf(l, "park3"); bill.State != trade.BillDue || len(bill.Amount) != 0 {
		t.Fatalf("bill %+v", bill)
	}
	trade.BillTerm(l.Context(""), day)
	if bill := billOf(l, "park3"); bill.State != trade.BillDue {
		t.Errorf("the bill is %s: expected due, since it is opened once only", bill.State)
	}
	l.Must(trade.HandleBill(l.Context("park3"), trade.SubmitBill{Day: day, ToGrid: []byte("x"), ToOperator: []byte("x")}))
}

// A bill that is found wrong after the term is opened at once.
func TestBillContestedAfterTheTermIsOpenedAtOnce(t *testing.T) {
	l := metered(t, 3)
	settle(l)
	l.Must(trade.HandleBill(l.Context("park2"), trade.SubmitBill{Day: day, ToGrid: []byte("x"), ToOperator: []byte("x")}))
	l.Now += 24 * contracttest.Hour
	trade.BillTerm(l.Context(""), day)
	if state := billOf(l, "park2").State; state != trade.BillSubmitted {
		t.Fatalf("the bill that waits for its judgement is %s", state)
	}
	l.Must(trade.HandleJudgeBill(l.Context("grid"), trade.JudgeBill{Day: day, Park: "park2"}))
	if bill := billOf(l, "park2"); bill.State != trade.BillWithheld {
		t.Errorf("bill is %s: expected its opening", bill.State)
	}
	alerts := strings.Join(l.Alerts(), ", ")
	if !strings.Contains(alerts, "bill-contested park2") || !strings.Contains(alerts, "bill-overdue park2") {
		t.Errorf("alerts: %s", alerts)
	}
}
