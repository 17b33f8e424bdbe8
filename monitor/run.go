package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/monitor/index"
	"github.com/sesame-energy/sesame/monitor/metrics"
	"github.com/sesame-energy/sesame/monitor/view"
	"github.com/sesame-energy/sesame/monitor/web"
)

// Run runs the monitor until ctx ends.
func Run(ctx context.Context, config Config, logger *slog.Logger) error {
	document, encoded, err := genesis.Load(config.Genesis)
	if err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	if err := os.MkdirAll(config.Home, 0o700); err != nil {
		return fmt.Errorf("monitor: home: %w", err)
	}
	ledger, err := client.New(client.Config{
		URLs: config.Nodes, Anchor: client.AnchorOf(document), TrustFile: filepath.Join(config.Home, "trust.json"), Logger: logger,
	})
	if err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	kept, err := index.Open(ctx, config.database(), document, genesis.Hash(encoded))
	if err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	defer func() { _ = kept.Close() }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", config.Listen)
	if err != nil {
		return fmt.Errorf("monitor: listen: %w", err)
	}
	logger.Info("the monitor's page is ready", "url", "http://"+listener.Addr().String()+"/")
	owners := make([]web.Owner, len(config.ParkAPI))
	for i, park := range config.ParkAPI {
		owners[i] = newOwner(park)
	}
	return serve(ctx, parts{config, document, ledger, kept, listener, owners, logger})
}

// parts is what a running monitor is made of.
type parts struct {
	config   Config
	document genesis.Document
	ledger   Ledger
	index    *index.Index
	listener net.Listener
	owners   []web.Owner
	logger   *slog.Logger
}

// serve follows the ledger and answers the page, until ctx ends or one of the
// two fails.
func serve(ctx context.Context, p parts) error {
	viewer := view.New(p.index, p.document, p.logger)
	hub := &web.Hub{}
	server := web.New(web.Options{
		View: viewer, Events: hub, Prover: p.ledger, Owners: p.owners, Metrics: metrics.Handler(viewer),
		Check:  "sesame record --genesis " + filepath.Base(p.config.Genesis) + " --node " + p.config.Nodes[0],
		Logger: p.logger,
	})
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return follow(ctx, p.ledger, p.index, hub, p.logger) })
	group.Go(func() error { return server.Serve(ctx, p.listener) })
	return group.Wait()
}
