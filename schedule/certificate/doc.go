// Package certificate checks a plan and the proof that it is as cheap as any,
// without believing whoever made them.
//
// A certificate is for each moment t = 0..T a piecewise linear function W_t of
// the stored energy with whole breakpoints and values, claimed never to exceed
// the least cost of the rest of the horizon:
//
//	W_T(E)     <= 0                  for every allowed end energy E
//	W_{t-1}(E) <= c_t(x) + W_t(E+x)  for every period t, energy E and change x
//
// Where both hold, baseline + W_0(E_0) is a bound on the cost of every
// feasible plan, 0-1 directions included, because the inequalities add up
// along any plan. The check is exact.
//
// With a demand charge a certificate is a list of such, for caps on the import
// (peaks.go).
//
// The package shares with the solver the problem and its merit order (package
// model) and nothing else.
package certificate
