// Package energy holds the words of the trade: power, energy and price as
// integers with their units, the horizon of a schedule, the tariff, the shared
// storage, the parks and the case that brings them together.
//
// It computes nothing that needs a decision (package schedule does) and knows
// no ledger, no network and no clock. The model is that of Liu & Ai 2024,
// section 3.1 (doi 10.3389/fenrg.2024.1476620).
package energy
