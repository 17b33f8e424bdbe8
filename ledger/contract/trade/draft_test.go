package trade_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/record"
)

// contractOf is a party's contract under the plan in force.
func contractOf(l *contracttest.Ledger, party string) trade.Contract {
	l.T.Helper()
	plan, _ := scheduling.InForcePlan(l.State, day)
	c, found := record.Load[trade.Contract](l.State, trade.ContractKey(trade.ContractID(day, plan.Version, party)))
	if !found {
		l.T.Fatalf("%s has no contract", party)
	}
	return c
}

// drafted is a ledger with contracts under an idle plan.
func drafted(t *testing.T) *contracttest.Ledger {
	t.Helper()
	l := contracttest.New(t, 3, parkNames...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	scheduling.Gate(l.Context(""), day)
	trade.EndBlock(l.Context(""))
	return l
}

func TestEveryParkAndTheStorageGetAContract(t *testing.T) {
	l := drafted(t)
	for _, name := range parkNames {
		if c := contractOf(l, name); c.State != trade.Drafted || c.Counterparty != "grid" || len(c.Lines) != 0 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := contractOf(l, "operator"); c.State != trade.Notified || len(c.Lines) != periods {
		t.Errorf("storage: %+v", c)
	}
}

func TestContractGoesFromDraftToConfirmed(t *testing.T) {
	l := drafted(t)
	id := contractOf(l, "park1").ID
	lines := func(sender string, size int) error {
		return trade.HandleLines(l.Context(sender), trade.PostLines{Contract: id, Sealed: make([]byte, size)})
	}
	confirm := func(sender string) error {
		return trade.HandleConfirm(l.Context(sender), trade.Confirm{Contract: id})
	}
	state := func() string { return contractOf(l, "park1").State }
	for name, err := range map[string]error{
		"confirmed before its lines": confirm("park1"),
		"lines of another park":      lines("park2", 10),
		"no lines":                   lines("park1", 0),
		"lines without end":          lines("park1", 20_000),
		"contract that is none": trade.HandleLines(l.Context("park1"), trade.PostLines{
			Contract: "019919/0001/park9", Sealed: []byte("x"),
		}),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	l.Must(lines("park1", 10))
	if state() != trade.Notified {
		t.Fatalf("%s: expected notified", state())
	}
	if err := lines("park1", 11); err == nil {
		t.Error("lines were replaced after both sides knew them")
	}
	if err := confirm("park2"); err == nil {
		t.Error("a third party confirmed")
	}
	l.Must(confirm("grid"))
	if err := confirm("grid"); err == nil || state() != trade.Notified {
		t.Errorf("one side confirmed for two, it is %s", state())
	}
	l.Must(confirm("park1"))
	if state() != trade.Confirmed {
		t.Errorf("%s: expected confirmed", state())
	}
}

func TestNewPlanSupersedesTheContractsOfTheOlder(t *testing.T) {
	l := drafted(t)
	id := contractOf(l, "park1").ID
	l.Must(trade.HandleLines(l.Context("park1"), trade.PostLines{Contract: id, Sealed: []byte("lines")}))
	scheduling.Midnight(l.Context(""), day, 123_456)
	trade.EndBlock(l.Context(""))
	old, _ := record.Load[trade.Contract](l.State, trade.ContractKey(id))
	if old.State != trade.Superseded || len(old.Sealed) != 0 {
		t.Errorf("the older contract is %s", old.State)
	}
	if c := contractOf(l, "park1"); c.State != trade.Drafted || c.Plan != 2 {
		t.Errorf("the newer contract is %s under plan %d", c.State, c.Plan)
	}
	if err := trade.HandleConfirm(l.Context("grid"), trade.Confirm{Contract: id}); err == nil {
		t.Error("a superseded contract was confirmed")
	}
	trade.EndBlock(l.Context(""))
	if c := contractOf(l, "park1"); c.State != trade.Drafted {
		t.Errorf("a block without new plan made it %s", c.State)
	}
	l.Height++
	scheduling.Midnight(l.Context(""), day, 234_567)
	trade.EndBlock(l.Context(""))
	if again, _ := record.Load[trade.Contract](l.State, trade.ContractKey(id)); again.Height != old.Height {
		t.Errorf("the first contract was superseded at %d and again at %d", old.Height, again.Height)
	}
}

// The parks' parts at home never exceed the plan or their own power, and miss
// the plan by less than a watt each.
func TestPartsAtHomeFitThePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		watts := rapid.Map(rapid.Int64Range(0, 1<<32-1), func(w int64) energy.Watt { return energy.Watt(w) })
		own := rapid.SliceOfN(watts, 3, 3).Draw(t, "own")
		all := own[0] + own[1] + own[2]
		taken := energy.Watt(rapid.Int64Range(0, int64(all)).Draw(t, "taken"))
		plan := scheduling.Plan{
			Parks: parkNames, Charge: []energy.Watt{taken}, Discharge: []energy.Watt{0},
			SurplusTaken: []energy.Watt{taken}, DeficitServed: []energy.Watt{0},
			Surplus: []energy.Watt{all}, Deficit: []energy.Watt{0},
		}
		sum := energy.Watt(0)
		for i, name := range parkNames {
			charge, _ := trade.Home(name, own[i:i+1], []energy.Watt{0}, plan)
			if charge[0] < 0 || charge[0] > own[i] {
				t.Fatalf("%s gives %d of %d W", name, charge[0], own[i])
			}
			sum += charge[0]
		}
		if sum > taken || sum < taken-2 {
			t.Fatalf("the parks give %d W, the plan takes %d", sum, taken)
		}
		if charge, _ := trade.Home("park9", own[:1], []energy.Watt{0}, plan); charge[0] != 0 {
			t.Fatal("a park outside the set has a part")
		}
	})
}

// The lines of all parties add up to what the community exchanges with the
// grid, up to the watts that rounding leaves.
func TestLinesAddUpToTheCommunitysExchange(t *testing.T) {
	l := contracttest.New(t, 3, parkNames...)
	published := l.Publish(day, tariff.Workday, []energy.Price{300, 900, 900}, []energy.Price{200, 200, 200})
	plan := scheduling.Plan{
		Parks: parkNames, Charge: []energy.Watt{100, 0, 0}, Discharge: []energy.Watt{0, 70, 0},
		SurplusTaken: []energy.Watt{60, 0, 0}, DeficitServed: []energy.Watt{0, 50, 0},
		Surplus: []energy.Watt{60, 0, 9}, Deficit: []energy.Watt{30, 50, 9},
	}
	own := map[string][2][]energy.Watt{
		"park1": {{40, 0, 9}, {0, 25, 0}}, "park2": {{20, 0, 0}, {0, 25, 9}}, "park3": {{0, 0, 0}, {30, 0, 0}},
	}
	purchase, sale := make([]energy.Watt, 3), make([]energy.Watt, 3)
	add := func(lines []trade.Line) {
		if err := trade.CheckLines(lines, published); err != nil {
			t.Error(err)
		}
		for period, line := range lines {
			purchase[period] += line.Purchase
			sale[period] += line.Sale
		}
	}
	for _, name := range parkNames {
		add(trade.ParkLines(name, own[name][0], own[name][1], plan, published))
	}
	add(trade.StorageLines(plan, published))
	if !slices.Equal(purchase, []energy.Watt{30 + 40, 0, 9}) || !slices.Equal(sale, []energy.Watt{0, 20, 9}) {
		t.Errorf("purchase %v, sale %v", purchase, sale)
	}
}

func TestLinesThatDoNotFitTheTariffAreFound(t *testing.T) {
	l := contracttest.New(t, 3, parkNames...)
	published := l.Publish(day, tariff.Workday, []energy.Price{300, 900}, []energy.Price{200, 200})
	plan := scheduling.Plan{
		Parks: parkNames, Charge: make([]energy.Watt, 2), Surplus: make([]energy.Watt, 2), Deficit: make([]energy.Watt, 2),
		Discharge: make([]energy.Watt, 2), SurplusTaken: make([]energy.Watt, 2), DeficitServed: make([]energy.Watt, 2),
	}
	good := trade.ParkLines("park1", []energy.Watt{5, 0}, []energy.Watt{0, 7}, plan, published)
	if good[0].Total != -1_000 || good[1].Total != 6_300 {
		t.Fatalf("totals %d and %d", good[0].Total, good[1].Total)
	}
	for name, change := range map[string]func([]trade.Line) []trade.Line{
		"a line missing":    func(lines []trade.Line) []trade.Line { return lines[:1] },
		"another price":     func(lines []trade.Line) []trade.Line { lines[1].BuyPrice--; return lines },
		"another total":     func(lines []trade.Line) []trade.Line { lines[1].Total--; return lines },
		"another time":      func(lines []trade.Line) []trade.Line { lines[0].Start++; return lines },
		"negative purchase": func(lines []trade.Line) []trade.Line { lines[0].Purchase = -1; return lines },
		"sale without end":  func(lines []trade.Line) []trade.Line { lines[0].Sale = 1 << 62; return lines },
	} {
		if trade.CheckLines(change(slices.Clone(good)), published) == nil {
			t.Errorf("%s: passed", name)
		}
	}
}
