package feed

import (
	"encoding/hex"
	"fmt"
	"time"
)

// Hex is bytes that JSON shows as lower-case hexadecimal: hashes and addresses.
type Hex []byte

// String is the lower-case hexadecimal form.
func (h Hex) String() string { return hex.EncodeToString(h) }

// MarshalText implements encoding.TextMarshaler.
func (h Hex) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hex) UnmarshalText(text []byte) error {
	decoded, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("hexadecimal %.80q: %w", text, err)
	}
	*h = decoded
	return nil
}

// Block is one final block: what it carried and what it changed.
type Block struct {
	Height       int64         `json:"height"`
	BlockTime    time.Time     `json:"block_time"`
	LedgerTime   int64         `json:"ledger_time"` // Unix seconds
	Hash         Hex           `json:"hash"`        // of the header
	AppHash      Hex           `json:"app_hash"`    // of the state after this block; header Height+1 commits to it
	Proposer     Hex           `json:"proposer"`    // consensus address, 20 bytes
	Transactions []Transaction `json:"transactions"`
	Changes      []Change      `json:"changes"` // in ascending order of the keys
}

// Transaction is a transaction in a block with its outcome.
type Transaction struct {
	Hash  Hex    `json:"hash"` // SHA-256 of Bytes
	Bytes []byte `json:"bytes"`
	Code  uint32 `json:"code"` // 0: accepted
	Log   string `json:"log,omitempty"`
}

// Change is one record that a block wrote or deleted.
type Change struct {
	Key     string `json:"key"`
	Value   []byte `json:"value,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`
}

// Inclusion says in which block a transaction is and what became of it.
type Inclusion struct {
	Hash   Hex    `json:"hash"`
	Height int64  `json:"height"`
	Code   uint32 `json:"code"` // 0: accepted
	Log    string `json:"log,omitempty"`
}

// Status is a node's view of the chain and of itself.
type Status struct {
	ChainID    string      `json:"chain_id"`
	Height     int64       `json:"height"`
	LedgerTime int64       `json:"ledger_time"` // Unix seconds
	BlockTime  time.Time   `json:"block_time"`
	AppHash    Hex         `json:"app_hash"` // of the state after block Height
	Node       string      `json:"node"`     // the node's name
	Validators []Validator `json:"validators"`
	CatchingUp bool        `json:"catching_up"`
	Peers      int         `json:"peers"`
}

// Validator is one voting member of the consensus.
type Validator struct {
	Address   Hex   `json:"address"`    // 20 bytes
	PublicKey Hex   `json:"public_key"` // Ed25519
	Power     int64 `json:"power"`
}

// Record is a key with its value.
type Record struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
}

// ProvenRecord is the state of one key after block Height, with a proof
// against the app hash in header Height+1.
type ProvenRecord struct {
	Key    string `json:"key"`
	Height int64  `json:"height"`
	Absent bool   `json:"absent,omitempty"`
	Value  []byte `json:"value,omitempty"`
	Proof  []byte `json:"proof"` // ICS-23 commitment proof, protobuf
}

// Records is a list of records under a prefix, as the node tells it, unproven.
type Records struct {
	Height    int64    `json:"height"`
	Records   []Record `json:"records"`
	Truncated bool     `json:"truncated,omitempty"` // more than the limit
}

// LightBlock carries a signed header with its validator set.
type LightBlock struct {
	Height int64  `json:"height"`
	Block  []byte `json:"light_block"` // the engine's LightBlock, protobuf
}

// Submitted acknowledges that a transaction waits for a block.
type Submitted struct {
	Hash Hex `json:"hash"`
}

// Failure is the body of every answer that is not what was asked for.
type Failure struct {
	Error string `json:"error"`
}
