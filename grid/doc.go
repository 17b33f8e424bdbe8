// Package grid is the grid company's node: it publishes each day's tariff in
// time, is counterparty of every purchase and sale contract, and judges the
// bills that parks send it.
//
// It unseals what is sealed to the company, checks it - lines against the
// tariff, bills against the commitment on the ledger - and says on the ledger
// what came of it. What it has unsealed it keeps in its own database, which its
// loopback page shows. The meter service, which compares sealed readings with
// the company's meters, comes with the proofs for readings.
package grid
