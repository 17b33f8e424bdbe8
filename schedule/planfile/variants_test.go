package planfile_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// mixedCase is a random case in which limits, tariffs of parks, local trade,
// curtailment, a cap on the import and a demand charge come in any combination,
// one for each bit of kind, some of them with self-discharge.
func mixedCase(r *rand.Rand, kind int) *energy.Case {
	c := randomCase(r)
	var others []energy.Tariff
	for range len(c.Parks) {
		tariff := randomCase(r).Tariff
		for len(tariff.Buy) < c.Horizon.Periods {
			tariff.Buy, tariff.Sell = append(tariff.Buy, tariff.Buy[0]), append(tariff.Sell, tariff.Sell[0])
		}
		tariff.Buy, tariff.Sell = tariff.Buy[:c.Horizon.Periods], tariff.Sell[:c.Horizon.Periods]
		others = append(others, tariff)
	}
	for i := range c.Parks {
		p := &c.Parks[i]
		if p.ImportLimit, p.ExportLimit = energy.NoLimit, energy.NoLimit; kind&1 != 0 {
			p.ImportLimit, p.ExportLimit = energy.Watt(r.IntN(400_000)), energy.Watt(r.IntN(400_000))
		}
		if other := r.IntN(len(others) + 1); kind&2 != 0 && other < len(others) {
			p.Tariff = &others[other]
		}
	}
	if kind&4 != 0 {
		c.LocalTrade = &energy.LocalTrade{Fee: energy.Price(r.IntN(3) * 40_000)}
	}
	c.Curtailment = kind&8 != 0
	if r.IntN(3) == 0 {
		c.Storage.SelfDischarge = energy.Parts(r.IntN(3_000))
	}
	if kind&48 != 0 {
		c.Import = &energy.Import{Cap: energy.NoLimit, DemandCharge: energy.Price(kind >> 5 * r.IntN(3_000_000))}
		if _, deficit := energy.CommunitySums(c.Parks, c.Horizon.Periods); kind&16 != 0 {
			c.Import.Cap = max(0, slices.Max(deficit)-energy.Watt(r.IntN(100_000)))
		}
	}
	return c
}

// Law: plans of all variants in any combination stand before the check, which
// knows each park's row and nothing of merit orders; nobody's bill exceeds what
// it paid without storage and trade.
func TestPlansOfAllVariantsStand(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	const kinds = 64
	var stood [kinds]int
	traded, off := 0, 0
	for i := range 20 * kinds {
		c := mixedCase(r, i%kinds)
		p, document, ok := planned(t, c, false)
		if !ok {
			continue
		}
		stood[i%kinds]++
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
				t.Errorf("case %d: %s pays %v, without storage and trade %v", i, park.Name, park.Bill, park.Baseline)
			}
			for _, row := range park.Rows {
				if row.Curtailed != "" && row.Curtailed != "0" {
					off++
				}
				if row.ToParks != "" && row.ToParks != "0" {
					traded++
				}
			}
		}
	}
	for kind, n := range stood {
		if n < 3 {
			t.Errorf("only %d plans of kind %b", n, kind)
		}
	}
	if traded < 500 || off < 500 {
		t.Errorf("trade in %d rows, surplus switched off in %d", traded, off)
	}
}

// Law: local trade and curtailment never make a plan dearer, and a plan with
// them does not stand where there are none.
func TestVariantsPayAndAreSeen(t *testing.T) {
	r := rand.New(rand.NewPCG(91, 92))
	cheaper := 0
	for i := range 200 {
		c := mixedCase(r, 4*(1+i%3))
		p, document, ok := planned(t, c, false)
		if !ok {
			t.Fatalf("case %d has no plan", i)
		}
		data, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		found, err := planfile.Check(c, p, data, -1)
		if err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		plain := *c
		plain.LocalTrade, plain.Curtailment = nil, false
		q, err := schedule.FromCase(&plain, false)
		if err != nil {
			t.Fatal(err)
		}
		without, err := schedule.Solve(q)
		if err != nil {
			t.Fatal(err)
		}
		if found.Bound > without.Cost {
			t.Errorf("case %d: at least %d, without variants %d", i, found.Bound, without.Cost)
		}
		if found.Cost >= without.Bound {
			continue
		}
		cheaper++
		if _, err := planfile.Check(&plain, q, data, 1<<60); err == nil {
			t.Errorf("case %d: trade or curtailment stands where there is none", i)
		}
	}
	if cheaper < 100 {
		t.Errorf("variants paid in %d cases only", cheaper)
	}
}

// The demand charge without storage falls on the parks by their deficit in the
// first period of the highest import, and so does its part in the saving.
func TestDemandChargeIsSharedByDeficitInThePeak(t *testing.T) {
	c := twoParks()
	c.Import = &energy.Import{Cap: energy.NoLimit, DemandCharge: 2_000_000}
	_, document, ok := planned(t, c, false)
	if !ok {
		t.Fatal("the case has no plan")
	}
	// Energy costs the same at all times: all that the storage saves is 2 per kW
	// of the 3 kW that the highest import falls from 12.
	for _, want := range []struct{ name, got, is string }{
		{"highest import without storage", document.PeakBefore.String(), "12"},
		{"highest import", document.Peak.String(), "9"},
		{"demand charge", document.DemandCost.String(), "18"},
		{"cost without storage", document.Baseline.String(), "42"},
		{"cost", document.Cost.String(), "36"},
		{"without storage, park0", document.Parks[0].Baseline.String(), "28"},
		{"without storage, park1", document.Parks[1].Baseline.String(), "14"},
		{"bill of park0", document.Parks[0].Bill.String(), "24"},
		{"bill of park1", document.Parks[1].Bill.String(), "12"},
	} {
		if want.got != want.is {
			t.Errorf("%s is %s, want %s", want.name, want.got, want.is)
		}
	}
}

// twoParks lack 8 and 4 kW, then 4 and 2 kW in two hours at one price, and share
// a storage without losses.
func twoParks() *energy.Case {
	c := &energy.Case{
		Name: "two parks", Currency: "EUR", Location: time.UTC, Horizon: energy.Horizon{Minutes: 60, Periods: 2},
		Tariff: energy.Tariff{Buy: []energy.Price{1_000_000, 1_000_000}, Sell: []energy.Price{0, 0}},
		Storage: energy.Storage{
			Power: 5000, Maximum: 10_000, Start: 5000, End: 5000, ChargeEfficiency: 10_000, DischargeEfficiency: 10_000, GridTrade: true,
		},
	}
	none := []energy.Watt{0, 0}
	for i, load := range [][]energy.Watt{{8000, 4000}, {4000, 2000}} {
		c.Parks = append(c.Parks, energy.Park{
			Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit, Load: load, PV: none, Wind: none,
		})
	}
	return c
}
