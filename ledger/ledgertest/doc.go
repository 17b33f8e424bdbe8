// Package ledgertest runs whole days of the ledger in memory, without a
// network and without waiting: the real state machine over the real Merkle
// store, driven block by block, and the roles that take part in it - members
// that check shares and open sums, parks that seal their series, the storage
// operator, the grid company - each in the few lines that the ledger's rules
// ask of it, with real keys.
//
// It is for tests. The daemons are packages of their own.
package ledgertest
