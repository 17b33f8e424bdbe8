// Package interior solves the relaxation of the scheduling problem, without
// the 0-1 directions, by an interior point method: the paper's own way, with
// the predictor and corrector of Mehrotra (SIAM Journal on Optimization 2,
// 1992). In the relaxation the storage may charge and discharge at once, so
// its cost lies below that of every real plan where that pays.
//
// It computes in floating point, proves nothing and is no part of the ledger.
// It is there to compare with the exact answer and as an independent oracle in
// tests: it shares with the exact solver only the problem, not the merit order.
package interior
