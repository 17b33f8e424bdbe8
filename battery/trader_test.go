package battery

import (
	"encoding/json"
	"log/slog"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

func newTrader(t *testing.T) (*trader, *chain, []byte) {
	t.Helper()
	private, public, err := sealing.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	c := newChain(400_000)
	c.publish(monday, midnight)
	store, err := openStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &trader{
		ledger: c, days: newDays(c, china), store: store, name: "operator", sealing: private,
		clock:  func() (time.Time, bool) { return time.Unix(midnight+60, 0), true },
		logger: slog.New(slog.DiscardHandler), confirmed: map[string]bool{},
	}, c, public
}

func draft(c *chain, version uint32, change func(*trade.Contract)) {
	plan, _ := record.Load[scheduling.Plan](c.state, scheduling.Key(monday, version))
	prices, _ := tariff.Load(c.state, monday)
	contract := trade.Contract{
		ID: trade.ContractID(monday, version, "operator"), Day: monday, Plan: version, Party: "operator",
		Counterparty: "grid", State: trade.Notified, Lines: trade.StorageLines(plan, prices),
	}
	change(&contract)
	record.Save(c.state, trade.ContractKey(contract.ID), contract)
}

func TestContractThatFollowsFromThePlanIsConfirmedOnce(t *testing.T) {
	trader, c, _ := newTrader(t)
	charge, discharge, _ := dayPlan()
	c.plan(monday, 1, charge, discharge)
	draft(c, 1, func(*trade.Contract) {})
	for range 3 { // the ledger's state shows the confirmation only later
		trader.observe(client.Block{Height: c.height, Changes: []feed.Change{{Key: trade.ContractPrefix}}})
		if err := trader.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.confirms) != 1 || c.confirms[0] != trade.ContractID(monday, 1, "operator") {
		t.Fatalf("confirmed %q: expected the contract under plan 1, once", c.confirms)
	}
	c.plan(monday, 2, discharge, charge)
	draft(c, 2, func(*trade.Contract) {})
	c.height++
	trader.observe(client.Block{Height: c.height, Changes: []feed.Change{{Key: scheduling.InForceKey(monday)}}})
	if err := trader.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(c.confirms) != 2 {
		t.Errorf("confirmed %q: expected the contract under plan 2, too", c.confirms)
	}
}

func TestContractWithOtherLinesIsNotConfirmed(t *testing.T) {
	for name, change := range map[string]func(*trade.Contract){
		"price":     func(c *trade.Contract) { c.Lines[3].BuyPrice++ },
		"power":     func(c *trade.Contract) { c.Lines[3].Sale++ },
		"a line":    func(c *trade.Contract) { c.Lines = c.Lines[1:] },
		"confirmed": func(c *trade.Contract) { c.Confirmed = []string{"operator"} },
		"state":     func(c *trade.Contract) { c.State = trade.Superseded },
	} {
		trader, c, _ := newTrader(t)
		charge, discharge, _ := dayPlan()
		c.plan(monday, 1, charge, discharge)
		draft(c, 1, change)
		if err := trader.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(c.confirms) != 0 {
			t.Errorf("other %s: confirmed", name)
		}
	}
}

// submitBill puts a park's bill on the ledger whose sealed opening says amount,
// while the commitment is to committed.
func submitBill(t *testing.T, c *chain, public []byte, park string, committed, amount int64) {
	t.Helper()
	blinding := group.RandomScalar()
	commitment := new(group.Point).Commit(group.NewScalarInt64(committed), blinding).Bytes()
	secret := blinding.Bytes()
	opening := record.Encode(trade.BillOpening{Amount: vault.EncodeValue(big.NewInt(amount)), Blinding: secret[:]})
	key := trade.BillKey(monday, park)
	sealed, err := sealing.SealTo(public, []byte(key), opening)
	if err != nil {
		t.Fatal(err)
	}
	record.Save(c.state, key, trade.Bill{Day: monday, Park: park, State: trade.BillSubmitted, Commitment: commitment[:], ToOperator: sealed})
}

func TestBillsAreUnsealedCheckedAndKept(t *testing.T) {
	trader, c, public := newTrader(t)
	submitBill(t, c, public, "park1", 4_165_430_000, 4_165_430_000)
	submitBill(t, c, public, "park2", -7, 7)
	submitBill(t, c, public, "park3", 1, 1)
	moved, _ := record.Load[trade.Bill](c.state, trade.BillKey(monday, "park3"))
	moved.Park = "park4" // sealed for another place
	record.Save(c.state, trade.BillKey(monday, "park4"), moved)
	for range 2 {
		trader.bills = true
		if err := trader.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	bills, err := trader.store.bills(10)
	if err != nil {
		t.Fatal(err)
	}
	if len(bills) != 4 {
		t.Fatalf("%d bills: expected 4", len(bills))
	}
	if first := bills[0]; !first.Fits || first.Amount != "4165430000" || first.Reason != "" {
		t.Errorf("%+v: expected a bill that fits", first)
	}
	for _, wrong := range []bill{bills[1], bills[3]} {
		if wrong.Fits || wrong.Reason == "" {
			t.Errorf("%+v: expected a bill that does not fit, with the reason", wrong)
		}
	}
}

func TestStatusPageShowsWhatTheGatewayDoes(t *testing.T) {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	b.chain.signal(monday, midnight, 0, 50_000)
	b.now = midnight + 10
	b.control()
	b.controller.status.step("report", errWaiting)
	answer := httptest.NewRecorder()
	b.controller.status.handler(b.store).ServeHTTP(answer, httptest.NewRequest("GET", "/", nil))
	var shown view
	if err := json.Unmarshal(answer.Body.Bytes(), &shown); err != nil {
		t.Fatal(err)
	}
	if len(shown.Windows) == 0 || shown.Windows[0].Power != 50_000 || !shown.Confirmed || !strings.HasPrefix(shown.Problem, "report: ") {
		t.Errorf("status %s", answer.Body)
	}
}
