package node_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/node"
)

// Five members agree; with one of them stopped the chain goes on; restarted in
// the same process it catches up; a fresh observer that has only the genesis
// and the peers ends with the same history.
func TestFiveMembersAgreeThroughStopAndRestartAndAnObserverFollows(t *testing.T) {
	net := newNetwork(t, 5)
	all := net.members
	net.start(all...)
	net.reach(3, all...)
	if code, body := all[0].submit(t, "colour=blue"); code != http.StatusAccepted {
		t.Fatalf("submit: %d %s", code, body)
	}

	net.stop(all[4])
	stopped := all[0].height()
	net.reach(stopped+7, all[:4]...)
	net.start(all[4])
	net.reach(all[0].height()+3, all...)

	observer := net.add("observer", nil)
	net.start(observer)
	height := all[0].height() + 3
	net.reach(height, append(all, observer)...)
	net.sameHistory(height, append(all, observer)...)
	value, _ := observer.machine.store.Get("colour")
	if string(value) != "blue" {
		t.Fatalf("the observer has colour %q", value)
	}
}

func TestNodeStopsAndStartsTenTimesInOneProcess(t *testing.T) {
	net := newNetwork(t, 2)
	net.start(net.members...)
	for range 10 {
		height := net.members[0].height() + 1
		net.reach(height, net.members...)
		net.stop(net.members[1])
		net.start(net.members[1])
	}
	height := net.members[0].height() + 2
	net.reach(height, net.members...)
	net.sameHistory(height, net.members...)
}

func TestWholeNetworkRestartsWhereItStopped(t *testing.T) {
	net := newNetwork(t, 3)
	net.start(net.members...)
	net.reach(4, net.members...)
	for _, m := range net.members {
		net.stop(m)
	}
	net.start(net.members...)
	if height := net.members[0].height(); height < 4 {
		t.Fatalf("restarted at %d", height)
	}
	height := net.members[0].height() + 2
	net.reach(height, net.members...)
	net.sameHistory(height, net.members...)
}

// The engine goes on answering after its consensus has panicked; the node must
// say that it has failed.
func TestFailingMachineEndsTheNodeWithTheReason(t *testing.T) {
	for _, transaction := range []string{"fail=now", "panic=now"} {
		t.Run(transaction, func(t *testing.T) {
			net := newNetwork(t, 1)
			m := net.members[0]
			net.start(m)
			net.reach(1, m)
			m.submit(t, transaction)
			select {
			case <-m.running.Done():
			case <-time.After(20 * time.Second):
				t.Fatal("the node seems well")
			}
			if err := m.running.Err(); err == nil || !strings.Contains(err.Error(), "told to") {
				t.Fatalf("the reason is %v", err)
			}
			response, err := http.Get(m.url() + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != http.StatusServiceUnavailable {
				t.Fatalf("health of a failed node: %s", response.Status)
			}
		})
	}
}

// Changes of the validator set that would halt the engine's chain are left out.
func TestImpossibleChangesOfTheValidatorsDoNotHaltTheChain(t *testing.T) {
	net := newNetwork(t, 2)
	known, other := net.genesis.Validators[0].PublicKey, net.genesis.Validators[1].PublicKey
	stranger := make([]byte, 32)
	stranger[0] = 9
	for _, m := range net.members {
		m.machine = &toy{updates: []ledger.ValidatorUpdate{
			{PublicKey: stranger, Power: 0},        // not in the set
			{PublicKey: []byte("short"), Power: 1}, //
			{PublicKey: other, Power: 0},           // fine
			{PublicKey: other, Power: 10},          // second change
			{PublicKey: known, Power: 0},           // would empty the set
		}}
	}
	net.start(net.members...)
	net.reach(2, net.members...)
	net.members[0].submit(t, "validators=now")
	net.reach(net.members[0].height()+8, net.members...)
	status, err := net.members[1].running.Status()
	if err != nil || len(status.Validators) != 1 || string(status.Validators[0].PublicKey) != string(known) {
		t.Fatalf("validators are %+v, %v", status.Validators, err)
	}
}

func TestFolderOfAnotherChainIsRefused(t *testing.T) {
	net := newNetwork(t, 1)
	m := net.members[0]
	net.start(m)
	net.reach(2, m)
	net.stop(m)
	net.genesis.Document = []byte(`{"chain_id":"test-chain","other":true}`)
	store, err := merkle.Open(m.config.Home, merkle.DefaultKeep)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	_, err = node.Start(t.Context(), m.config, node.Parts{Genesis: net.genesis, Key: m.key, Machine: &toy{store: store}, State: store})
	if err == nil || !strings.Contains(err.Error(), "another chain") {
		t.Fatalf("got %v", err)
	}
}

func TestStartGivesUpWaitingForGenesisWhenTold(t *testing.T) {
	net := newNetwork(t, 1)
	net.genesis.Time = time.Now().Add(time.Hour)
	store := merkle.InMemory()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := node.Start(ctx, net.members[0].config, node.Parts{Genesis: net.genesis, Key: net.members[0].key, Machine: &toy{store: store}, State: store})
	if err == nil || !strings.Contains(err.Error(), "genesis time") {
		t.Fatalf("got %v", err)
	}
}

func TestWrongConfigurationNamesTheField(t *testing.T) {
	good := node.Config{Home: "x", Name: "y", Listen: "127.0.0.1:1"}
	for field, change := range map[string]func(*node.Config){
		"home":     func(c *node.Config) { c.Home = "" },
		"name":     func(c *node.Config) { c.Name = "" },
		"listen":   func(c *node.Config) { c.Listen = "nowhere" },
		"api":      func(c *node.Config) { c.API = "nowhere" },
		"peers[0]": func(c *node.Config) { c.Peers = []string{"127.0.0.1:1"} },
		"timeouts": func(c *node.Config) { c.Timeouts.Commit = -1 },
	} {
		config := good
		change(&config)
		if _, err := node.Start(t.Context(), config, node.Parts{}); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
