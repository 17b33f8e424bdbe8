package sharing

import (
	"math/big"

	"github.com/sesame-energy/sesame/energy"
)

// RhoOne is the denominator of rho, 2^40.
const RhoOne int64 = 1 << rhoBits

const rhoBits = 40

// Terms is what is fixed before the periods begin.
type Terms struct {
	Minutes   int            // length of a period
	Buy, Sell []energy.Price // cb_t >= cs_t, one entry per period
	Fee       energy.Price   // delta
	GridTrade bool           // the storage itself trades with the grid
	EndRule   energy.EndRule // under EndAtLeast energy beyond the target is no saving
	Sharing   energy.Sharing // v and theta
}

// Kappa is what deficit in period t contributes to a profile's use,
// kappa_t = max(0, cb_t - delta - max(v, cs_t)), docs/planning.md.
func (r Terms) Kappa(t int) energy.Price {
	return max(0, r.Buy[t]-r.Fee-max(r.Sharing.Reference, r.Sell[t]))
}

// Sigma is what surplus in period t contributes to a profile's use,
// sigma_t = max(0, min(v, cb_t) - cs_t - delta), docs/planning.md.
func (r Terms) Sigma(t int) energy.Price {
	return max(0, min(r.Sharing.Reference, r.Buy[t])-r.Sell[t]-r.Fee)
}

// SurplusTaken is a_t = min(CH_t, S_t) where cs_t + delta < cb_t, else 0,
// docs/planning.md. Where the storage does not trade with the grid itself, all
// its energy passes through parks and bears the fee: their surplus then comes
// first wherever cs_t < cb_t.
func (r Terms) SurplusTaken(t int, charge, surplus energy.Watt) energy.Watt {
	if r.parksFirst(t) {
		return min(charge, surplus)
	}
	return 0
}

// DeficitServed is b_t = min(DIS_t, D_t) where cb_t - delta > cs_t, without
// grid trade of the storage where cb_t > cs_t, else 0, docs/planning.md.
func (r Terms) DeficitServed(t int, discharge, deficit energy.Watt) energy.Watt {
	if r.parksFirst(t) {
		return min(discharge, deficit)
	}
	return 0
}

// parksFirst says whether the storage does better with the parks' own surplus
// and deficit than with the grid.
func (r Terms) parksFirst(t int) bool {
	fee := r.Fee
	if !r.GridTrade {
		fee = 0 // it falls on either
	}
	return r.Sell[t]+fee < r.Buy[t]
}

// WithoutStorage is B_i = sum_t (cb_t D_it - cs_t S_it), in energy.Cost units:
// what a profile costs with no storage, docs/planning.md. Both series have one
// entry per period, W.
func (r Terms) WithoutStorage(surplus, deficit []energy.Watt) *big.Int {
	return form(surplus, deficit, func(t int) (onSurplus, onDeficit energy.Price) { return -r.Sell[t], r.Buy[t] })
}

// Use is U_i = sum_t (kappa_t D_it + sigma_t S_it), in energy.Cost units: how
// much a profile makes the storage useful, docs/planning.md.
func (r Terms) Use(surplus, deficit []energy.Watt) *big.Int {
	return form(surplus, deficit, func(t int) (onSurplus, onDeficit energy.Price) { return r.Sigma(t), r.Kappa(t) })
}

// form is the linear form of a profile with the coefficients of each period.
func form(surplus, deficit []energy.Watt, coefficients func(t int) (onSurplus, onDeficit energy.Price)) *big.Int {
	sum := new(big.Int)
	for t := range surplus {
		onSurplus, onDeficit := coefficients(t)
		addProduct(sum, int64(onSurplus), int64(surplus[t]))
		addProduct(sum, int64(onDeficit), int64(deficit[t]))
	}
	return sum
}

func addProduct(sum *big.Int, a, b int64) {
	if a != 0 && b != 0 {
		sum.Add(sum, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
	}
}
