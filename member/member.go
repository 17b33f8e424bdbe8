package member

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/member/keeper"
	"github.com/sesame-energy/sesame/participant"
)

// Run runs a committee member until ctx ends or its node fails.
func Run(ctx context.Context, config Config, logger *slog.Logger) error {
	who, err := identity.Load(config.Home)
	if err != nil {
		return fmt.Errorf("member: %w", err)
	}
	key, err := LoadConsensusKey(config.Home)
	if err != nil {
		return fmt.Errorf("member %s: %w", who.Name, err)
	}
	running, err := startNode(ctx, config.Home, who.Name, config.Genesis, config.Node, key, logger)
	if err != nil {
		return unlessStopped(ctx, fmt.Errorf("member %s: %w", who.Name, err))
	}
	logger.Info("member runs", "name", who.Name, "api", running.url(), "keeper", config.Keeper != "off")
	keeping, stopKeeping := context.WithCancel(ctx)
	defer stopKeeping()
	ended := make(chan error, 1)
	go func() {
		if config.Keeper == "off" {
			<-keeping.Done()
			ended <- nil
			return
		}
		ended <- Keep(keeping, config, running.url(), nil, logger)
	}()
	select {
	case <-ctx.Done():
		err = <-ended
	case <-running.Done():
		stopKeeping()
		err = errors.Join(running.Err(), <-ended)
	case err = <-ended:
	}
	if err := errors.Join(err, running.stop()); err != nil {
		return fmt.Errorf("member %s: %w", who.Name, err)
	}
	return nil
}

// Keep keeps the member's shares over the API of the node at url until ctx
// ends. What the keeper has to say goes to the ledger directly, or through the
// poster that wrap puts before it.
func Keep(ctx context.Context, config Config, url string, wrap func(keeper.Poster) keeper.Poster, logger *slog.Logger) error {
	ledger, err := participant.Open(participant.Config{Home: config.Home, Nodes: []string{url}, Genesis: config.Genesis}, logger)
	if err != nil {
		return err
	}
	store, err := keeper.OpenStore(filepath.Join(config.Home, "daykeys"))
	if err != nil {
		return err
	}
	var poster keeper.Poster = ledger
	if wrap != nil {
		poster = wrap(ledger)
	}
	kept := keeper.New(ledger.Identity.Name, identity.SealingKeys{Dir: config.Home}, ledger, poster, store, logger)
	registered := false
	worker := participant.Worker{
		Ledger: ledger, Clock: ledger.Clock, Logger: logger, Concerns: kept.Concerns,
		Attend: func(ctx context.Context, now time.Time) (time.Time, error) {
			if !registered {
				if err := ledger.Registered(ctx, committee.RoleMember); err != nil {
					return time.Time{}, err
				}
				registered = true
			}
			return kept.Attend(ctx, now)
		},
	}
	worker.Start()
	if err := worker.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
