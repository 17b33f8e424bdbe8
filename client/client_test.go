package client_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/node"
	"github.com/sesame-energy/sesame/node/nodetest"
)

func anchorOf(network *nodetest.Network) client.Anchor {
	anchor := client.Anchor{ChainID: network.Genesis.ChainID, Time: network.Genesis.Time}
	for _, v := range network.Genesis.Validators {
		anchor.Validators = append(anchor.Validators, client.Validator{PublicKey: v.PublicKey, Power: node.Power})
	}
	return anchor
}

func connect(t *testing.T, network *nodetest.Network, urls ...string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URLs: urls, Anchor: anchorOf(network)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// single is a running network of one member with a client.
func single(t *testing.T) (*nodetest.Network, *client.Client) {
	t.Helper()
	network := nodetest.New(t, 1)
	network.Start(network.Members...)
	return network, connect(t, network, network.Members[0].URL())
}

func TestSubmittedTransactionIsInABlockAndItsRecordIsProven(t *testing.T) {
	_, c := single(t)
	ctx := within(t, 30*time.Second)
	inclusion, err := c.Submit(ctx, []byte("colour=blue"))
	if err != nil || inclusion.Height < 1 {
		t.Fatalf("%+v, %v", inclusion, err)
	}
	record, err := c.GetAt(ctx, "colour", inclusion.Height)
	if err != nil || string(record.Value) != "blue" || !record.Found || record.Height != inclusion.Height {
		t.Fatalf("%+v, %v", record, err)
	}
	before, err := c.GetAt(ctx, "colour", 1)
	if err != nil || (before.Found && inclusion.Height > 1) {
		t.Fatalf("before: %+v, %v", before, err)
	}
	absent, err := c.Get(ctx, "size")
	if err != nil || absent.Found || absent.Value != nil {
		t.Fatalf("absent: %+v, %v", absent, err)
	}
	block, err := c.Block(ctx, inclusion.Height)
	if err != nil || len(block.Transactions) != 1 || string(block.Transactions[0].Bytes) != "colour=blue" {
		t.Fatalf("%+v, %v", block, err)
	}
	records, err := c.List(ctx, "col", 10)
	if err != nil || len(records) != 1 || string(records[0].Value) != "blue" {
		t.Fatalf("%+v, %v", records, err)
	}
}

// Sending the same transaction again gives the same inclusion, though the
// node has long forgotten it.
func TestSubmitAgainFindsTheFirstInclusion(t *testing.T) {
	_, c := single(t)
	ctx := within(t, 30*time.Second)
	first, err := c.Submit(ctx, []byte("a=1"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Submit(ctx, []byte("a=1"))
	if err != nil || again.Height != first.Height || !bytes.Equal(again.Hash, first.Hash) {
		t.Fatalf("first %+v, again %+v, %v", first, again, err)
	}
}

func TestRefusalTellsTheReason(t *testing.T) {
	_, c := single(t)
	ctx := within(t, 30*time.Second)
	if _, err := c.Submit(ctx, []byte("a=1")); err != nil {
		t.Fatal(err)
	}
	var refused *client.Refused
	_, err := c.Submit(ctx, []byte("nonsense"))
	if !errors.As(err, &refused) || refused.Height != 0 || refused.Reason == "" {
		t.Fatalf("before inclusion: %v", err)
	}
	_, err = c.Submit(ctx, []byte("a=2"))
	if !errors.As(err, &refused) || refused.Height == 0 || refused.Code != 2 || refused.Reason != "a is taken" {
		t.Fatalf("in the block: %v", err)
	}
	if _, err := c.Submit(ctx, make([]byte, node.MaxTransaction+1)); !errors.As(err, &refused) {
		t.Fatalf("too large: %v", err)
	}
}

// The follower's node stops; another goes on, and no block is missed or seen twice.
func TestFollowingSurvivesTheLossOfItsNode(t *testing.T) {
	network := nodetest.New(t, 4)
	network.Start(network.Members...)
	c := connect(t, network, network.Members[0].URL(), network.Members[1].URL())
	next, enough := int64(1), errors.New("enough")
	err := c.Follow(within(t, 60*time.Second), 1, func(block client.Block) error {
		if block.Height != next {
			t.Fatalf("block %d, want %d", block.Height, next)
		}
		if next++; next == 5 {
			network.Stop(network.Members[0])
		}
		if next > 10 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	if _, err := c.Get(within(t, 10*time.Second), "height"); err != nil {
		t.Fatalf("proven reading after the loss: %v", err)
	}
}

func TestFollowingEndsWithItsContext(t *testing.T) {
	_, c := single(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := c.Follow(ctx, 0, func(client.Block) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestVerifiedHeaderOutlivesTheProcessButNotTheChain(t *testing.T) {
	network, _ := single(t)
	file := filepath.Join(t.TempDir(), "trust.json")
	config := client.Config{URLs: []string{network.Members[0].URL()}, Anchor: anchorOf(network), TrustFile: file}
	read := func() {
		c, err := client.New(config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Get(within(t, 20*time.Second), "height"); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	read()
	other, _ := single(t) // another chain of the same name
	config.URLs, config.Anchor = []string{other.Members[0].URL()}, anchorOf(other)
	read()
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := client.New(config); err == nil {
		t.Fatal("a damaged file is taken")
	}
}
