package sharing

import (
	"math/big"

	"github.com/sesame-energy/sesame/energy"
)

// RhoOne is the denominator of rho, 2^40.
const RhoOne = 1 << 40

// Terms is what is fixed before the periods begin.
type Terms struct {
	Minutes   int // length of a period
	Buy, Sell []energy.Price
	Fee       energy.Price   // delta
	GridTrade bool           // the storage itself trades with the grid
	EndRule   energy.EndRule // under EndAtLeast stored energy beyond the target is no saving
	Sharing   energy.Sharing // v and theta
}

// Stored is the energy in the storage at the beginning and the end, and the
// end energy asked for, in units of 1/PerWattHour Wh (1 on the ledger, which
// meters whole Wh).
type Stored struct {
	Start, End, Target int64
	PerWattHour        int64
}

// Metered is what the community's meters and the storage's showed, one entry
// per period. Surplus matters only where Charge is not 0, Deficit only where
// Discharge is not 0; elsewhere the ledger leaves them closed and 0 stands.
type Metered struct {
	Charge, Discharge []energy.Watt
	Surplus, Deficit  []energy.Watt
	Stored            Stored
}

// Kappa is what one kWh of deficit in period t contributes to a profile's use,
// kappa_t = max(0, cb - delta - max(v, cs)), design section 6.
func (t Terms) Kappa(period int) energy.Price { return 0 }

// Sigma is what one kWh of surplus in period t contributes,
// sigma_t = max(0, min(v, cb) - cs - delta), design section 6.
func (t Terms) Sigma(period int) energy.Price { return 0 }

// SurplusTaken is a_t = min(CH_t, S_t) where cs + delta < cb, else 0.
func (t Terms) SurplusTaken(period int, charge, surplus energy.Watt) energy.Watt { return 0 }

// DeficitServed is b_t = min(DIS_t, D_t) where cb - delta > cs, else 0.
func (t Terms) DeficitServed(period int, discharge, deficit energy.Watt) energy.Watt { return 0 }

// WithoutStorage is B_i = sum_t (cb D - cs S), in energy.Cost units: what a
// profile costs with no storage.
func (t Terms) WithoutStorage(surplus, deficit []energy.Watt) *big.Int { return new(big.Int) }

// Use is U_i = sum_t (kappa D + sigma S), in energy.Cost units: how much a
// profile makes the storage useful.
func (t Terms) Use(surplus, deficit []energy.Watt) *big.Int { return new(big.Int) }

// Settlement is the outcome of one horizon. Exact figures are in 2^-40 of an
// energy.Cost unit.
type Settlement struct {
	Rho       int64    // R: rho is R / 2^40, 0 <= R <= 2^40
	GridDue   *big.Int // what the grid company is due, exact
	Bills     *big.Int // what the parks pay together, exact
	Operator  *big.Int // what is left for the storage's operator: Bills - GridDue
	SumB      *big.Int // in energy.Cost units
	SavingNum *big.Int // the saving in energy.Cost units is SavingNum / SavingDen
	SavingDen *big.Int
}

// Settle applies the rule: the totals sumU and sumB are sum_i U_i and
// sum_i B_i in energy.Cost units.
func (t Terms) Settle(m Metered, sumU, sumB *big.Int) (Settlement, error) { return Settlement{}, nil }

// BillWeights are the public coefficients of a bill in period t, in 2^-40 of
// an energy.Cost unit per W: bill_i = sum_t (deficit_t D_it + surplus_t S_it),
//
//	deficit_t = 2^40 cb_t - R kappa_t,   surplus_t = -2^40 cs_t - R sigma_t.
func (t Terms) BillWeights(period int, rho int64) (deficit, surplus *big.Int) {
	return new(big.Int), new(big.Int)
}

// Bill is the bill of a profile, exact, in 2^-40 of an energy.Cost unit.
func (t Terms) Bill(rho int64, surplus, deficit []energy.Watt) *big.Int { return new(big.Int) }

// Floor rounds an exact amount in 2^-40 of an energy.Cost unit down to 1e-6
// currency, as a bill shows it.
func (t Terms) Floor(exact *big.Int) energy.Money { return 0 }
