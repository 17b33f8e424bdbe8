package field

import (
	"context"
	"log/slog"
)

// faults passes on errors only: the broker library warns of every client that
// goes without a word.
type faults struct{ next slog.Handler }

// Enabled implements slog.Handler.
func (f faults) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && f.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (f faults) Handle(ctx context.Context, record slog.Record) error {
	return f.next.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (f faults) WithAttrs(attrs []slog.Attr) slog.Handler { return faults{f.next.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (f faults) WithGroup(name string) slog.Handler { return faults{f.next.WithGroup(name)} }
