// Package schedule plans one storage that several parks share: the exact
// optimum with the 0-1 directions of the paper, in integers only, with a
// certificate that proves how far from the optimum the plan can be at most.
//
// The same code runs offline and in the ledger's scheduling contract, so it is
// deterministic to the bit, uses no floating point, no clock, no randomness,
// and its work is bounded. Package certificate checks its answers and shares
// only package model with it; package sharing says who pays what.
//
// FromCase makes a problem of a case, or fill in a Problem: a day's prices, the
// parks' sums and the storage. Solve plans it, SolveRest plans anew what is left
// of it once the storage holds another energy than was planned.
//
// Source: Liu & Ai 2024, section 3.1 (doi 10.3389/fenrg.2024.1476620).
package schedule
