package participant

import (
	"context"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/feed"
)

// Lister lists records as a node tells them.
type Lister interface {
	Reader
	List(ctx context.Context, prefix string, limit int) ([]feed.Record, error)
}

// Tariffs reads the tariffs of the days first to last, oldest first, proven;
// which days have one is the node's word.
func Tariffs(ctx context.Context, ledger Lister, first, last uint32) ([]tariff.Tariff, error) {
	var tariffs []tariff.Tariff
	for hundred := first / 100; hundred <= last/100; hundred++ {
		listed, err := ledger.List(ctx, fmt.Sprintf("%s%04d", tariff.Prefix, hundred), 0)
		if err != nil {
			return nil, fmt.Errorf("tariffs: %w", err)
		}
		for _, entry := range listed {
			if entry.Key < tariff.Key(first) || entry.Key > tariff.Key(last) {
				continue
			}
			day, found, err := Load[tariff.Tariff](ctx, ledger, entry.Key)
			if err != nil {
				return nil, err
			}
			if found {
				tariffs = append(tariffs, day)
			}
		}
	}
	return tariffs, nil
}
