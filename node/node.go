package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometbft/cometbft/config"
	engine "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/types"
	"golang.org/x/net/netutil"

	"github.com/sesame-energy/sesame/node/api"
	"github.com/sesame-energy/sesame/node/journal"
)

// maxConnections bounds the connections to the HTTP API.
const maxConnections = 2048

// Parts is what a node runs on. The caller opens and closes Machine and State.
type Parts struct {
	Genesis Genesis
	Key     ed25519.PrivateKey // consensus key; nil for a node that only follows
	Machine Machine
	State   State
	Logger  *slog.Logger
}

// Node is a running node.
type Node struct {
	config Config
	parts  Parts
	logger *slog.Logger

	databases   databases
	journal     *journal.Journal
	application *application
	engine      *engine.Node
	store       state.Store
	metrics     *metrics
	server      *api.Server
	apiAddress  string

	stopping  atomic.Bool
	endOnce   sync.Once
	ended     chan struct{}
	reason    error // valid once ended is closed
	stopOnce  sync.Once
	stopError error
}

// Start starts a node and returns when it runs. ctx bounds the start only:
// replaying blocks and waiting for a genesis time to come; Stop stops the node.
func Start(ctx context.Context, config Config, parts Parts) (*Node, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	n := &Node{config: config, parts: parts, logger: parts.Logger, ended: make(chan struct{})}
	if n.logger == nil {
		n.logger = slog.New(slog.DiscardHandler)
	}
	if err := n.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start node %s: %w", config.Name, err), n.Stop())
	}
	return n, nil
}

func (n *Node) start(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(n.config.Home, "data"), 0o700); err != nil {
		return err
	}
	height, _ := n.parts.State.Committed()
	var err error
	if n.journal, err = journal.Open(filepath.Join(n.config.Home, "journal"), height); err != nil {
		return err
	}
	n.metrics = newMetrics(n)
	if err := n.startEngine(ctx); err != nil {
		return err
	}
	return n.serve()
}

func (n *Node) startEngine(ctx context.Context) error {
	genesis, err := n.parts.Genesis.engineGenesis()
	if err != nil {
		return err
	}
	settings := engineConfig(n.config)
	if n.store, err = n.openStore(settings); err != nil {
		return err
	}
	n.application = &application{
		genesis: n.parts.Genesis, machine: n.parts.Machine, state: n.parts.State, journal: n.journal,
		validators: engineValidators(n.store), logger: n.logger, failed: n.fail, committed: n.metrics.block,
		gate: gate{closed: n.stopping.Load}, syncing: func() bool { return n.engine != nil && n.catchingUp() },
	}
	if err := n.newEngine(ctx, settings, genesis); err != nil {
		return err
	}
	if ours, theirs := string(genesis.AppState), string(n.engine.GenesisDoc().AppState); ours != theirs || genesis.ChainID != n.engine.GenesisDoc().ChainID {
		return fmt.Errorf("folder %s belongs to another chain: %s with genesis %s, not %s with %s",
			n.config.Home, n.engine.GenesisDoc().ChainID, theirs, genesis.ChainID, ours)
	}
	if err := until(ctx, genesis.GenesisTime); err != nil {
		return err
	}
	if err := n.engine.Start(); err != nil {
		return err
	}
	go redial(n.engine, n.config.Peers, n.ended)
	return nil
}

func (n *Node) newEngine(ctx context.Context, settings *config.Config, genesis *types.GenesisDoc) error {
	peer, err := peerKey(n.config.Home)
	if err != nil {
		return err
	}
	var signing *privval.FilePV
	if signing, err = signer(n.config.Home, n.parts.Key); err != nil {
		return err
	}
	logger := engineLogger{n.logger, &watch{failed: n.fail, quiet: n.stopping.Load}}
	n.engine, err = engine.NewNodeWithContext(ctx, settings, signing, peer,
		proxy.NewConnSyncLocalClientCreator(n.application),
		func() (*types.GenesisDoc, error) { return genesis, nil },
		n.databases.provide,
		engine.DefaultMetricsProvider(settings.Instrumentation), // none: they register twice in one process
		logger)
	return err
}

// openStore opens the engine's records of validators, beside the engine's own use.
func (n *Node) openStore(settings *config.Config) (state.Store, error) {
	database, err := n.databases.provide(&config.DBContext{ID: "state", Config: settings})
	if err != nil {
		return nil, err
	}
	return state.NewStore(database, state.StoreOptions{DiscardABCIResponses: true}), nil
}

// until waits for a moment; the engine would sleep without a way to wake it.
func until(ctx context.Context, moment time.Time) error {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the genesis time %s: %w", moment.Format(time.RFC3339), ctx.Err())
	}
}

func (n *Node) serve() error {
	if n.config.API == "" {
		return nil
	}
	listener, err := net.Listen("tcp", n.config.API)
	if err != nil {
		return fmt.Errorf("http interface: %w", err)
	}
	n.apiAddress = listener.Addr().String()
	n.server = api.Serve(netutil.LimitListener(listener, maxConnections), n, n.metrics.handler(), MaxTransaction, n.logger)
	return nil
}

// APIAddress is host:port of the HTTP API, "" without one.
func (n *Node) APIAddress() string { return n.apiAddress }

// fail notes why the node cannot go on. It goes on answering, so that people
// can look, until Stop; what must not happen is that it seems well.
func (n *Node) fail(reason error) {
	if n.stopping.Load() {
		return
	}
	n.logger.Error("node failed", "error", reason)
	n.end(reason)
}

func (n *Node) end(reason error) {
	n.endOnce.Do(func() {
		n.reason = reason
		close(n.ended)
	})
}

// Done is closed when the node has failed or was stopped. A daemon exits then.
func (n *Node) Done() <-chan struct{} { return n.ended }

// Err is nil while the node runs and after Stop, else why it failed.
func (n *Node) Err() error {
	select {
	case <-n.ended:
		return n.reason
	default:
		return nil
	}
}

// Stop stops the node and waits for it. Afterwards another node may start in
// the same folder and process.
func (n *Node) Stop() error {
	n.stopOnce.Do(func() { n.stopError = n.stop() })
	return n.stopError
}

func (n *Node) stop() error {
	n.stopping.Store(true)
	n.end(nil)
	var failures []error
	if n.server != nil {
		failures = append(failures, n.server.Close())
	}
	if n.engine != nil && n.engine.IsRunning() {
		failures = append(failures, n.engine.Stop())
		n.engine.Wait()
	}
	failures = append(failures, n.databases.close())
	if n.journal != nil {
		failures = append(failures, n.journal.Close())
	}
	return errors.Join(failures...)
}
