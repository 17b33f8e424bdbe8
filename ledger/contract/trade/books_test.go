package trade

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// drawDay draws a tariff and a settlement at its reading gate.
func drawDay(t *rapid.T) (tariff.Tariff, Settlement) {
	periods := rapid.IntRange(1, 6).Draw(t, "periods")
	price := rapid.Int64Range(-500_000, 1_500_000)
	power := rapid.Int64Range(0, 400_000)
	published := tariff.Tariff{Date: "2024-07-15", End: int64(periods) * 3_600}
	s := Settlement{
		EnergyStart: energy.WattHour(power.Draw(t, "start")), EnergyEnd: energy.WattHour(power.Draw(t, "end")),
		Reference: energy.Price(rapid.Int64Range(0, 1_500_000).Draw(t, "v")), OperatorShare: energy.Parts(rapid.Int64Range(0, 1_000_000).Draw(t, "theta")),
		Fee: energy.Price(rapid.Int64Range(0, 50_000).Draw(t, "fee")), GridTrade: rapid.Bool().Draw(t, "grid trade"),
		EndRule: energy.EndRule(rapid.IntRange(0, 1).Draw(t, "end rule")), Target: energy.WattHour(power.Draw(t, "target")),
		Surplus: make([]energy.Watt, periods), Deficit: make([]energy.Watt, periods),
	}
	for period := range periods {
		buy, sell := price.Draw(t, "buy"), price.Draw(t, "sell")
		published.Starts = append(published.Starts, int64(period)*3_600)
		published.Buy, published.Sell = append(published.Buy, energy.Price(max(buy, sell))), append(published.Sell, energy.Price(min(buy, sell)))
		charge, discharge := energy.Watt(power.Draw(t, "charge")), energy.Watt(0)
		if rapid.Bool().Draw(t, "discharges") {
			charge, discharge = 0, charge
		}
		s.Charge, s.Discharge = append(s.Charge, charge), append(s.Discharge, discharge)
	}
	return published, s
}

// openFor puts on a state what a round over the parks' readings would open.
func openFor(purposes []vault.Purpose, surplus, deficit [][]energy.Watt) (record.State, vault.Round) {
	state := record.Memory{}
	round := vault.Round{ID: "reading/019919/1", Purposes: purposes}
	opened := vault.Opened{Round: round.ID}
	for _, purpose := range purposes {
		sum := new(big.Int)
		for i := range surplus {
			add(sum, purpose.SurplusWeights, surplus[i])
			add(sum, purpose.DeficitWeights, deficit[i])
		}
		opened.Purposes = append(opened.Purposes, vault.OpenedSum{Value: vault.EncodeValue(sum)})
	}
	record.Save(state, vault.OpenedKey(round.ID), opened)
	return state, round
}

func add(sum *big.Int, weights []int64, series []energy.Watt) {
	for t, weight := range weights {
		sum.Add(sum, new(big.Int).Mul(big.NewInt(weight), big.NewInt(int64(series[t]))))
	}
}

// On any day, with any tariff, the bills add up to what grid company and
// operator get, to the last 2^-40, and the operator's part is the fee and the
// unshared saving; nobody pays more than without storage.
func TestBooksBalanceOnAnyDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		published, s := drawDay(t)
		parks := rapid.IntRange(1, 4).Draw(t, "parks")
		watts := rapid.Map(rapid.Int64Range(0, 500_000), func(w int64) energy.Watt { return energy.Watt(w) })
		surplus, deficit := make([][]energy.Watt, parks), make([][]energy.Watt, parks)
		for i := range parks {
			surplus[i] = rapid.SliceOfN(watts, len(published.Buy), len(published.Buy)).Draw(t, "surplus")
			deficit[i] = rapid.SliceOfN(watts, len(published.Buy), len(published.Buy)).Draw(t, "deficit")
		}
		state, round := openFor(purposes(s, published), surplus, deficit)
		shared, err := share(state, published, s, round)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckBooks(shared, published); err != nil {
			t.Fatal(err)
		}
		terms, total := TermsOf(shared, published), new(big.Int)
		for i := range parks {
			bill := terms.Bill(int64(shared.Rho), surplus[i], deficit[i])
			without := terms.WithoutStorage(surplus[i], deficit[i])
			if bill.Cmp(without.Lsh(without, rhoBits)) > 0 {
				t.Fatalf("park %d pays more than without storage", i+1)
			}
			total.Add(total, bill)
		}
		recorded, err := vault.DecodeValue(shared.TotalBills)
		if err != nil || recorded.Cmp(total) != 0 {
			t.Fatalf("bills add up to %s, the record says %v", total, recorded)
		}
	})
}

// A sum that the rule does not use stays closed, and so does a total of zeros.
func TestSumsWithoutUseStayClosed(t *testing.T) {
	published := tariff.Tariff{
		Starts: []int64{0, 3_600, 7_200}, End: 10_800,
		Buy: []energy.Price{300_000, 210_000, 0}, Sell: []energy.Price{200_000, 200_000, 0},
	}
	s := Settlement{Charge: []energy.Watt{100, 100, 0}, Discharge: []energy.Watt{0, 0, 100}, Fee: 10_000, GridTrade: true}
	var kinds []string
	for _, purpose := range purposes(s, published) {
		kinds = append(kinds, fmt.Sprint(purpose.Kind, " ", purpose.Period))
	}
	// In the second period the fee eats the surplus's worth, in the third
	// nothing has a price.
	want := []string{"community-surplus 0", "total-usefulness -1", "total-baseline -1"}
	if !slices.Equal(kinds, want) {
		t.Errorf("opens %v: expected %v", kinds, want)
	}
	// Without grid trade the fee falls on either, and the surplus is used.
	if s.GridTrade = false; len(purposes(s, published)) != len(want)+1 {
		t.Errorf("without grid trade opens %v: expected the second period's surplus, too", purposes(s, published))
	}
	for period := range published.Buy {
		published.Buy[period], published.Sell[period] = 0, 0
	}
	if list := purposes(s, published); len(list) != 0 {
		t.Errorf("opens %v where nothing has a price", list)
	}
}

// The check of the books finds a unit that is missing anywhere.
func TestCheckBooksFindsOneUnit(t *testing.T) {
	published := tariff.Tariff{Starts: []int64{0, 3_600}, End: 7_200, Buy: []energy.Price{300_000, 900_000}, Sell: []energy.Price{200_000, 200_000}}
	s := Settlement{
		Charge: []energy.Watt{100, 0}, Discharge: []energy.Watt{0, 90}, Surplus: make([]energy.Watt, 2), Deficit: make([]energy.Watt, 2),
		EnergyStart: 500, EnergyEnd: 502, Reference: 500_000, Fee: 10_000, GridTrade: true,
	}
	state, round := openFor(purposes(s, published), [][]energy.Watt{{120, 0}}, [][]energy.Watt{{0, 60}})
	shared, err := share(state, published, s, round)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckBooks(shared, published); err != nil {
		t.Fatal(err)
	}
	if shared.Rho == 0 {
		t.Fatal("nothing is shared on this day: the test shows little")
	}
	for name, change := range map[string]func(*Settlement){
		"bills":    func(s *Settlement) { s.TotalBills = oneMore(t, s.TotalBills) },
		"grid":     func(s *Settlement) { s.GridDue = oneMore(t, s.GridDue) },
		"operator": func(s *Settlement) { s.OperatorDue = oneMore(t, s.OperatorDue) },
		"saving":   func(s *Settlement) { s.Saving = oneMore(t, s.Saving) },
		"rho":      func(s *Settlement) { s.Rho++ },
		"fee":      func(s *Settlement) { s.Fee++ },
		"both sides": func(s *Settlement) {
			s.GridDue, s.TotalBills = oneMore(t, s.GridDue), oneMore(t, s.TotalBills)
			s.OperatorDue, s.TotalBills = oneMore(t, s.OperatorDue), oneMore(t, s.TotalBills)
		},
		"no figure": func(s *Settlement) { s.GridDue = nil },
	} {
		changed := shared
		change(&changed)
		if CheckBooks(changed, published) == nil {
			t.Errorf("%s: one unit more passes", name)
		}
	}
}

func oneMore(t *testing.T, encoded []byte) []byte {
	t.Helper()
	value, err := vault.DecodeValue(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return vault.EncodeValue(value.Add(value, big.NewInt(1)))
}
