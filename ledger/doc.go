// Package ledger is Sesame's state machine: what a block of decided
// transactions does to the state that all members share.
//
// The machine is pure. It has no network, no disk, no clock of the wall and no
// random numbers; blocks come in, a result and an app hash come out, the same
// on every node, to the bit. Whoever runs it brings the rest: package node the
// consensus engine and the state on disk, a test a loop over blocks. What it
// knows between two blocks is in the state alone, so a machine that was
// restarted goes on as if nothing had been.
//
//	machine := ledger.New(store)
//	appHash, err := machine.InitChain(genesisDocument, genesisTime)
//	for each decided block {
//		result, err := machine.FinalizeBlock(block)
//		_, err = machine.Commit()
//	}
//
// # A block
//
// FinalizeBlock does this, in this order:
//
//  1. It advances ledger time by the genesis document's factor times the time
//     since the block before, at most its cap (clock.go). There is no other
//     clock.
//  2. The committee's contract notes who signed the block before and removes
//     members that signed two blocks of one height.
//  3. All moments of ledger time that have come are run in their order: the
//     gates of the day, its periods, the close of the readings (moments.go).
//     Contracts ask to be woken with contract.Wake.
//  4. Each transaction runs on an overlay of its own. A refusal, or a fault of
//     our own code, leaves no trace in the state (transactions.go).
//  5. The vault's contract closes rounds that are complete or out of time, and
//     what they were opened for follows: a forecast round plans the day in this
//     very block, a reading round settles it. The trade contract then drafts
//     the contracts of plans that came into force.
//  6. A hand-over of the shares to other keepers takes its next step.
//  7. The committee's contract says what has changed among the validators.
//
// A fault outside a transaction is returned as an error: the engine stops
// where all others stop, and nobody carries on with a guess.
//
// # Transactions
//
// A transaction is a signed envelope (package transaction) with a body that a
// contract defines. The table in routes.go lists every kind with the roles that
// may send it; there is no other way in. The envelope says until which height
// it may be included, and until then the ledger remembers it against replay.
//
// # The state
//
// Keys are readable paths, values canonical CBOR (package record); each
// contract documents its own in records.go, and DecodeRecord shows any of them
// to people. The store keeps the state in a Merkle tree (package merkle), so
// that each record can be proven to somebody who trusts no node.
//
// # Contracts
//
// Each contract is a package under contract/: committee (who takes part),
// alerts, tariff (the day's prices and moments), vault (sealed series and what
// is opened of them), scheduling (the plan), control (signals and outcomes of
// the battery), trade (purchase, sale and settlement). They call each other's
// functions in this order only, never backward.
package ledger
