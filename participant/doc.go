// Package participant is what every role that is not a node has in common: its
// home folder with its identity, its connection to the ledger, ledger time,
// transactions in its name, and a loopback page and a database for its own
// records.
//
// What a role does with them is the role's own package (park, grid, ...).
package participant
