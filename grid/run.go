package grid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/participant"
)

// Run is the grid company's node: it works until ctx ends, which is no error.
func Run(ctx context.Context, config Config, logger *slog.Logger) error {
	if err := config.Validate(); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	who, err := participant.Open(config.Config, logger)
	if err != nil {
		return err
	}
	return Serve(ctx, config, who, logger)
}

// Serve is Run for a participant that is connected already.
func Serve(ctx context.Context, config Config, who *participant.Participant, logger *slog.Logger) error {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	tariffs, err := openBook(config)
	if err != nil {
		return err
	}
	kept, err := openRecords(config.Home)
	if err != nil {
		return err
	}
	err = newNode(config, who, tariffs, kept, logger.With("grid", who.Identity.Name)).run(ctx, who)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, kept.close())
}

func newNode(config Config, who *participant.Participant, tariffs book, kept *records, logger *slog.Logger) *Node {
	return &Node{
		name: who.Identity.Name, sealingKey: who.Identity.SealingKey, config: config,
		gates: who.Genesis.Gates, location: who.Location, book: tariffs,
		ledger: who, clock: who.Clock, records: kept, logger: logger,
		refused: map[uint32]bool{}, wrong: map[string]bool{},
	}
}

func (n *Node) run(ctx context.Context, who *participant.Participant) error {
	worker := &participant.Worker{Ledger: who, Clock: n.clock, Logger: n.logger, Concerns: n.concerns, Attend: n.attend}
	worker.Start()
	listen := n.config.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	local, err := participant.StartLocal(listen, n.page())
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }()
	n.logger.Info("grid company's node started", "page", local.URL())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return worker.Run(ctx) })
	group.Go(func() error { return who.Introduce(ctx, committee.RoleGrid) })
	return group.Wait()
}
