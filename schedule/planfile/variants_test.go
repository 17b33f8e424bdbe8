package planfile_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// trading is the case with local trade and without limits of parks, which
// cannot be had together.
func trading(c *energy.Case, fee energy.Price) *energy.Case {
	for i := range c.Parks {
		c.Parks[i].ImportLimit, c.Parks[i].ExportLimit = energy.NoLimit, energy.NoLimit
	}
	c.LocalTrade = &energy.LocalTrade{Fee: fee}
	return c
}

// Law: plans with local trade stand, too, never cost more than without it, and
// what parks pass to each other adds up; nobody's bill exceeds what it paid
// without storage and trade.
func TestPlansWithLocalTradeStand(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	traded := 0
	for i := range 200 {
		c := trading(randomCase(r), energy.Price(r.IntN(3)*40_000))
		p, document, ok := planned(t, c, false)
		if !ok {
			continue
		}
		data, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		found, err := planfile.Check(c, p, data, -1)
		if err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		p.LocalTrade = nil
		without, err := schedule.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		if found.Bound > without.Cost {
			t.Errorf("case %d: with local trade at least %d, without %d", i, found.Bound, without.Cost)
		}
		if found.Cost < without.Bound {
			traded++
		}
		for _, park := range document.Parks {
			bill, _ := park.Bill.Float64()
			if baseline, _ := park.Baseline.Float64(); bill > baseline {
				t.Errorf("case %d: %s pays %v, without storage and trade %v", i, park.Name, park.Bill, park.Baseline)
			}
		}
		c.LocalTrade = nil
		if _, err := planfile.Check(c, p, data, 1<<60); err == nil && found.Cost < without.Bound {
			t.Errorf("case %d: trade stands where there is none", i)
		}
	}
	if traded < 50 {
		t.Errorf("local trade paid in %d cases only", traded)
	}
}

// Law: plans with curtailment stand, too; nobody's bill exceeds what it paid
// without storage.
func TestPlansWithCurtailmentStand(t *testing.T) {
	r := rand.New(rand.NewPCG(91, 92))
	off := 0
	for i := range 200 {
		c := randomCase(r)
		c.Curtailment, c.Storage.GridTrade = true, true
		c.Parks[0].ExportLimit = energy.Watt(r.IntN(100_000))
		p, document, ok := planned(t, c, false)
		if !ok {
			continue
		}
		data, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := planfile.Check(c, p, data, -1); err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		for _, park := range document.Parks {
			bill, _ := park.Bill.Float64()
			if baseline, _ := park.Baseline.Float64(); bill > baseline {
				t.Errorf("case %d: %s pays %v, without storage %v", i, park.Name, park.Bill, park.Baseline)
			}
			for _, row := range park.Rows {
				if row.Curtailed != "0" {
					off++
				}
			}
		}
	}
	if off < 100 {
		t.Errorf("surplus was switched off in %d rows only", off)
	}
}

// Law: plans with tariffs of parks stand, too, and nobody's bill exceeds what it
// paid without storage; at the common tariff, as the ledger plans, they stand as
// well.
func TestPlansWithTariffsOfParksStand(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 82))
	for i := range 200 {
		c := trading(randomCase(r), 0)
		c.LocalTrade = nil
		other := randomCase(r).Tariff
		for len(other.Buy) < c.Horizon.Periods {
			other.Buy, other.Sell = append(other.Buy, other.Buy[0]), append(other.Sell, other.Sell[0])
		}
		other.Buy, other.Sell = other.Buy[:c.Horizon.Periods], other.Sell[:c.Horizon.Periods]
		for j := range c.Parks {
			if j%2 == 0 {
				c.Parks[j].Tariff = &other
			}
		}
		p, document, ok := planned(t, c, i%5 == 0)
		if !ok {
			continue
		}
		data, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := planfile.Check(c, p, data, -1); err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		for _, park := range document.Parks {
			bill, _ := park.Bill.Float64()
			if baseline, _ := park.Baseline.Float64(); bill > baseline {
				t.Errorf("case %d: %s pays %v, without storage %v", i, park.Name, park.Bill, park.Baseline)
			}
		}
	}
}
