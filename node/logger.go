package node

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/cometbft/cometbft/libs/log"
)

// engineLogger passes the engine's log on. What the engine calls information
// is a line per step of every round, so it is debugging to us. Its line about
// a consensus failure is the only sign it gives: after it the engine seems to
// run, answers, and never decides again.
type engineLogger struct {
	logger *slog.Logger
	watch  *watch
}

// watch is what the loggers of one engine share.
type watch struct {
	failed func(reason error) // called on a consensus failure
	quiet  func() bool        // true while stopping, when the engine calls the expected an error
}

const consensusFailure = "CONSENSUS FAILURE"

// Debug implements log.Logger.
func (l engineLogger) Debug(message string, pairs ...any) { l.write(slog.LevelDebug-4, message, pairs) }

// Info implements log.Logger.
func (l engineLogger) Info(message string, pairs ...any) { l.write(slog.LevelDebug, message, pairs) }

// Warn implements log.Logger.
func (l engineLogger) Warn(message string, pairs ...any) { l.write(slog.LevelWarn, message, pairs) }

// Error implements log.Logger.
func (l engineLogger) Error(message string, pairs ...any) {
	level := slog.LevelError
	if l.watch.quiet() {
		level = slog.LevelDebug
	}
	l.write(level, message, pairs)
	if strings.HasPrefix(message, consensusFailure) {
		l.watch.failed(fmt.Errorf("the consensus engine has given up: %v", value(pairs, "err")))
	}
}

// With implements log.Logger.
func (l engineLogger) With(pairs ...any) log.Logger {
	return engineLogger{l.logger.With(pairs...), l.watch}
}

// write looks at the level first: the engine formats even what nobody reads.
func (l engineLogger) write(level slog.Level, message string, pairs []any) {
	if l.logger.Enabled(context.Background(), level) {
		l.logger.Log(context.Background(), level, message, pairs...)
	}
}

func value(pairs []any, key string) any {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == key {
			return pairs[i+1]
		}
	}
	return nil
}
