package trade_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault/group"
)

const (
	day     = contracttest.FirstDay
	periods = 4
)

var parkNames = []string{"park1", "park2", "park3"}

// What three parks metered, W per period, and what the battery did.
var (
	surplus   = [][]energy.Watt{{90_000, 40_000, 0, 0}, {50_000, 0, 0, 10_000}, {0, 30_000, 0, 0}}
	deficit   = [][]energy.Watt{{0, 0, 120_000, 70_000}, {0, 20_000, 80_000, 0}, {60_000, 0, 200_000, 30_000}}
	charge    = []energy.Watt{100_000, 20_000, 0, 0}
	discharge = []energy.Watt{0, 0, 90_000, 15_000}
)

// metered is a ledger at the reading gate of a day: the first of three parks
// that have sealed their readings, and a battery that has reported its day.
func metered(t *testing.T, sealing int) *contracttest.Ledger {
	t.Helper()
	l := contracttest.New(t, 3, parkNames...)
	published := l.Publish(day, tariff.Workday,
		[]energy.Price{292_600, 654_000, 1_246_800, 1_246_800}, []energy.Price{200_000, 299_900, 299_900, 299_900})
	l.OpenAllChannels()
	scheduling.Gate(l.Context(""), day)
	trade.EndBlock(l.Context(""))
	l.Now = published.End
	for i, name := range parkNames[:sealing] {
		l.Parks[name].Seal(vault.Reading, day, 1, values(surplus[i]), values(deficit[i]))
	}
	stored := contracttest.Storage.Start
	for period := range periods {
		stored += energy.WattHour(charge[period]*96/100 - discharge[period]*100/96)
		record.Save(l.State, control.OutcomeKey(day, period), control.Outcome{
			Day: day, Period: period, Charged: charge[period], Discharged: discharge[period], Energy: stored, Available: true,
		})
	}
	l.ToGate(vault.Reading, day)
	return l
}

func values(series []energy.Watt) []uint64 {
	list := make([]uint64, len(series))
	for t, value := range series {
		list[t] = uint64(value)
	}
	return list
}

func settlement(l *contracttest.Ledger) trade.Settlement {
	l.T.Helper()
	s, found := record.Load[trade.Settlement](l.State, trade.SettlementKey(day))
	if !found {
		l.T.Fatal("the day is not settled")
	}
	return s
}

func value(t *testing.T, encoded []byte) *big.Int {
	t.Helper()
	decoded, err := vault.DecodeValue(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// settle runs the reading gate, the round and the settlement.
func settle(l *contracttest.Ledger) trade.Settlement {
	l.T.Helper()
	trade.ReadingGate(l.Context(""), day)
	trade.RoundClosed(l.Context(""), l.RunRound(vault.RoundID(vault.Reading, day, 1)))
	return settlement(l)
}

// Each park opens its own bill from its own readings; together the bills are
// what the ledger says, none is above the bill without storage, and the books
// balance to the last unit.
func TestBillsOpenTheirCommitmentsAndTheBooksBalance(t *testing.T) {
	l := metered(t, 3)
	s := settle(l)
	published, _ := tariff.Load(l.State, day)
	terms := trade.TermsOf(s, published)
	if s.Kind != trade.SettledShared || s.Rho == 0 || !slices.Equal(s.Parks, parkNames) || len(s.ByMeter) != 0 {
		t.Fatalf("settlement %s with rho %d over %v", s.Kind, s.Rho, s.Parks)
	}
	total := new(big.Int)
	for i, name := range parkNames {
		form, _, err := trade.BillForm(s, l.SealedOf(vault.Reading, day, name))
		l.Must(err)
		sum := l.Parks[name].Sum(form)
		total.Add(total, sum.Value)
		if want := terms.Bill(int64(s.Rho), surplus[i], deficit[i]); sum.Value.Cmp(want) != 0 {
			t.Errorf("%s: bill %s: the rule says %s", name, sum.Value, want)
		}
		without := terms.WithoutStorage(surplus[i], deficit[i])
		if sum.Value.Cmp(without.Lsh(without, 40)) > 0 {
			t.Errorf("%s pays more than without storage", name)
		}
		bill, _ := record.Load[trade.Bill](l.State, trade.BillKey(day, name))
		blinding := sum.Blinding.Bytes()
		opening := trade.BillOpening{Amount: vault.EncodeValue(sum.Value), Blinding: blinding[:]}
		if err := trade.CheckBill(bill, opening); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		opening.Amount = vault.EncodeValue(new(big.Int).Sub(sum.Value, big.NewInt(1)))
		if trade.CheckBill(bill, opening) == nil {
			t.Errorf("%s: a bill lower by 2^-40 passes", name)
		}
		opening.Amount = vault.EncodeValue(new(big.Int).Sub(sum.Value, group.Order()))
		if trade.CheckBill(bill, opening) == nil {
			t.Errorf("%s: a bill lower by the group's order passes", name)
		}
	}
	if total.Cmp(value(t, s.TotalBills)) != 0 {
		t.Errorf("bills add up to %s, the ledger says %s", total, value(t, s.TotalBills))
	}
	if sum := new(big.Int).Add(value(t, s.GridDue), value(t, s.OperatorDue)); sum.Cmp(total) != 0 {
		t.Errorf("grid company and operator get %s, the parks pay %s", sum, total)
	}
	if list := l.Alerts(); !slices.Equal(list, []string{"park-missed-gate park1", "park-missed-gate park2", "park-missed-gate park3", "fallback-plan 2024-07-15"}) {
		t.Errorf("alerts %v: expected none of the settlement", list)
	}
}

// Community sums are opened where the storage was active, on that side, and
// could matter; beyond that two totals (docs/ledger.md, rule 8).
func TestSettlementOpensNoMoreThanItNeeds(t *testing.T) {
	l := metered(t, 3)
	s := settle(l)
	var kinds []string
	for _, purpose := range l.Round(s.Round).Purposes {
		kinds = append(kinds, purpose.Kind)
	}
	want := []string{vault.PurposeSurplus, vault.PurposeSurplus, vault.PurposeDeficit, vault.PurposeDeficit, vault.PurposeUsefulness, vault.PurposeBaseline}
	if !slices.Equal(kinds, want) {
		t.Errorf("opened %v: expected %v", kinds, want)
	}
	if !slices.Equal(s.Surplus, []energy.Watt{140_000, 70_000, 0, 0}) || !slices.Equal(s.Deficit, []energy.Watt{0, 0, 400_000, 100_000}) {
		t.Errorf("surplus %v, deficit %v", s.Surplus, s.Deficit)
	}
}

// What a vote changes between the reading gate and the opening is of later days.
func TestSettlementUsesTheRuleAsItStoodAtTheGate(t *testing.T) {
	l := metered(t, 3)
	trade.ReadingGate(l.Context(""), day)
	changed := contracttest.Storage
	changed.Fee, changed.GridTrade = 999_999, false
	record.Save(l.State, committee.StorageKey, changed)
	trade.RoundClosed(l.Context(""), l.RunRound(vault.RoundID(vault.Reading, day, 1)))
	if s := settlement(l); s.Fee != contracttest.Storage.Fee || !s.GridTrade || s.Kind != trade.SettledShared {
		t.Errorf("settled %s with a fee of %d", s.Kind, s.Fee)
	}
}

// Nothing opened, nothing shared: everybody pays the tariff by its own meter.
func TestDayWithoutOpenedReadingsIsSettledWithoutSaving(t *testing.T) {
	earned := new(big.Int)
	for period, buy := range []int64{292_600, 654_000, 1_246_800, 1_246_800} {
		sell := []int64{200_000, 299_900, 299_900, 299_900}[period]
		earned.Add(earned, big.NewInt(int64(discharge[period])*sell-int64(charge[period])*buy))
	}
	for name, run := range map[string]func(*contracttest.Ledger){
		"too few readings": func(l *contracttest.Ledger) {
			trade.ReadingGate(l.Context(""), day)
		},
		"round failed": func(l *contracttest.Ledger) {
			trade.ReadingGate(l.Context(""), day)
			for range 11 {
				for _, round := range l.EndBlock() {
					trade.RoundClosed(l.Context(""), round)
				}
			}
		},
	} {
		parks := 2
		if name == "round failed" {
			parks = 3
		}
		l := metered(t, parks)
		run(l)
		s := settlement(l)
		if s.Kind != trade.SettledWithout || s.Rho != 0 || s.Reason == "" || !slices.Equal(s.Parks, parkNames[:parks]) || !slices.Equal(s.ByMeter, parkNames[parks:]) {
			t.Errorf("%s: settlement %+v", name, s)
		}
		if len(s.TotalBaseline)+len(s.TotalBills)+len(s.GridDue) != 0 || slices.Max(s.Surplus) != 0 || slices.Max(s.Deficit) != 0 {
			t.Errorf("%s: the settlement tells what nobody has opened", name)
		}
		if want := new(big.Int).Lsh(earned, 40); value(t, s.OperatorDue).Cmp(want) != 0 {
			t.Errorf("%s: the storage is due %s: expected %s", name, value(t, s.OperatorDue), want)
		}
		if !slices.ContainsFunc(l.Alerts(), func(alert string) bool { return strings.HasPrefix(alert, "round-failed ") }) {
			t.Errorf("%s: alerts %v", name, l.Alerts())
		}
		published, _ := tariff.Load(l.State, day)
		for i, park := range parkNames[:parks] {
			form, _, err := trade.BillForm(s, l.SealedOf(vault.Reading, day, park))
			l.Must(err)
			want := trade.TermsOf(s, published).WithoutStorage(surplus[i], deficit[i])
			if got := l.Parks[park].Sum(form).Value; got.Cmp(want.Lsh(want, 40)) != 0 {
				t.Errorf("%s: %s pays %s: expected the tariff, %s", name, park, got, want)
			}
		}
	}
}

// A park whose readings were proven false has no bill of them: the meter counts.
func TestRefusedReadingsAreSettledByMeter(t *testing.T) {
	l := metered(t, 2)
	body := l.Parks["park3"].Unproven(vault.Reading, day, 1, values(surplus[2]), values(deficit[2]))
	l.Members[4].Spoil("park3", body.Parts[1])
	l.Parks["park3"].Prove(&body)
	l.Now--
	l.Must(vault.HandleDeal(l.Context("park3"), body))
	l.Now++
	if s := settle(l); s.Kind != trade.SettledWithout || !slices.Equal(s.Parks, parkNames[:2]) || !slices.Equal(s.ByMeter, parkNames[2:]) {
		t.Errorf("settled %s over %v, by meter %v", s.Kind, s.Parks, s.ByMeter)
	}
}

func TestDayIsSettledOnce(t *testing.T) {
	l := metered(t, 3)
	before := settle(l)
	round := l.Round(before.Round)
	trade.RoundClosed(l.Context(""), round)
	round.Phase, round.Reason = vault.PhaseFailed, "a later one"
	trade.RoundClosed(l.Context(""), round)
	if after := settlement(l); after.Kind != trade.SettledShared || after.Height != before.Height {
		t.Errorf("settled again: %s", after.Kind)
	}
}

func TestBillGoesFromDueToAccepted(t *testing.T) {
	l := metered(t, 3)
	settle(l)
	state := func() string {
		bill, _ := record.Load[trade.Bill](l.State, trade.BillKey(day, "park1"))
		return bill.State
	}
	sealed := trade.SubmitBill{Day: day, ToGrid: []byte("sealed"), ToOperator: []byte("sealed")}
	judge := func(fits bool) error {
		return trade.HandleJudgeBill(l.Context("grid"), trade.JudgeBill{Day: day, Park: "park1", Fits: fits})
	}
	if err := judge(true); err == nil || state() != trade.BillDue {
		t.Errorf("a bill that was not sent was judged, it is %s", state())
	}
	for name, body := range map[string]trade.SubmitBill{
		"of another day":        {Day: day + 1, ToGrid: []byte("x"), ToOperator: []byte("x")},
		"empty to the grid":     {Day: day, ToOperator: []byte("x")},
		"large to the operator": {Day: day, ToGrid: []byte("x"), ToOperator: make([]byte, 3_000)},
	} {
		if err := trade.HandleBill(l.Context("park1"), body); err == nil {
			t.Errorf("a bill %s was taken", name)
		}
	}
	l.Must(trade.HandleBill(l.Context("park1"), sealed))
	if err := trade.HandleBill(l.Context("park1"), sealed); err == nil {
		t.Error("a bill was replaced while it is judged")
	}
	l.Must(judge(false))
	if state() != trade.BillContested {
		t.Errorf("the bill is %s: expected contested", state())
	}
	l.Must(trade.HandleBill(l.Context("park1"), sealed))
	l.Must(judge(true))
	if c := contractOf(l, "park1"); state() != trade.BillAccepted || c.State != trade.Settled {
		t.Errorf("the bill is %s, the contract %s", state(), c.State)
	}
	if err := judge(false); err == nil {
		t.Error("an accepted bill was contested")
	}
	trade.BillTerm(l.Context(""), day)
	overdue := slices.DeleteFunc(l.Alerts(), func(alert string) bool { return !strings.HasPrefix(alert, trade.RuleBillOverdue) })
	if want := []string{"bill-overdue park2", "bill-overdue park3"}; !slices.Equal(overdue, want) {
		t.Errorf("alerts %v: expected %v", overdue, want)
	}
}
