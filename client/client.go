package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"time"

	"github.com/sesame-energy/sesame/ledger/feed"
)

// The feed's words, so that a role needs one import only.
type (
	// Block is one final block: transactions with outcome, records changed.
	Block = feed.Block
	// Transaction is a transaction in a block.
	Transaction = feed.Transaction
	// Change is one record that a block wrote or deleted.
	Change = feed.Change
	// Inclusion says in which block a transaction is and what became of it.
	Inclusion = feed.Inclusion
	// Status is a node's view of the chain.
	Status = feed.Status
)

// Anchor is what a client trusts: the beginning of the chain, from the genesis
// document.
type Anchor struct {
	ChainID    string
	Time       time.Time // genesis time
	Validators []Validator
}

// Validator is a consensus key with its power at genesis.
type Validator struct {
	PublicKey ed25519.PublicKey
	Power     int64
}

// Config says whom to ask and what to trust.
type Config struct {
	URLs      []string     // base URLs of nodes, "http://127.0.0.1:8080"; the first that answers is used
	Anchor    Anchor       //
	TrustFile string       // keeps the last verified header between runs; "" keeps it in memory
	Logger    *slog.Logger // nil: silent
}

// Record is the proven state of one key.
type Record struct {
	Key    string
	Value  []byte // nil where Found is false
	Found  bool
	Height int64 // the state after this block
}

// Refused is the error of a transaction that the ledger does not take.
type Refused struct {
	Hash   []byte
	Height int64 // 0: refused before it was in a block
	Code   uint32
	Reason string
}

var errNotYet = errors.New("client: not built yet")

// Client is a connection to the ledger. It is safe for concurrent use.
type Client struct {
	config Config
}

// New checks the configuration; it does not connect.
func New(config Config) (*Client, error) { return &Client{config: config}, nil }

// Status asks a node for its view of the chain.
func (c *Client) Status(ctx context.Context) (Status, error) { return Status{}, errNotYet }

// Submit hands a signed transaction to the ledger and waits until a block has
// it, sending it again every few blocks. The error is a *Refused where the
// ledger does not take it, before inclusion or in the block.
func (c *Client) Submit(ctx context.Context, transaction []byte) (Inclusion, error) {
	return Inclusion{}, errNotYet
}

// Block is the block at a height, the node's word.
func (c *Client) Block(ctx context.Context, height int64) (Block, error) { return Block{}, errNotYet }

// Follow visits every block from height from on (1 is the first, 0 means from
// the newest on), in order and each once, and goes on until ctx ends or visit
// fails; it returns the reason. It reconnects and moves to another node by
// itself.
func (c *Client) Follow(ctx context.Context, from int64, visit func(Block) error) error {
	return errNotYet
}

// Get reads one record from the newest provable state, verified.
func (c *Client) Get(ctx context.Context, key string) (Record, error) { return Record{}, errNotYet }

// GetAt reads one record from the state after block height, verified.
func (c *Client) GetAt(ctx context.Context, key string, height int64) (Record, error) {
	return Record{}, errNotYet
}

// List gives the records under a prefix in ascending order of their keys, at
// most limit (0: the node's own limit), unproven.
func (c *Client) List(ctx context.Context, prefix string, limit int) ([]feed.Record, error) {
	return nil, errNotYet
}

// Error implements error.
func (r *Refused) Error() string { return "transaction refused: " + r.Reason }
