// Package model states the scheduling problem of one shared storage in whole
// numbers: the problem itself, the lattice on which stored energy is an exact
// integer, the window of the end energy, and the merit order, which is the
// cost of changing the stored energy in one period.
//
// It is the common ground of the solver (package schedule) and of the checker
// (package certificate), which share nothing else. It decides nothing.
//
// The merit order (merit.go) sorts steps (steps.go) by price: the surpluses and
// deficits of the parks' tariffs, trade through parks and the storage's own.
// Local trade puts what parks do among themselves in front (local.go), limits
// begin it further on (forced.go), a cap on the import ends it (cap.go); Flows
// are the same steps, shared out to the parks' tariffs (flows.go).
//
// Source: Liu & Ai 2024, section 3.1 (doi 10.3389/fenrg.2024.1476620), brought
// to community sums: the optimum depends on the parks only through the sums of
// their surpluses and of their deficits, by tariff.
package model
