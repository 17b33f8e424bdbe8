// Package participanttest puts daemons on a ledger in memory: the state
// machine, members and storage operator of package ledgertest on one side,
// real participants on the other, no network between. As with a real node,
// what can be proven lies one block behind.
//
// It is for tests.
package participanttest

import (
	"context"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
)

// World times of a block: what a block adds to ledger time is 60 times as much.
const (
	short = 10 * time.Millisecond
	long  = 5 * time.Second
	// pace is how fast blocks are made, so that the daemons keep up.
	pace = 2 * time.Millisecond
	// patience is how long a condition may take to come true.
	patience = 60 * time.Second
)

// Ledger is a ledger in memory that participants can connect to. Blocks are
// made by the test's own goroutine.
type Ledger struct {
	t     testing.TB
	mutex sync.Mutex // guards the chain and what follows
	chain *ledgertest.Chain

	blocks  []client.Block
	outcome map[string]client.Inclusion // by transaction hash
	grown   chan struct{}               // closed and replaced with each block
}

// New connects to a chain, which only the Ledger's own methods may drive from
// then on.
func New(t testing.TB, chain *ledgertest.Chain) *Ledger {
	return &Ledger{t: t, chain: chain, outcome: map[string]client.Inclusion{}, grown: make(chan struct{})}
}

// Observer watches the ledger.
func (l *Ledger) Observer() *participant.Observer {
	l.t.Helper()
	observer, err := participant.NewObserver(l.chain.Document, l)
	if err != nil {
		l.t.Fatal(err)
	}
	return observer
}

// Participant acts with the keys of a party of package ledgertest.
func (l *Ledger) Participant(name string) *participant.Participant {
	l.t.Helper()
	party := ledgertest.NewParty(name)
	return &participant.Participant{
		Observer: l.Observer(),
		Identity: identity.Identity{Name: name, AccountKey: party.Key, SealingKey: party.Sealing},
	}
}

// Step makes a block.
func (l *Ledger) step(interval time.Duration) {
	l.t.Helper()
	time.Sleep(pace)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.chain.Interval = interval
	result := l.chain.Step()
	made := l.chain.Blocks[len(l.chain.Blocks)-1]
	block := client.Block{Height: made.Height, BlockTime: made.Time, LedgerTime: result.LedgerTime}
	for i, encoded := range made.Transactions {
		hash := sha256.Sum256(encoded)
		block.Transactions = append(block.Transactions, client.Transaction{
			Hash: hash[:], Bytes: encoded, Code: result.Transactions[i].Code, Log: result.Transactions[i].Log,
		})
		l.outcome[string(hash[:])] = client.Inclusion{
			Hash: hash[:], Height: made.Height, Code: result.Transactions[i].Code, Log: result.Transactions[i].Log,
		}
	}
	block.Changes = changes(result)
	l.blocks = append(l.blocks, block)
	close(l.grown)
	l.grown = make(chan struct{})
}

func changes(result ledger.Result) []client.Change {
	var changed []client.Change
	for _, change := range result.Changes {
		changed = append(changed, client.Change{Key: change.Key, Value: change.Value, Deleted: change.Value == nil})
	}
	return changed
}

// To makes blocks until ledger time has come.
func (l *Ledger) To(ledgerTime int64) {
	l.t.Helper()
	for l.Now() < ledgerTime {
		interval := min(long, time.Duration(ledgerTime-l.Now())*time.Second/time.Duration(l.chain.Document.Clock.Factor))
		l.step(max(interval, short))
	}
}

// Until makes blocks in which hardly any ledger time passes until condition
// holds for the state, and fails the test where it takes too long.
func (l *Ledger) Until(what string, condition func(state record.State) bool) {
	l.t.Helper()
	for begin := time.Now(); ; l.step(short) {
		l.mutex.Lock()
		holds := condition(l.chain.State())
		l.mutex.Unlock()
		if holds {
			return
		}
		if time.Since(begin) > patience {
			l.t.Fatalf("after %v still not: %s; refused: %v", patience, what, l.chain.Refused)
		}
	}
}

// Now is the ledger time of the last block.
func (l *Ledger) Now() int64 {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.chain.Now
}

// Refused lists the reasons of transactions that were refused.
func (l *Ledger) Refused() []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return append([]string(nil), l.chain.Refused...)
}

// Status implements participant.Connection.
func (l *Ledger) Status(context.Context) (client.Status, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return client.Status{ChainID: l.chain.Document.ChainID, Height: l.chain.Height, LedgerTime: l.chain.Now}, nil
}

// Submit implements participant.Connection.
func (l *Ledger) Submit(ctx context.Context, transaction []byte) (client.Inclusion, error) {
	hash := sha256.Sum256(transaction)
	l.mutex.Lock()
	l.chain.Add(transaction)
	l.mutex.Unlock()
	for {
		l.mutex.Lock()
		inclusion, included := l.outcome[string(hash[:])]
		grown := l.grown
		l.mutex.Unlock()
		if included && inclusion.Code != 0 {
			return inclusion, &client.Refused{Hash: hash[:], Height: inclusion.Height, Code: inclusion.Code, Reason: inclusion.Log}
		}
		if included {
			return inclusion, nil
		}
		select {
		case <-ctx.Done():
			return client.Inclusion{}, ctx.Err()
		case <-grown:
		}
	}
}

// Follow implements participant.Connection.
func (l *Ledger) Follow(ctx context.Context, from int64, visit func(client.Block) error) error {
	for {
		l.mutex.Lock()
		height, grown := int64(len(l.blocks)), l.grown
		var block client.Block
		if from == 0 && height > 0 {
			from = height
		}
		there := from > 0 && from <= height
		if there {
			block = l.blocks[from-1]
		}
		l.mutex.Unlock()
		if there {
			if err := visit(block); err != nil {
				return err
			}
			from++
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

// Get implements participant.Connection.
func (l *Ledger) Get(_ context.Context, key string) (client.Record, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	height := max(l.chain.Height-1, 1)
	value, _, err := l.chain.Store.Prove(height, key)
	if err != nil {
		return client.Record{}, err
	}
	return client.Record{Key: key, Value: value, Found: value != nil, Height: height}, nil
}

// List implements participant.Connection.
func (l *Ledger) List(_ context.Context, prefix string, limit int) ([]feed.Record, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if limit == 0 {
		limit = 1000
	}
	records, _, err := l.chain.Store.List(l.chain.Height, prefix, "", limit)
	if err != nil {
		return nil, err
	}
	var listed []feed.Record
	for _, one := range records {
		listed = append(listed, feed.Record{Key: one.Key, Value: one.Value})
	}
	return listed, nil
}
