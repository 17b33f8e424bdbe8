package grid

import (
	"context"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// papers is a ledger that holds records and notes what is sent.
type papers struct {
	Memory record.Memory
	mutex  sync.Mutex
	sent   map[string][]any
	err    error
}

func (p *papers) Get(_ context.Context, key string) (client.Record, error) {
	value, found := p.Memory.Get(key)
	return client.Record{Key: key, Value: value, Found: found, Height: 1}, nil
}

func (p *papers) List(_ context.Context, prefix string, _ int) ([]feed.Record, error) {
	var listed []feed.Record
	p.Memory.Iterate(prefix, func(key string, value []byte) bool {
		listed = append(listed, feed.Record{Key: key, Value: value})
		return true
	})
	return listed, nil
}

func (p *papers) Submit(_ context.Context, kind string, body any) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.sent[kind] = append(p.sent[kind], body)
	return p.err
}

var company = ledgertest.NewParty("grid")

func newTestNode(t *testing.T) (*Node, *papers) {
	t.Helper()
	kept, err := openRecords(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.close() })
	config := Config{Case: "../cases/reference"}
	tariffs, err := openBook(config)
	if err != nil {
		t.Fatal(err)
	}
	ledger := &papers{Memory: record.Memory{}, sent: map[string][]any{}}
	return &Node{
		name: "grid", sealingKey: company.Sealing, config: config, book: tariffs, ledger: ledger, records: kept,
		logger: slog.New(slog.DiscardHandler), refused: map[uint32]bool{}, wrong: map[string]bool{},
	}, ledger
}

func pageOf(t *testing.T, n *Node, number uint32) tariff.Tariff {
	t.Helper()
	page, err := n.book.page(number)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestTariffsArePublishedInTimeAndRepeat(t *testing.T) {
	n, ledger := newTestNode(t)
	evening := time.Unix(ledgertest.ReferenceCase(t).Horizon.Start, 0).Add(-6 * time.Hour)
	due, err := n.publish(t.Context(), evening)
	if err != nil {
		t.Fatal(err)
	}
	if want := evening.Add((6 + 24 - 8) * time.Hour); !due.Equal(want) {
		t.Errorf("next at %v, expected %v", due, want)
	}
	published := ledger.sent["tariff/publish"]
	if len(published) != 1 || published[0].(tariff.Tariff).Date != "2024-07-15" || published[0].(tariff.Tariff).Kind != tariff.Workday {
		t.Fatalf("published %+v", published)
	}
	record.Save(ledger.Memory, tariff.Key(19919), published[0].(tariff.Tariff))
	if _, err := n.publish(t.Context(), due); err != nil {
		t.Fatal(err)
	}
	published = ledger.sent["tariff/publish"]
	if len(published) != 2 {
		t.Fatalf("published %d tariffs, expected the second day's and no day twice", len(published))
	}
	first, second := published[0].(tariff.Tariff), published[1].(tariff.Tariff)
	if second.Date != "2024-07-16" || second.Starts[0] != first.End || second.Buy[8] != first.Buy[8] || second.Buy[8] != 1_246_800 {
		t.Errorf("second day %+v", second)
	}
}

func TestChangedPricesArePublishedAndARefusalIsFinal(t *testing.T) {
	n, ledger := newTestNode(t)
	standing := pageOf(t, n, 19919)
	standing.Buy = append([]energy.Price{}, standing.Buy...)
	standing.Buy[3]++
	record.Save(ledger.Memory, tariff.Key(19919), standing)
	ledger.err = &client.Refused{Reason: "period 3 has begun"}
	for range 2 {
		if err := n.publishDay(t.Context(), pageOf(t, n, 19919)); err != nil {
			t.Fatal(err)
		}
	}
	if sent := len(ledger.sent["tariff/publish"]); sent != 1 {
		t.Fatalf("sent %d times, expected once", sent)
	}
}

func TestCalendarKnowsWeekendsAndHolidays(t *testing.T) {
	for _, test := range []struct {
		calendar Calendar
		date     string
		want     bool
	}{
		{Calendar{}, "2024-07-15", true},
		{Calendar{}, "2024-07-13", false},
		{Calendar{}, "2024-07-14", false},
		{Calendar{Holidays: []string{"2024-07-15"}}, "2024-07-15", false},
		{Calendar{Weekend: []string{"friday"}}, "2024-07-13", true},
		{Calendar{Weekend: []string{"friday"}}, "2024-07-12", false},
	} {
		if got := test.calendar.workday(test.date); got != test.want {
			t.Errorf("%+v: %s a workday: %v", test.calendar, test.date, got)
		}
	}
}

func TestConfigurationErrorsNameTheKey(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"case is missing":            func(c *Config) { c.Case = "" },
		"ahead":                      func(c *Config) { c.Ahead = -time.Hour },
		"calendar.weekend: entry 1":  func(c *Config) { c.Calendar.Weekend = []string{"Sunday"} },
		"calendar.holidays: entry 2": func(c *Config) { c.Calendar.Holidays = []string{"2024-10-01", "1.10.2024"} },
		"home is missing":            func(c *Config) { c.Home = "" },
	} {
		config := Config{Case: "c"}
		config.Home, config.Genesis, config.Nodes = "h", "g", []string{"http://x"}
		if err := config.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&config)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: expected %q", err, want)
		}
	}
}

// notify puts a contract with sealed content under the plan in force.
func notify(t *testing.T, ledger *papers, party string, plain []byte, info string) trade.Contract {
	t.Helper()
	id := trade.ContractID(19919, 1, party)
	if info == "" {
		info = id
	}
	sealed, err := sealing.SealTo(company.Public(t).SealingKey, []byte(info), plain)
	if err != nil {
		t.Fatal(err)
	}
	agreed := trade.Contract{
		ID: id, Day: 19919, Plan: 1, Party: party, Counterparty: "grid", State: trade.Notified,
		Sealed: sealed, Lines: []trade.Line{}, Confirmed: []string{},
	}
	record.Save(ledger.Memory, scheduling.InForceKey(19919), scheduling.InForce{Version: 1})
	record.Save(ledger.Memory, trade.ContractKey(id), agreed)
	return agreed
}

func goodLines(day tariff.Tariff) []trade.Line {
	lines := make([]trade.Line, len(day.Starts))
	for t := range lines {
		lines[t] = trade.Line{Start: day.Starts[t], Purchase: 1000, BuyPrice: day.Buy[t], SellPrice: day.Sell[t], Total: energy.Cost(1000 * int64(day.Buy[t]))}
	}
	return lines
}

func TestOnlyRightContractsAreConfirmed(t *testing.T) {
	for name, test := range map[string]struct {
		change func([]trade.Line) []trade.Line
		info   string
		garble bool
		fault  string
	}{
		"right":              {change: func(l []trade.Line) []trade.Line { return l }},
		"wrong price":        {change: func(l []trade.Line) []trade.Line { l[3].BuyPrice--; return l }, fault: "period 4"},
		"wrong total":        {change: func(l []trade.Line) []trade.Line { l[0].Total--; return l }, fault: "period 1"},
		"negative purchase":  {change: func(l []trade.Line) []trade.Line { l[5].Purchase = -1; return l }, fault: "period 6"},
		"missing lines":      {change: func(l []trade.Line) []trade.Line { return l[1:] }, fault: "23 lines"},
		"sealed for another": {change: func(l []trade.Line) []trade.Line { return l }, info: "019919/0001/park2", fault: "unseal"},
		"not lines":          {garble: true, fault: "decode"},
	} {
		t.Run(name, func(t *testing.T) {
			n, ledger := newTestNode(t)
			day := pageOf(t, n, 19919)
			plain := []byte("nonsense")
			if !test.garble {
				plain = record.Encode(test.change(goodLines(day)))
			}
			agreed := notify(t, ledger, "park1", plain, test.info)
			for range 2 {
				if err := n.attendContracts(t.Context(), day); err != nil {
					t.Fatal(err)
				}
			}
			if confirmed := len(ledger.sent["trade/confirm"]) > 0; confirmed != (test.fault == "") {
				t.Errorf("confirmed: %v", confirmed)
			}
			kept, err := n.records.contracts(19919)
			if err != nil || len(kept) != 1 || kept[0].ID != agreed.ID || !strings.Contains(kept[0].Fault, test.fault) || (kept[0].Fault == "") != (test.fault == "") {
				t.Errorf("kept %+v, %v, expected the fault %q", kept, err, test.fault)
			}
		})
	}
}

func TestStorageContractNeedsNoUnsealing(t *testing.T) {
	n, ledger := newTestNode(t)
	day := pageOf(t, n, 19919)
	id := trade.ContractID(19919, 1, "operator")
	record.Save(ledger.Memory, scheduling.InForceKey(19919), scheduling.InForce{Version: 1})
	record.Save(ledger.Memory, trade.ContractKey(id), trade.Contract{
		ID: id, Day: 19919, Plan: 1, Party: "operator", Counterparty: "grid", State: trade.Notified,
		Sealed: []byte{}, Lines: goodLines(day), Confirmed: []string{"operator"},
	})
	if err := n.attendContracts(t.Context(), day); err != nil {
		t.Fatal(err)
	}
	if sent := ledger.sent["trade/confirm"]; len(sent) != 1 || sent[0].(trade.Confirm).Contract != id {
		t.Fatalf("sent %+v", sent)
	}
}

func TestBillIsJudgedByItsCommitment(t *testing.T) {
	amount, blinding := big.NewInt(-123_456_789), group.RandomScalar()
	commitment := new(group.Point).Commit(group.NewScalarBig(amount), blinding).Bytes()
	encoded := blinding.Bytes()
	right := trade.BillOpening{Amount: contract.EncodeValue(amount), Blinding: encoded[:]}
	other := trade.BillOpening{Amount: contract.EncodeValue(big.NewInt(-123_456_790)), Blinding: encoded[:]}
	for name, test := range map[string]struct {
		plain []byte
		info  string
		fits  bool
	}{
		"right":            {record.Encode(right), trade.BillKey(19919, "park1"), true},
		"one unit less":    {record.Encode(other), trade.BillKey(19919, "park1"), false},
		"another's":        {record.Encode(right), trade.BillKey(19919, "park2"), false},
		"no opening":       {[]byte{1, 2, 3}, trade.BillKey(19919, "park1"), false},
		"no amount at all": {record.Encode(trade.BillOpening{Amount: []byte{}, Blinding: encoded[:]}), trade.BillKey(19919, "park1"), false},
	} {
		t.Run(name, func(t *testing.T) {
			n, ledger := newTestNode(t)
			sealed, err := sealing.SealTo(company.Public(t).SealingKey, []byte(test.info), test.plain)
			if err != nil {
				t.Fatal(err)
			}
			record.Save(ledger.Memory, trade.BillKey(19919, "park1"), trade.Bill{
				Day: 19919, Park: "park1", State: trade.BillSubmitted, Commitment: commitment[:], ToGrid: sealed, ToOperator: []byte{},
			})
			if err := n.attendBills(t.Context(), pageOf(t, n, 19919)); err != nil {
				t.Fatal(err)
			}
			sent := ledger.sent["trade/judge-bill"]
			if len(sent) != 1 || sent[0].(trade.JudgeBill).Fits != test.fits {
				t.Fatalf("judged %+v, expected fits: %v", sent, test.fits)
			}
			kept, err := n.records.bills(19919)
			if err != nil || len(kept) != 1 || (kept[0].Fault == "") != test.fits {
				t.Fatalf("kept %+v, %v", kept, err)
			}
			if test.fits && (kept[0].Amount != "-123456789" || kept[0].Money != -1) {
				t.Fatalf("kept %+v", kept[0])
			}
		})
	}
}
