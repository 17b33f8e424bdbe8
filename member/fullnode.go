package member

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/merkle"
	"github.com/sesame-energy/sesame/node"
)

// fullNode is a running node with the state that it works on.
type fullNode struct {
	*node.Node
	state *merkle.Store
}

// startNode starts a node; key is nil for one without a vote. ctx bounds the
// start only.
func startNode(ctx context.Context, home, name, genesisPath string, place Node, key ed25519.PrivateKey, logger *slog.Logger) (*fullNode, error) {
	document, encoded, err := genesis.Load(genesisPath)
	if err != nil {
		return nil, err
	}
	folder := NodeHome(home)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("node folder: %w", err)
	}
	state, err := merkle.Open(filepath.Join(folder, "state"), merkle.DefaultKeep)
	if err != nil {
		return nil, err
	}
	machine := ledger.New(state)
	if err := machine.Check(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", folder, err), state.Close())
	}
	chain := node.Genesis{ChainID: document.ChainID, Time: document.GenesisTime, Document: encoded}
	for _, member := range document.Members {
		chain.Validators = append(chain.Validators, node.Validator{Name: member.Name, PublicKey: member.ConsensusKey})
	}
	started, err := node.Start(ctx, node.Config{
		Home: folder, Name: name, Listen: place.Listen, Peers: place.Peers, API: place.API, Timeouts: place.Timeouts,
	}, node.Parts{Genesis: chain, Key: key, Machine: machine, State: state, Logger: logger})
	if err != nil {
		return nil, errors.Join(err, state.Close())
	}
	return &fullNode{started, state}, nil
}

// stop stops the node and closes its state.
func (n *fullNode) stop() error { return errors.Join(n.Stop(), n.state.Close()) }

// url is where the node's own daemons reach its HTTP API.
func (n *fullNode) url() string {
	host, port, err := net.SplitHostPort(n.APIAddress())
	if err != nil {
		return "" // the configuration was checked: there is an address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// unlessStopped is nil where a start failed because it was called off, while
// it waited for the genesis time or for blocks to be replayed.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Observe runs a node without a vote until ctx ends or it fails.
func Observe(ctx context.Context, config ObserverConfig, logger *slog.Logger) error {
	running, err := startNode(ctx, config.Home, config.Name, config.Genesis, config.Node, nil, logger)
	if err != nil {
		return unlessStopped(ctx, fmt.Errorf("observer %s: %w", config.Name, err))
	}
	logger.Info("observer runs", "name", config.Name, "api", running.url())
	select {
	case <-ctx.Done():
	case <-running.Done():
	}
	if err := errors.Join(running.Err(), running.stop()); err != nil {
		return fmt.Errorf("observer %s: %w", config.Name, err)
	}
	return nil
}
