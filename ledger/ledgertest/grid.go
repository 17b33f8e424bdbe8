package ledgertest

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// Grid publishes a tariff for each day, checks and confirms contracts, and
// judges bills.
type Grid struct {
	Party
	First  int64 // start of the first day
	Days   int
	Tariff energy.Tariff

	sent map[string]bool
}

// NewGrid makes the grid company of a case, for so many days.
func NewGrid(c *energy.Case, days int) *Grid {
	return &Grid{Party: NewParty("grid"), First: c.Horizon.Start, Days: days, Tariff: c.Tariff, sent: map[string]bool{}}
}

// React implements Role.
func (g *Grid) React(chain *Chain) {
	for day := range g.Days {
		start := g.First + int64(day)*secondsOfDay
		if body := DayTariff(start, chain.Document.Minutes, g.Tariff); chain.Now > start-secondsOfDay && g.once(body.Date) {
			chain.Submit(g.Party, "tariff/publish", body)
		}
	}
	if !chain.Touched("trade/") {
		return
	}
	record.Each(chain.State(), trade.ContractPrefix, func(_ string, contract trade.Contract) bool {
		if contract.State == trade.Notified && g.once("contract/"+contract.ID) {
			g.confirm(chain, contract)
		}
		return true
	})
	record.Each(chain.State(), "trade/bill/", func(key string, bill trade.Bill) bool {
		if bill.State == trade.BillSubmitted && g.once(key) {
			g.judge(chain, bill)
		}
		return true
	})
}

func (g *Grid) once(what string) bool {
	first := !g.sent[what]
	g.sent[what] = true
	return first
}

func (g *Grid) confirm(chain *Chain, contract trade.Contract) {
	lines := contract.Lines
	if len(contract.Sealed) > 0 {
		plain, err := vault.Unseal(g.Sealing, []byte(contract.ID), contract.Sealed)
		if err != nil {
			chain.T.Fatal(err)
		}
		if lines, err = record.Decode[[]trade.Line](plain); err != nil {
			chain.T.Fatal(err)
		}
	}
	t, _ := tariff.Load(chain.State(), contract.Day)
	if err := trade.CheckLines(lines, t); err != nil {
		chain.T.Errorf("lines of %s: %v", contract.ID, err)
		return
	}
	chain.Submit(g.Party, "trade/confirm", trade.Confirm{Contract: contract.ID})
}

func (g *Grid) judge(chain *Chain, bill trade.Bill) {
	plain, err := vault.Unseal(g.Sealing, []byte("bill/"+tariff.Date(bill.Day)+"/"+bill.Park), bill.ToGrid)
	if err != nil {
		chain.T.Fatal(err)
	}
	opening, err := record.Decode[trade.BillOpening](plain)
	if err == nil {
		err = trade.CheckBill(bill, opening)
	}
	chain.Submit(g.Party, "trade/judge-bill", trade.JudgeBill{Day: bill.Day, Park: bill.Park, Fits: err == nil})
}
