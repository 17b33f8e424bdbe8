package ledgertest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

// Role is somebody who looks at the ledger after each block and sends what is
// due.
type Role interface {
	React(chain *Chain)
}

// Chain is a ledger in memory.
type Chain struct {
	T        testing.TB
	Document genesis.Document
	Genesis  []byte // the document's bytes
	Store    *merkle.Store
	Machine  *ledger.Machine

	Height   int64
	Interval time.Duration // between two blocks, in the world
	Time     time.Time     // of the last block
	Now      int64         // ledger time of the last block
	AppHash  []byte
	Blocks   []ledger.Block // all of them, to run again

	Roles   []Role
	Down    map[string]bool // members that sign no blocks
	Refused []string        // reasons of transactions that were refused

	changes     []record.Change // of the last block
	misbehavior [][]byte
	pending     [][]byte
}

// NewChain begins a ledger with the case's genesis. It has no roles yet.
func NewChain(t testing.TB, c *energy.Case) *Chain {
	t.Helper()
	return Begin(t, Document(t, c))
}

// Begin begins a ledger with a genesis document.
func Begin(t testing.TB, document genesis.Document) *Chain {
	t.Helper()
	encoded, err := genesis.Encode(document)
	if err != nil {
		t.Fatal(err)
	}
	store := merkle.InMemory()
	chain := &Chain{
		T: t, Document: document, Genesis: encoded, Store: store, Machine: ledger.New(store),
		Interval: 5 * time.Second, Time: document.GenesisTime, Down: map[string]bool{},
	}
	if chain.AppHash, err = chain.Machine.InitChain(encoded, document.GenesisTime); err != nil {
		t.Fatal(err)
	}
	return chain
}

// Submit signs a transaction for the next block and gives its bytes.
func (c *Chain) Submit(party Party, kind string, body any) []byte {
	signed := transaction.Sign(c.Document.ChainID, party.Name, kind, c.Height+50, body, party.Key)
	c.Add(signed)
	return signed
}

// Add puts an encoded transaction into the next block.
func (c *Chain) Add(encoded []byte) { c.pending = append(c.pending, encoded) }

// Accuse tells the next block that the member has signed two blocks of one height.
func (c *Chain) Accuse(member string) {
	c.misbehavior = append(c.misbehavior, committee.Address(ConsensusKey(member)))
}

// Step makes the next block of what is pending, commits it and lets the roles react.
func (c *Chain) Step() ledger.Result {
	c.T.Helper()
	block := ledger.Block{Height: c.Height + 1, Time: c.Time, Transactions: c.pending, Misbehavior: c.misbehavior}
	if c.Height > 0 {
		block.Time = c.Time.Add(c.Interval)
		block.Votes = c.votes()
	}
	c.pending, c.misbehavior = nil, nil
	result, err := c.Machine.FinalizeBlock(block)
	if err != nil {
		c.T.Fatal(err)
	}
	if _, err := c.Machine.Commit(); err != nil {
		c.T.Fatal(err)
	}
	c.changes = result.Changes
	c.Height, c.Time, c.Now, c.AppHash = block.Height, block.Time, result.LedgerTime, result.AppHash
	c.Blocks = append(c.Blocks, block)
	for _, outcome := range result.Transactions {
		if outcome.Code != 0 {
			c.Refused = append(c.Refused, outcome.Log)
		}
	}
	for _, role := range c.Roles {
		role.React(c)
	}
	return result
}

// Steps makes so many blocks.
func (c *Chain) Steps(count int) {
	c.T.Helper()
	for range count {
		c.Step()
	}
}

// RunTo makes blocks until ledger time has come.
func (c *Chain) RunTo(ledgerTime int64) {
	c.T.Helper()
	for c.Now < ledgerTime {
		c.Step()
	}
}

// Try sends one transaction in a block of its own and gives the reason why it
// was refused, "" where it was not.
func (c *Chain) Try(party Party, kind string, body any) string {
	c.T.Helper()
	held := c.pending
	c.pending = nil
	c.Submit(party, kind, body)
	c.pending = append(c.pending, held...)
	return c.Step().Transactions[0].Log
}

// Touched says whether the last block changed a record under the prefix, so
// that roles need not look at what stands as it stood.
func (c *Chain) Touched(prefix string) bool {
	return slices.ContainsFunc(c.changes, func(change record.Change) bool { return strings.HasPrefix(change.Key, prefix) })
}

// Changed lists the keys that the last block changed.
func (c *Chain) Changed() []string {
	var keys []string
	for _, change := range c.changes {
		keys = append(keys, change.Key)
	}
	return keys
}

// State is the state after the last block.
func (c *Chain) State() record.State { return c.Store }

func (c *Chain) votes() []ledger.Vote {
	var votes []ledger.Vote
	for _, member := range c.Document.Members {
		if current, _ := committee.MemberNamed(c.Store, member.Name); !current.Removed {
			votes = append(votes, ledger.Vote{Address: committee.Address(member.ConsensusKey), Signed: !c.Down[member.Name]})
		}
	}
	return votes
}
