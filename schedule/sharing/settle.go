package sharing

import (
	"fmt"
	"math/big"

	"github.com/sesame-energy/sesame/energy"
)

// Stored is the energy in the storage at the start and at the end, and the end
// energy asked for, in units of 1/PerWattHour Wh: 1 on the ledger, which
// meters whole Wh.
type Stored struct {
	Start, End, Target int64
	PerWattHour        int64
}

// Metered is what the storage's meter and the community's showed, one entry
// per period. Surplus matters only where Charge is not 0 and Deficit only
// where Discharge is not 0; elsewhere the ledger leaves them closed, and 0
// stands.
type Metered struct {
	Charge, Discharge []energy.Watt
	Surplus, Deficit  []energy.Watt
	Stored            Stored
}

// Settlement is the outcome of one horizon. Exact figures are in 2^-40 of an
// energy.Cost unit; Terms.Floor makes money of them.
type Settlement struct {
	Rho      int64    // R: rho is R / 2^40, 0 <= R <= 2^40
	Bills    *big.Int // what the parks pay together, exact
	GridDue  *big.Int // what the grid company is due, exact
	Operator *big.Int // what is left for the operator, Bills - GridDue, exact
	Saving   *big.Rat // what the storage saved, in energy.Cost units
}

// Settle applies the rule of docs/planning.md. sumU and sumB are sum_i U_i and
// sum_i B_i in energy.Cost units, over the same parks as the community sums.
func (r Terms) Settle(m Metered, sumU, sumB *big.Int) (Settlement, error) {
	if err := r.check(m); err != nil {
		return Settlement{}, err
	}
	if sumU.Sign() < 0 {
		return Settlement{}, fmt.Errorf("sum of U is %v, expected 0 or more", sumU)
	}
	saving := r.saving(m)
	rho := r.rho(saving, sumU)
	bills := new(big.Int).Lsh(sumB, rhoBits)
	bills.Sub(bills, new(big.Int).Mul(big.NewInt(rho), sumU))
	due := new(big.Int).Lsh(r.gridDue(m, sumB), rhoBits)
	return Settlement{
		Rho:      rho,
		Bills:    bills,
		GridDue:  due,
		Operator: new(big.Int).Sub(bills, due),
		Saving:   saving,
	}, nil
}

func (r Terms) check(m Metered) error {
	periods := len(r.Buy)
	if len(r.Sell) != periods || len(m.Charge) != periods || len(m.Discharge) != periods || len(m.Surplus) != periods || len(m.Deficit) != periods {
		return fmt.Errorf("%d buying prices, %d selling prices, %d charges, %d discharges, %d surpluses, %d deficits: expected as many of each",
			periods, len(r.Sell), len(m.Charge), len(m.Discharge), len(m.Surplus), len(m.Deficit))
	}
	for t := range periods {
		if min(m.Charge[t], m.Discharge[t], m.Surplus[t], m.Deficit[t]) < 0 {
			return fmt.Errorf("period %d: charge %d W, discharge %d W, surplus %d W, deficit %d W: expected none below 0",
				t+1, m.Charge[t], m.Discharge[t], m.Surplus[t], m.Deficit[t])
		}
	}
	if m.Stored.PerWattHour < 1 {
		return fmt.Errorf("stored energy in 1/%d Wh, expected 1/1 or finer", m.Stored.PerWattHour)
	}
	if r.Minutes < 1 || 60%r.Minutes != 0 {
		return fmt.Errorf("periods of %d minutes, expected a part of an hour", r.Minutes)
	}
	if r.Sharing.Reference < 0 {
		return fmt.Errorf("reference value %d, expected 0 or more", r.Sharing.Reference)
	}
	if r.Sharing.OperatorShare < 0 || r.Sharing.OperatorShare > energy.PartsOne {
		return fmt.Errorf("operator's share %d, expected 0 to %d", r.Sharing.OperatorShare, energy.PartsOne)
	}
	return nil
}

// saving is what the storage saved:
//
//	sum_t [(cb - delta) b + cs (DIS - b) - (cs + delta) a - cb (CH - a)] + v dE
//
// and, without grid trade of the storage, less sum_t delta (CH - a + DIS - b),
// docs/planning.md. dE = E_T - E_0, under EndAtLeast not more than target - E_0.
func (r Terms) saving(m Metered) *big.Rat {
	sum, rest := new(big.Int), int64(0)
	if !r.GridTrade {
		rest = int64(r.Fee)
	}
	for t := range r.Buy {
		buy, sell, fee := int64(r.Buy[t]), int64(r.Sell[t]), int64(r.Fee)
		a := r.SurplusTaken(t, m.Charge[t], m.Surplus[t])
		b := r.DeficitServed(t, m.Discharge[t], m.Deficit[t])
		addProduct(sum, buy-fee, int64(b))
		addProduct(sum, sell-rest, int64(m.Discharge[t]-b))
		addProduct(sum, -sell-fee, int64(a))
		addProduct(sum, -buy-rest, int64(m.Charge[t]-a))
	}
	value := r.valueOf(m.Stored)
	return value.Add(value, new(big.Rat).SetInt(sum))
}

// valueOf is v dE, in energy.Cost units.
func (r Terms) valueOf(s Stored) *big.Rat {
	end := s.End
	if r.EndRule == energy.EndAtLeast {
		end = min(end, s.Target)
	}
	// One price unit times one Wh is 60/minutes energy.Cost units.
	stored := new(big.Int).Mul(big.NewInt(end-s.Start), big.NewInt(int64(r.Sharing.Reference)))
	stored.Mul(stored, big.NewInt(int64(60/r.Minutes)))
	return new(big.Rat).SetFrac(stored, big.NewInt(s.PerWattHour))
}

// RhoOf is R for a community that saved so much money, energy.Cost units, in
// more ways than those that Settle knows. The terms must be sound, as Settle
// finds them.
func (r Terms) RhoOf(saved *big.Int, s Stored, sumU *big.Int) int64 {
	value := r.valueOf(s)
	return r.rho(value.Add(value, new(big.Rat).SetInt(saved)), sumU)
}

// rho is R = min(2^40, floor(2^40 (1 - theta) saving / sum_i U_i)), and 0
// where the saving or the sum is not positive, docs/planning.md.
func (r Terms) rho(saving *big.Rat, sumU *big.Int) int64 {
	if saving.Sign() <= 0 || sumU.Sign() <= 0 {
		return 0
	}
	numerator := new(big.Int).Lsh(saving.Num(), rhoBits)
	numerator.Mul(numerator, big.NewInt(int64(energy.PartsOne-r.Sharing.OperatorShare)))
	denominator := new(big.Int).Mul(saving.Denom(), big.NewInt(int64(energy.PartsOne)))
	denominator.Mul(denominator, sumU)
	quotient := numerator.Quo(numerator, denominator)
	if quotient.Cmp(big.NewInt(RhoOne)) >= 0 {
		return RhoOne
	}
	return quotient.Int64()
}

// gridDue is what the grid company is due, in energy.Cost units,
//
//	sum_t [cb (D - b + CH - a) - cs (S - a + DIS - b)]
//	  = sum_i B_i + sum_t [cb (CH - a - b) - cs (DIS - b - a)],
//
// docs/planning.md; the second form needs no sums beyond those opened.
func (r Terms) gridDue(m Metered, sumB *big.Int) *big.Int {
	due := new(big.Int).Set(sumB)
	for t := range r.Buy {
		a := r.SurplusTaken(t, m.Charge[t], m.Surplus[t])
		b := r.DeficitServed(t, m.Discharge[t], m.Deficit[t])
		addProduct(due, int64(r.Buy[t]), int64(m.Charge[t]-a-b))
		addProduct(due, -int64(r.Sell[t]), int64(m.Discharge[t]-b-a))
	}
	return due
}

// BillWeights are the public coefficients of a bill in period t, in 2^-40 of
// an energy.Cost unit per W: bill_i = sum_t (onDeficit D_it + onSurplus S_it),
//
//	onDeficit_t = 2^40 cb_t - R kappa_t,   onSurplus_t = -2^40 cs_t - R sigma_t,
//
// docs/planning.md.
func (r Terms) BillWeights(t int, rho int64) (onSurplus, onDeficit *big.Int) {
	onSurplus = new(big.Int).Lsh(big.NewInt(-int64(r.Sell[t])), rhoBits)
	addProduct(onSurplus, -rho, int64(r.Sigma(t)))
	onDeficit = new(big.Int).Lsh(big.NewInt(int64(r.Buy[t])), rhoBits)
	addProduct(onDeficit, -rho, int64(r.Kappa(t)))
	return onSurplus, onDeficit
}

// Bill is B_i - rho U_i of a profile, exact, in 2^-40 of an energy.Cost unit.
func (r Terms) Bill(rho int64, surplus, deficit []energy.Watt) *big.Int {
	bill := r.WithoutStorage(surplus, deficit)
	bill.Lsh(bill, rhoBits)
	rebate := r.Use(surplus, deficit)
	return bill.Sub(bill, rebate.Mul(rebate, big.NewInt(rho)))
}

// Floor rounds an exact amount in 2^-40 of an energy.Cost unit down to 1e-6
// currency, as a bill shows it. Amounts beyond 63 bits saturate.
func (r Terms) Floor(exact *big.Int) energy.Money {
	// One energy.Cost unit is minutes/60 x 1e-3 of 1e-6 currency.
	numerator := new(big.Int).Mul(exact, big.NewInt(int64(r.Minutes)))
	denominator := new(big.Int).Lsh(big.NewInt(60*1000), rhoBits)
	money := numerator.Div(numerator, denominator) // Euclidean: floor for a positive divisor
	switch {
	case money.IsInt64():
		return energy.Money(money.Int64())
	case money.Sign() < 0:
		return -1 << 63
	default:
		return 1<<63 - 1
	}
}
