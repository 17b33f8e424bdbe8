package battery

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/simonvetter/modbus"
)

// idle is after how long without a request a connection is closed.
const idle = 10 * time.Minute

// Serve answers Modbus TCP at address (host:port) until ctx ends.
func (b *Battery) Serve(ctx context.Context, address string, logger *slog.Logger) error {
	server, err := modbus.NewServer(&modbus.ServerConfiguration{
		URL: "tcp://" + address, Timeout: idle, MaxClients: 10,
		Logger: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}, b)
	if err != nil {
		return fmt.Errorf("simulated battery: Modbus server at %s: %w", address, err)
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("simulated battery: Modbus server at %s: %w", address, err)
	}
	logger.Info("simulated battery answers", "modbus", address)
	<-ctx.Done()
	if err := server.Stop(); err != nil {
		return fmt.Errorf("simulated battery: stop Modbus server: %w", err)
	}
	return nil
}
