// Package sharing is the rule by which the parks share what the storage saves
// (docs/planning.md), in exact integers.
//
// A park's bill is what it would have paid without storage less a rebate,
//
//	bill_i = B_i - rho U_i,
//
// both sums linear in the park's metered surplus and deficit with public
// coefficients, so that a bill can be computed on commitments. The rule rests
// on what was metered, never on forecasts. The package computes; it neither
// opens values nor moves money.
package sharing
