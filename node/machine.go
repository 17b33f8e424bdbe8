package node

import (
	"time"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/merkle"
)

// Machine is the deterministic state machine that the node runs.
type Machine interface {
	// InitChain sets the state before the first block from the genesis
	// document and gives its app hash. It is called again if the node stopped
	// before the first block was committed.
	InitChain(document []byte, genesisTime time.Time) (appHash []byte, err error)
	// CheckTx refuses a transaction that can be seen to fail, cheaply.
	CheckTx(transaction []byte) error
	// FinalizeBlock carries out a decided block.
	FinalizeBlock(block ledger.Block) (ledger.Result, error)
	// Commit makes the block's state the next version. Blocks below
	// retainHeight may be dropped; 0 keeps all.
	Commit() (retainHeight int64, err error)
}

// State is the committed state that the node proves and lists records from.
type State interface {
	Committed() (version int64, appHash []byte)
	Prove(version int64, key string) (value, proof []byte, err error)
	List(version int64, prefix, after string, limit int) (records []merkle.Record, more bool, err error)
}
