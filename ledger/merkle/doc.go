// Package merkle keeps the ledger's state so that every record can be proven:
// a versioned Merkle tree on disk, one version per block.
//
// The tree is cosmos/iavl on goleveldb, its proofs are ICS-23; why, and how
// fast, stands in docs/adr/0002-state-store-and-proofs.md. The tree knows keys
// and values only, not what they mean. Whoever checks a proof needs package
// proof alone.
package merkle
