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
	"github.com/sesame-energy/sesame/node/nodetest"
)

// Five members agree; with one of them stopped the chain goes on; restarted in
// the same process it catches up; a fresh observer that has only the genesis
// and the peers ends with the same history.
func TestFiveMembersAgreeThroughStopAndRestartAndAnObserverFollows(t *testing.T) {
	net := nodetest.New(t, 5)
	all := net.Members
	net.Start(all...)
	net.Reach(3, all...)
	if code, body := all[0].Submit(t, "colour=blue"); code != http.StatusAccepted {
		t.Fatalf("submit: %d %s", code, body)
	}

	net.Stop(all[4])
	stopped := all[0].Height()
	net.Reach(stopped+7, all[:4]...)
	net.Start(all[4])
	net.Reach(all[0].Height()+3, all...)

	observer := net.Add("observer", nil)
	net.Start(observer)
	height := all[0].Height() + 3
	net.Reach(height, append(all, observer)...)
	net.SameHistory(height, append(all, observer)...)
	value, _ := observer.Store.Get("colour")
	if string(value) != "blue" {
		t.Fatalf("the observer has colour %q", value)
	}
}

func TestNodeStopsAndStartsTenTimesInOneProcess(t *testing.T) {
	net := nodetest.New(t, 2)
	net.Start(net.Members...)
	for range 10 {
		height := net.Members[0].Height() + 1
		net.Reach(height, net.Members...)
		net.Stop(net.Members[1])
		net.Start(net.Members[1])
	}
	height := net.Members[0].Height() + 2
	net.Reach(height, net.Members...)
	net.SameHistory(height, net.Members...)
}

func TestWholeNetworkRestartsWhereItStopped(t *testing.T) {
	net := nodetest.New(t, 3)
	net.Start(net.Members...)
	net.Reach(4, net.Members...)
	for _, m := range net.Members {
		net.Stop(m)
	}
	net.Start(net.Members...)
	if height := net.Members[0].Height(); height < 4 {
		t.Fatalf("restarted at %d", height)
	}
	height := net.Members[0].Height() + 2
	net.Reach(height, net.Members...)
	net.SameHistory(height, net.Members...)
}

// The engine goes on answering after its consensus has panicked; the node must
// say that it has failed.
func TestFailingMachineEndsTheNodeWithTheReason(t *testing.T) {
	for _, transaction := range []string{"fail=now", "panic=now"} {
		t.Run(transaction, func(t *testing.T) {
			net := nodetest.New(t, 1)
			m := net.Members[0]
			net.Start(m)
			net.Reach(1, m)
			m.Submit(t, transaction)
			select {
			case <-m.Running.Done():
			case <-time.After(20 * time.Second):
				t.Fatal("the node seems well")
			}
			if err := m.Running.Err(); err == nil || !strings.Contains(err.Error(), "told to") {
				t.Fatalf("the reason is %v", err)
			}
			response, err := http.Get(m.URL() + "/healthz")
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

// A node that stops after a block was decided and before its state was
// committed carries it out again and goes on as if nothing had been.
func TestBlockDecidedBeforeACrashIsCarriedOutAgain(t *testing.T) {
	net := nodetest.New(t, 4)
	broken := net.Members[3]
	net.Start(net.Members...)
	net.Reach(3, net.Members...)
	net.Stop(broken)
	net.Machine = func(store *merkle.Store) node.Machine { return &nodetest.Toy{Store: store, Broken: true} }
	net.Start(broken)
	select {
	case <-broken.Running.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("the node seems well")
	}
	net.Stop(broken)
	net.Machine = nil
	net.Start(broken)
	height := net.Members[0].Height() + 2
	net.Reach(height, net.Members...)
	net.SameHistory(height, net.Members...)
}

// Changes of the validator set that would halt the engine's chain are left out.
func TestImpossibleChangesOfTheValidatorsDoNotHaltTheChain(t *testing.T) {
	net := nodetest.New(t, 2)
	known, other := net.Genesis.Validators[0].PublicKey, net.Genesis.Validators[1].PublicKey
	stranger := make([]byte, 32)
	stranger[0] = 9
	net.Machine = func(store *merkle.Store) node.Machine {
		return &nodetest.Toy{Store: store, Updates: []ledger.ValidatorUpdate{
			{PublicKey: stranger, Power: 0},        // not in the set
			{PublicKey: []byte("short"), Power: 1}, //
			{PublicKey: other, Power: 0},           // fine
			{PublicKey: other, Power: 10},          // second change
			{PublicKey: known, Power: 0},           // would empty the set
		}}
	}
	net.Start(net.Members...)
	net.Reach(2, net.Members...)
	net.Members[0].Submit(t, "validators=now")
	net.Reach(net.Members[0].Height()+8, net.Members...)
	status, err := net.Members[1].Running.Status()
	if err != nil || len(status.Validators) != 1 || string(status.Validators[0].PublicKey) != string(known) {
		t.Fatalf("validators are %+v, %v", status.Validators, err)
	}
}

func TestFolderOfAnotherChainIsRefused(t *testing.T) {
	net := nodetest.New(t, 1)
	m := net.Members[0]
	net.Start(m)
	net.Reach(2, m)
	net.Stop(m)
	net.Genesis.Document = []byte(`{"chain_id":"test-chain","other":true}`)
	store, err := merkle.Open(m.Config.Home, merkle.DefaultKeep)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	_, err = node.Start(t.Context(), m.Config, node.Parts{Genesis: net.Genesis, Key: m.Key, Machine: &nodetest.Toy{Store: store}, State: store})
	if err == nil || !strings.Contains(err.Error(), "another chain") {
		t.Fatalf("got %v", err)
	}
}

func TestStartGivesUpWaitingForGenesisWhenTold(t *testing.T) {
	net := nodetest.New(t, 1)
	net.Genesis.Time = time.Now().Add(time.Hour)
	store := merkle.InMemory()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := node.Start(ctx, net.Members[0].Config, node.Parts{Genesis: net.Genesis, Key: net.Members[0].Key, Machine: &nodetest.Toy{Store: store}, State: store})
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
