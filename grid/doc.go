// Package grid is the grid company's node: it publishes each day's tariff in
// time, is counterparty of every purchase and sale contract, judges the bills
// that parks send it, and compares their sealed readings with its own meters.
//
// It unseals what is sealed to the company, checks it - lines against the
// tariff, bills against the commitment on the ledger, net values against its
// meters' daily files - and says on the ledger what came of it. What it has
// unsealed it keeps in its own database, which its loopback page shows. What is
// compared and signed, and why so, stands in
// docs/adr/0009-readings-and-the-meter.md.
package grid
