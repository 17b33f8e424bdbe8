// Package model states the scheduling problem of one shared storage in whole
// numbers: the problem itself, the lattice on which stored energy is an exact
// integer, the window of the end energy, and the merit order, which is the
// cost of changing the stored energy in one period.
//
// It is the common ground of the solver (package schedule) and of the checker
// (package certificate), which share nothing else. It decides nothing.
//
// Source: Liu & Ai 2024, section 3.1 (doi 10.3389/fenrg.2024.1476620), brought
// to community sums: the optimum depends on the parks only through the sums of
// their surpluses and of their deficits.
package model
