package test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"

	"github.com/sesame-energy/sesame/demo"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/network"
	"github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// publicSums are the community sums that stand on the ledger for all to read.
func publicSums(seen *lived) [][]energy.Watt {
	var sums [][]energy.Watt
	for day := uint32(firstDay); day <= firstDay+2; day++ {
		for _, plan := range all[scheduling.Plan](seen.observer, scheduling.DayPrefix(day)) {
			sums = append(sums, plan.Surplus, plan.Deficit)
		}
		if settlement, found := load[trade.Settlement](seen.observer, trade.SettlementKey(day)); found {
			sums = append(sums, settlement.Surplus, settlement.Deficit)
		}
	}
	return sums
}

// eachDay visits both days with their settlement.
func eachDay(seen *lived, visit func(day demo.Day, number uint32, settlement trade.Settlement)) {
	for i, day := range seen.report.Days {
		number := uint32(firstDay + i)
		visit(day, number, must[trade.Settlement](seen.observer, trade.SettlementKey(number)))
	}
}

func nobodyPaysMore(t *testing.T, seen *lived) {
	eachDay(seen, func(day demo.Day, number uint32, settlement trade.Settlement) {
		if settlement.Kind != trade.SettledShared || len(settlement.Parks) != 3 || settlement.Rho == 0 {
			t.Errorf("%s: settled %s for %v, rho %d: expected a shared saving of three parks", day.Date, settlement.Kind, settlement.Parks, settlement.Rho)
		}
		for _, park := range day.Parks {
			if park.Bill > park.BaselineCost {
				t.Errorf("%s: %s pays %.6f, without storage %.6f", day.Date, park.Name, park.Bill, park.BaselineCost)
			}
		}
	})
}

func booksBalance(t *testing.T, seen *lived) {
	eachDay(seen, func(day demo.Day, number uint32, settlement trade.Settlement) {
		if err := trade.CheckBooks(settlement, must[tariff.Tariff](seen.observer, tariff.Key(number))); err != nil {
			t.Error(err)
		}
		bills := new(big.Int)
		for _, park := range day.Parks {
			bills.Add(bills, exact(t, park.BillAmount))
		}
		total, due, kept := value(t, settlement.TotalBills), value(t, settlement.GridDue), value(t, settlement.OperatorDue)
		if bills.Cmp(total) != 0 {
			t.Errorf("%s: the parks' bills add up to %s, the settlement says %s", day.Date, bills, total)
		}
		if paid := new(big.Int).Add(due, kept); paid.Cmp(total) != 0 {
			t.Errorf("%s: the parks pay %s, grid company and operator get %s", day.Date, total, paid)
		}
	})
}

func exact(t *testing.T, amount string) *big.Int {
	t.Helper()
	number, is := new(big.Int).SetString(amount, 10)
	if !is {
		t.Fatalf("amount %q: expected a whole number", amount)
	}
	return number
}

func value(t *testing.T, encoded []byte) *big.Int {
	t.Helper()
	number, err := contract.DecodeValue(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// billsAreProven holds no key: it rebuilds each bill's commitment from the
// sealed readings and the settlement's public weights, and opens it with the
// amount and blinding that the park shows.
func billsAreProven(t *testing.T, seen *lived) {
	proven := 0
	eachDay(seen, func(day demo.Day, number uint32, settlement trade.Settlement) {
		for _, park := range day.Parks {
			bill := must[trade.Bill](seen.observer, trade.BillKey(number, park.Name))
			sealed := must[contract.Sealed](seen.observer, contract.SealedKey(contract.Reading, number, park.Name))
			form, deals, err := trade.BillForm(settlement, sealed)
			if err != nil {
				t.Fatal(err)
			}
			commitment, err := form.Value(deals)
			if err != nil {
				t.Fatal(err)
			}
			if encoded := commitment.Bytes(); !bytes.Equal(encoded[:], bill.Commitment) {
				t.Errorf("%s: the bill of %s commits to %x, its readings to %x", day.Date, park.Name, bill.Commitment, encoded)
			}
			amount := exact(t, park.BillAmount)
			if err := vault.CheckOpening(commitment, vault.Sum{Value: amount, Blinding: *blinding(t, park)}); err != nil {
				t.Errorf("%s: %s shows %s: %v", day.Date, park.Name, amount, err)
			}
			another := new(big.Int).Add(amount, big.NewInt(1))
			if vault.CheckOpening(commitment, vault.Sum{Value: another, Blinding: *blinding(t, park)}) == nil {
				t.Errorf("%s: %s could show another amount", day.Date, park.Name)
			}
			if money := micros(amount, seen.observer.document.Minutes); fmt.Sprintf("%.6f", park.Bill) != money {
				t.Errorf("%s: %s is billed %.6f, proven are %s", day.Date, park.Name, park.Bill, money)
			}
			proven++
		}
	})
	if proven != 6 {
		t.Errorf("%d bills proven, expected six", proven)
	}
}

func blinding(t *testing.T, park demo.Park) *group.Scalar {
	t.Helper()
	decoded, err := hex.DecodeString(park.BillBlinding)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := group.DecodeScalar(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return scalar
}

// micros is an exact amount in 2^-40 Cost floored to 1e-6 currency, as text.
func micros(amount *big.Int, minutes int) string {
	scaled := new(big.Int).Mul(amount, big.NewInt(int64(minutes)))
	unit := new(big.Int).Lsh(big.NewInt(60*1000), 40) // a Cost is 1e-9 currency times hours
	scaled.Div(scaled, unit)
	return new(big.Rat).SetFrac(scaled, big.NewInt(1_000_000)).FloatString(6)
}

func contractsAreSettled(t *testing.T, seen *lived) {
	parties := []string{"park1", "park2", "park3", network.OperatorName}
	eachDay(seen, func(day demo.Day, number uint32, settlement trade.Settlement) {
		inForce := must[scheduling.InForce](seen.observer, scheduling.InForceKey(number))
		for _, party := range parties {
			made := must[trade.Contract](seen.observer, trade.ContractKey(trade.ContractID(number, inForce.Version, party)))
			if made.State != trade.Settled || len(made.Confirmed) != 2 || made.Counterparty != network.GridName {
				t.Errorf("%s: the contract of %s is %s, confirmed by %v: expected settled and both sides", day.Date, party, made.State, made.Confirmed)
			}
		}
		for _, park := range day.Parks {
			if bill := must[trade.Bill](seen.observer, trade.BillKey(number, park.Name)); bill.State != trade.BillAccepted || park.State != trade.Settled {
				t.Errorf("%s: the bill of %s is %s, its contract %s", day.Date, park.Name, bill.State, park.State)
			}
		}
	})
}
