package view

import (
	"context"

	"github.com/sesame-energy/sesame/monitor/index"
)

// Record is the newest indexed value of a key, and whether there is one.
func (v *Viewer) Record(ctx context.Context, key string) (index.Record, bool, error) {
	return v.index.Record(ctx, key)
}
