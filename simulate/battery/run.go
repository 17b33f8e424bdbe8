package battery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/genesis"
)

// Run simulates a battery until ctx ends.
func Run(ctx context.Context, config Config, logger *slog.Logger) error {
	clock, follow, err := clockOf(config, logger)
	if err != nil {
		return fmt.Errorf("simulated battery: %w", err)
	}
	simulated, err := New(config, clock)
	if err != nil {
		return err
	}
	if config.State != "" {
		if err := simulated.Restore(config.State); err != nil {
			return err
		}
		simulated.KeepIn(config.State, logger)
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return follow(running) })
	group.Go(func() error { return simulated.Serve(running, config.Listen, logger) })
	err = group.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	if config.State != "" {
		err = errors.Join(err, simulated.Save(config.State))
	}
	return err
}

// clockOf gives the battery's clock and what keeps it going: the ledger's
// blocks, or nothing where the battery goes by the machine's clock.
func clockOf(config Config, logger *slog.Logger) (Clock, func(context.Context) error, error) {
	if len(config.Nodes) == 0 {
		wall := func() (time.Time, bool) { return time.Now(), true }
		return wall, func(context.Context) error { return nil }, nil
	}
	document, _, err := genesis.Load(config.Genesis)
	if err != nil {
		return nil, nil, err
	}
	ledger, err := client.New(client.Config{URLs: config.Nodes, Anchor: client.AnchorOf(document), Logger: logger})
	if err != nil {
		return nil, nil, err
	}
	clock := client.NewClock(document.Clock.Factor, document.Clock.Cap())
	follow := func(ctx context.Context) error {
		return ledger.Follow(ctx, 0, func(block client.Block) error {
			clock.Observe(block)
			return nil
		})
	}
	return clock.Now, follow, nil
}
