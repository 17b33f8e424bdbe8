package main

import (
	"context"
	"errors"
	"log/slog"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/identity"
)

// startCommand makes the command that runs a daemon from one YAML file until
// it is interrupted or terminated. Its example is the file that "sesame network"
// writes for it.
func startCommand[C any](use, short, file string, run func(context.Context, C, *slog.Logger) error) *cobra.Command {
	var path string
	command := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		Annotations: map[string]string{exampleFile: file},
		RunE: func(command *cobra.Command, _ []string) error {
			if path == "" {
				return badInput(errors.New("--config is missing: name the daemon's configuration file"))
			}
			loaded, err := config.Load[C](path)
			if err != nil {
				return badInput(err)
			}
			ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			logger := slog.New(slog.NewTextHandler(command.ErrOrStderr(), nil))
			identity.ProtectMemory(logger)
			return run(ctx, loaded, logger)
		},
	}
	command.Flags().StringVar(&path, "config", "", "the daemon's configuration file (YAML)")
	return command
}
