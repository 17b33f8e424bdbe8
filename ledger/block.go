package ledger

import (
	"time"

	"github.com/sesame-energy/sesame/ledger/record"
)

// Block is what the consensus engine hands to the state machine: decided, the
// same on every node.
type Block struct {
	Height       int64
	Time         time.Time // weighted median of the previous height's votes; strictly rising
	Votes        []Vote    // who signed the previous block, in validator order
	Misbehavior  [][]byte  // consensus addresses (20 bytes) proven to have signed twice
	Transactions [][]byte
}

// Vote says whether a validator signed the previous block.
type Vote struct {
	Address []byte // 20 bytes
	Signed  bool
}

// Result is what a block did.
type Result struct {
	Transactions []TransactionResult // one per transaction of the block
	Validators   []ValidatorUpdate   // changes of the validator set, effective two blocks later
	Changes      []record.Change     // keys written, in ascending order
	LedgerTime   int64               // Unix seconds
	AppHash      []byte
	Faults       []string // faults of our own code that refused transactions, with their traces: for this node's log only
}

// TransactionResult says what became of a transaction: Code 0 accepted, else
// refused with the reason in Log.
type TransactionResult struct {
	Code uint32
	Log  string
}

// ValidatorUpdate sets a validator's power; 0 removes it.
type ValidatorUpdate struct {
	PublicKey []byte // Ed25519
	Power     int64
}
