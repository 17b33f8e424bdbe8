package test

import (
	"context"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

const referenceCase = "../cases/reference"

// firstDay is the reference case's day, 2024-07-15, in days since 1970-01-01.
const firstDay = 19_919

// factor is the fastest pace at which a day of hours is lived through: a
// ledger hour takes 2.5 s.
const factor = 1440

// skipShort leaves a test of a whole network out of short runs.
func skipShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("lives through ledger days with a whole network, which takes a minute or two: left out of a short run")
	}
}

// bounded is a context for a whole test. It outlives the test itself, for what
// must still be stopped in order.
func bounded(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// witness looks at a ledger through nodes' APIs. It trusts the genesis document:
// what it loads is proven by the light client.
type witness struct {
	t        *testing.T
	ctx      context.Context
	document genesis.Document
	ledger   *client.Client
}

func newWitness(ctx context.Context, t *testing.T, document genesis.Document, urls ...string) *witness {
	t.Helper()
	ledger, err := client.New(client.Config{URLs: urls, Anchor: client.AnchorOf(document)})
	if err != nil {
		t.Fatal(err)
	}
	return &witness{t, ctx, document, ledger}
}

// load reads the record at key, proven, and whether there is one.
func load[T any](w *witness, key string) (T, bool) {
	w.t.Helper()
	var none T
	read, err := w.ledger.Get(w.ctx, key)
	if err != nil {
		w.t.Fatalf("%s: %v", key, err)
	}
	if !read.Found {
		return none, false
	}
	value, err := record.Decode[T](read.Value)
	if err != nil {
		w.t.Fatalf("%s: %v", key, err)
	}
	return value, true
}

// must is load of a record that has to be there.
func must[T any](w *witness, key string) T {
	w.t.Helper()
	value, found := load[T](w, key)
	if !found {
		w.t.Fatalf("the ledger has no %s", key)
	}
	return value
}

// all reads the records under a prefix, as a node tells them.
func all[T any](w *witness, prefix string) []T {
	w.t.Helper()
	listed, err := w.ledger.List(w.ctx, prefix, 0)
	if err != nil {
		w.t.Fatalf("%s: %v", prefix, err)
	}
	var values []T
	for _, entry := range listed {
		value, err := record.Decode[T](entry.Value)
		if err != nil {
			w.t.Fatalf("%s: %v", entry.Key, err)
		}
		values = append(values, value)
	}
	return values
}

// alert says whether an alert of a rule about a subject has been raised.
func (w *witness) alert(rule, subject string) bool {
	w.t.Helper()
	for _, raised := range all[alerts.Alert](w, alerts.Prefix) {
		if raised.Rule == rule && raised.Subject == subject {
			return true
		}
	}
	return false
}

// until asks again after every block until what it waits for holds.
func (w *witness) until(what string, holds func() bool) {
	w.t.Helper()
	w.follow(what, func(client.Block) bool { return holds() })
}

// reach waits for a ledger time, Unix seconds.
func (w *witness) reach(what string, at int64) {
	w.t.Helper()
	w.follow(what, func(block client.Block) bool { return block.LedgerTime >= at })
}

// errSeen ends the following of blocks.
type errSeen struct{}

func (errSeen) Error() string { return "seen" }

func (w *witness) follow(what string, holds func(client.Block) bool) {
	w.t.Helper()
	var last client.Block
	err := w.ledger.Follow(w.ctx, 0, func(block client.Block) error {
		last = block
		if holds(block) {
			return errSeen{}
		}
		return nil
	})
	if err != (errSeen{}) {
		w.t.Fatalf("waiting for %s, at height %d, ledger time %s: %v", what, last.Height, time.Unix(last.LedgerTime, 0).UTC().Format(time.RFC3339), err)
	}
}

// height waits until the node has a block of at least that height.
func (w *witness) height(height int64) {
	w.t.Helper()
	w.follow("the block's height", func(block client.Block) bool { return block.Height >= height })
}

// appHash is the hash of the state after a block, as the node has computed it.
func (w *witness) appHash(height int64) string {
	w.t.Helper()
	block, err := w.ledger.Block(w.ctx, height)
	if err != nil {
		w.t.Fatalf("block %d: %v", height, err)
	}
	return block.AppHash.String()
}

// agree checks that all nodes have the same state after one block that all of
// them have reached, and gives its height.
func agree(t *testing.T, nodes []*witness) int64 {
	t.Helper()
	var height int64
	for _, node := range nodes {
		status, err := node.ledger.Status(node.ctx)
		if err != nil {
			t.Fatal(err)
		}
		height = max(height, status.Height)
	}
	first := ""
	for i, node := range nodes {
		node.height(height)
		hash := node.appHash(height)
		if i == 0 {
			first = hash
		}
		if hash != first || hash == "" {
			t.Errorf("node %d has app hash %s at height %d, the first %s", i+1, hash, height, first)
		}
	}
	return height
}
