package nodetest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/node"
)

// Network is a chain of some members over loopback, each in its own folder.
type Network struct {
	Genesis node.Genesis
	Members []*Member
	// Machine makes a member's state machine; a Toy where it is nil.
	Machine func(*merkle.Store) node.Machine

	t testing.TB
}

// Member is one node's place in the network, running or not.
type Member struct {
	Config  node.Config
	Key     ed25519.PrivateKey // nil: observer
	Store   *merkle.Store      // while it runs
	Running *node.Node         // nil: stopped
	Machine node.Machine       // while it runs
}

// New prepares a network of that many validators with toy machines.
func New(t testing.TB, validators int) *Network {
	t.Helper()
	n := &Network{t: t, Genesis: node.Genesis{ChainID: "test-chain", Time: time.Now(), Document: []byte(`{"chain_id":"test-chain"}`)}}
	var keys []ed25519.PrivateKey
	for i := range validators {
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		n.Genesis.Validators = append(n.Genesis.Validators, node.Validator{Name: fmt.Sprintf("member%d", i+1), PublicKey: public})
		keys = append(keys, private)
	}
	n.place(keys)
	return n
}

// Of prepares a network of the validators of a genesis, whose consensus keys
// are given in their order, with machines of the caller's kind.
func Of(t testing.TB, genesis node.Genesis, keys []ed25519.PrivateKey, machine func(*merkle.Store) node.Machine) *Network {
	t.Helper()
	n := &Network{t: t, Genesis: genesis, Machine: machine}
	n.place(keys)
	return n
}

// place makes places for the validators, all connected with all.
func (n *Network) place(keys []ed25519.PrivateKey) {
	n.t.Helper()
	for i, v := range n.Genesis.Validators {
		n.Add(v.Name, keys[i])
	}
	for _, m := range n.Members {
		m.Config.Peers = n.peersOf(m)
	}
}

// Add makes a place for a node; it knows the nodes before it as peers.
func (n *Network) Add(name string, key ed25519.PrivateKey) *Member {
	n.t.Helper()
	m := &Member{Key: key, Config: node.Config{
		Home: filepath.Join(n.t.TempDir(), name), Name: name, Listen: FreeAddress(n.t), API: FreeAddress(n.t),
		Timeouts: node.Timeouts{Commit: 50 * time.Millisecond},
	}}
	m.Config.Peers = n.peersOf(m)
	n.Members = append(n.Members, m)
	return m
}

func (n *Network) peersOf(m *Member) []string {
	n.t.Helper()
	var peers []string
	for _, other := range n.Members {
		if other == m {
			continue
		}
		id, err := node.PeerID(other.Config.Home)
		if err != nil {
			n.t.Fatal(err)
		}
		peers = append(peers, id+"@"+other.Config.Listen)
	}
	return peers
}

// FreeAddress is a loopback address on which nobody listens: its port was free a
// moment ago.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// Start starts nodes; they stop with the test.
func (n *Network) Start(members ...*Member) {
	n.t.Helper()
	for _, m := range members {
		n.start(m)
		n.t.Cleanup(func() { n.Stop(m) })
	}
}

func (n *Network) start(m *Member) {
	n.t.Helper()
	var err error
	if m.Store, err = merkle.Open(m.Config.Home, merkle.DefaultKeep); err != nil {
		n.t.Fatal(err)
	}
	m.Machine = n.machine(m.Store)
	m.Running, err = node.Start(n.t.Context(), m.Config, node.Parts{
		Genesis: n.Genesis, Key: m.Key, Machine: m.Machine, State: m.Store, Logger: logger(m.Config.Name),
	})
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *Network) machine(store *merkle.Store) node.Machine {
	if n.Machine == nil {
		return &Toy{Store: store}
	}
	return n.Machine(store)
}

// logger is silent unless the environment asks to hear the nodes.
func logger(name string) *slog.Logger {
	if os.Getenv("SESAME_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("node", name)
}

// Stop stops a node, if it runs. It can be started again.
func (n *Network) Stop(m *Member) {
	n.t.Helper()
	if m.Running == nil {
		return
	}
	if err := m.Running.Stop(); err != nil {
		n.t.Error(err)
	}
	if err := m.Store.Close(); err != nil {
		n.t.Error(err)
	}
	m.Running = nil
}

// Height is a running node's newest height.
func (m *Member) Height() int64 {
	newest, _ := m.Running.Newest()
	return newest.Height
}

// Reach waits until each of the members has a block of that height.
func (n *Network) Reach(height int64, members ...*Member) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), 60*time.Second)
	defer cancel()
	for _, m := range members {
		for {
			newest, grown := m.Running.Newest()
			if newest.Height >= height {
				break
			}
			select {
			case <-grown:
			case <-m.Running.Done():
				n.t.Fatalf("%s failed at %d: %v", m.Config.Name, newest.Height, m.Running.Err())
			case <-ctx.Done():
				n.t.Fatalf("%s stays at %d, should reach %d", m.Config.Name, newest.Height, height)
			}
		}
	}
}

// SameHistory checks that the members hold the same app hash at each height up
// to one that all have.
func (n *Network) SameHistory(height int64, members ...*Member) {
	n.t.Helper()
	for h := int64(1); h <= height; h++ {
		want := members[0].Block(n.t, h)
		for _, m := range members[1:] {
			if got := m.Block(n.t, h); !bytes.Equal(got.AppHash, want.AppHash) || !bytes.Equal(got.Hash, want.Hash) {
				n.t.Fatalf("height %d: %s has app hash %s, %s has %s", h, m.Config.Name, got.AppHash, members[0].Config.Name, want.AppHash)
			}
		}
	}
}

// Block is a block as the node has it.
func (m *Member) Block(t testing.TB, height int64) feed.Block {
	t.Helper()
	encoded, found, err := m.Running.Block(height)
	if err != nil || !found {
		t.Fatalf("%s: block %d: found %t, %v", m.Config.Name, height, found, err)
	}
	var block feed.Block
	if err := json.Unmarshal(encoded, &block); err != nil {
		t.Fatal(err)
	}
	return block
}

// URL is where a node's HTTP API answers.
func (m *Member) URL() string { return "http://" + m.Config.API }

// Submit posts a transaction and gives the status code and the body.
func (m *Member) Submit(t testing.TB, transaction string) (int, string) {
	t.Helper()
	response, err := http.Post(m.URL()+"/v1/transactions", "application/octet-stream", bytes.NewReader([]byte(transaction)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
