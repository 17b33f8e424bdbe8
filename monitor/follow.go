package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/monitor/index"
	"github.com/sesame-energy/sesame/monitor/web"
)

// Ledger is what the monitor needs of the ledger; *client.Client is one.
type Ledger interface {
	Follow(ctx context.Context, from int64, visit func(client.Block) error) error
	Get(ctx context.Context, key string) (client.Record, error)
}

// follow indexes the blocks that the index does not have yet, and every new
// one, until ctx ends.
func follow(ctx context.Context, ledger Ledger, into *index.Index, hub *web.Hub, logger *slog.Logger) error {
	newest, err := into.Height(ctx)
	if err != nil {
		return fmt.Errorf("monitor: %w", err)
	}
	logger.Info("following the ledger", "from", newest+1)
	err = ledger.Follow(ctx, newest+1, func(block client.Block) error {
		if err := into.Apply(ctx, block); err != nil {
			return err
		}
		hub.Publish(web.News{
			Height: block.Height, LedgerTime: block.LedgerTime, BlockTime: block.BlockTime.UnixMilli(),
			Proposer: block.Proposer.String(), Transactions: len(block.Transactions),
		})
		return nil
	})
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return fmt.Errorf("monitor: follow the ledger: %w", err)
}
