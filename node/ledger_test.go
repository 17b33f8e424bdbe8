package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/ledger/transaction"
	"github.com/sesame-energy/sesame/node"
	"github.com/sesame-energy/sesame/node/nodetest"
)

// real is the reference case's ledger on five nodes, with its genesis.
func real(t *testing.T) (*nodetest.Network, genesis.Document) {
	t.Helper()
	document := ledgertest.Document(t, ledgertest.ReferenceCase(t))
	document.GenesisTime = time.Now().UTC().Truncate(time.Millisecond)
	var keys []ed25519.PrivateKey
	for i := range document.Members {
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		document.Members[i].ConsensusKey = public
		keys = append(keys, private)
	}
	encoded, err := genesis.Encode(document)
	if err != nil {
		t.Fatal(err)
	}
	engine := node.Genesis{ChainID: document.ChainID, Time: document.GenesisTime, Document: encoded}
	for _, member := range document.Members {
		engine.Validators = append(engine.Validators, node.Validator{Name: member.Name, PublicKey: member.ConsensusKey})
	}
	network := nodetest.Of(t, engine, keys, func(store *merkle.Store) node.Machine { return ledger.New(store) })
	return network, document
}

// Sesame's own ledger on five nodes: a transaction is accepted, all nodes hold
// the same app hashes, a node that is restarted and one that joins with
// nothing but the genesis document and its peers do too.
func TestSesamesLedgerIsTheSameOnEveryNode(t *testing.T) {
	network, document := real(t)
	all := network.Members
	network.Start(all...)
	network.Reach(2, all...)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := connect(t, network, all[0].URL(), all[1].URL())
	grid := ledgertest.NewGrid(ledgertest.ReferenceCase(t), 1)
	body := ledgertest.DayTariff(grid.First, document.Minutes, grid.Tariff)
	signed := transaction.Sign(document.ChainID, grid.Name, "tariff/publish", all[0].Height()+100, body, grid.Key)
	inclusion, err := c.Submit(ctx, signed)
	if err != nil {
		t.Fatal(err)
	}

	network.Stop(all[4])
	network.Reach(all[0].Height()+6, all[:4]...)
	network.Start(all[4])
	observer := network.Add("observer", nil)
	network.Start(observer)
	height := all[0].Height() + 3
	network.Reach(height, append(all, observer)...)
	network.SameHistory(height, append(all, observer)...)

	// the observer serves the same records, provable from genesis alone
	block, err := c.Block(ctx, inclusion.Height)
	if err != nil || len(block.Changes) == 0 {
		t.Fatalf("%+v, %v", block, err)
	}
	fresh := connect(t, network, observer.URL())
	for _, change := range block.Changes {
		record, err := fresh.GetAt(ctx, change.Key, inclusion.Height)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(record.Value, change.Value) || record.Found == change.Deleted {
			t.Fatalf("%s: proven %x, the block told %x", change.Key, record.Value, change.Value)
		}
	}
}

func connect(t *testing.T, network *nodetest.Network, urls ...string) *client.Client {
	t.Helper()
	anchor := client.Anchor{ChainID: network.Genesis.ChainID, Time: network.Genesis.Time}
	for _, v := range network.Genesis.Validators {
		anchor.Validators = append(anchor.Validators, client.Validator{PublicKey: v.PublicKey, Power: node.Power})
	}
	c, err := client.New(client.Config{URLs: urls, Anchor: anchor})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
