package node_test

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

// network is a chain of some validators over loopback, each in its own folder.
type network struct {
	t       testing.TB
	genesis node.Genesis
	members []*member
}

// member is one node's place in the network, running or not.
type member struct {
	config  node.Config
	key     ed25519.PrivateKey // nil: observer
	machine *toy
	running *node.Node
}

func newNetwork(t testing.TB, validators int) *network {
	t.Helper()
	n := &network{t: t, genesis: node.Genesis{ChainID: "test-chain", Time: time.Now(), Document: []byte(`{"chain_id":"test-chain"}`)}}
	for i := range validators {
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("member%d", i+1)
		n.genesis.Validators = append(n.genesis.Validators, node.Validator{Name: name, PublicKey: public})
		n.add(name, private)
	}
	for _, m := range n.members {
		m.config.Peers = n.peersOf(m)
	}
	return n
}

// add makes a place for a node; it knows the nodes before it as peers.
func (n *network) add(name string, key ed25519.PrivateKey) *member {
	n.t.Helper()
	m := &member{key: key, config: node.Config{
		Home: filepath.Join(n.t.TempDir(), name), Name: name, Listen: freeAddress(n.t), API: "127.0.0.1:0",
		Timeouts: node.Timeouts{Commit: 50 * time.Millisecond},
	}}
	m.config.Peers = n.peersOf(m)
	n.members = append(n.members, m)
	return m
}

func (n *network) peersOf(m *member) []string {
	n.t.Helper()
	var peers []string
	for _, other := range n.members {
		if other == m {
			continue
		}
		id, err := node.PeerID(other.config.Home)
		if err != nil {
			n.t.Fatal(err)
		}
		peers = append(peers, id+"@"+other.config.Listen)
	}
	return peers
}

// freeAddress reserves a port by listening on it for a moment.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func (n *network) start(members ...*member) {
	n.t.Helper()
	for _, m := range members {
		store, err := merkle.Open(m.config.Home, merkle.DefaultKeep)
		if err != nil {
			n.t.Fatal(err)
		}
		if m.machine == nil {
			m.machine = &toy{}
		}
		m.machine.store = store
		logger := slog.New(slog.DiscardHandler)
		if os.Getenv("SESAME_TEST_LOG") != "" {
			logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("node", m.config.Name)
		}
		m.running, err = node.Start(n.t.Context(), m.config, node.Parts{Genesis: n.genesis, Key: m.key, Machine: m.machine, State: store, Logger: logger})
		if err != nil {
			n.t.Fatal(err)
		}
		n.t.Cleanup(func() { n.stop(m) })
	}
}

func (n *network) stop(m *member) {
	n.t.Helper()
	if m.running == nil {
		return
	}
	if err := m.running.Stop(); err != nil {
		n.t.Error(err)
	}
	if err := m.machine.store.Close(); err != nil {
		n.t.Error(err)
	}
	m.running = nil
}

func (m *member) height() int64 {
	newest, _ := m.running.Newest()
	return newest.Height
}

// reach waits until each of the members has a block of that height.
func (n *network) reach(height int64, members ...*member) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), 60*time.Second)
	defer cancel()
	for _, m := range members {
		for {
			newest, grown := m.running.Newest()
			if newest.Height >= height {
				break
			}
			select {
			case <-grown:
			case <-m.running.Done():
				n.t.Fatalf("%s failed at %d: %v", m.config.Name, newest.Height, m.running.Err())
			case <-ctx.Done():
				n.t.Fatalf("%s stays at %d, should reach %d", m.config.Name, newest.Height, height)
			}
		}
	}
}

// sameHistory checks that the members hold the same app hash at each height up
// to one that all have.
func (n *network) sameHistory(height int64, members ...*member) {
	n.t.Helper()
	for h := int64(1); h <= height; h++ {
		want := members[0].block(n.t, h)
		for _, m := range members[1:] {
			if got := m.block(n.t, h); !bytes.Equal(got.AppHash, want.AppHash) || !bytes.Equal(got.Hash, want.Hash) {
				n.t.Fatalf("height %d: %s has app hash %s, %s has %s", h, m.config.Name, got.AppHash, members[0].config.Name, want.AppHash)
			}
		}
	}
}

func (m *member) block(t testing.TB, height int64) feed.Block {
	t.Helper()
	encoded, found, err := m.running.Block(height)
	if err != nil || !found {
		t.Fatalf("%s: block %d: found %t, %v", m.config.Name, height, found, err)
	}
	var block feed.Block
	if err := json.Unmarshal(encoded, &block); err != nil {
		t.Fatal(err)
	}
	return block
}

func (m *member) url() string { return "http://" + m.running.APIAddress() }

// submit posts a transaction and gives the status code and the body.
func (m *member) submit(t testing.TB, transaction string) (int, string) {
	t.Helper()
	response, err := http.Post(m.url()+"/v1/transactions", "application/octet-stream", bytes.NewReader([]byte(transaction)))
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
