package field

import (
	"fmt"
	"log/slog"
	"net"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
)

// Bounds of the broker that a park node brings along: it serves one site.
const (
	brokerClients    = 256
	brokerPacketSize = 128 << 10
	brokerMessageAge = 3 * 24 * 60 * 60 // seconds
)

// Broker is the MQTT broker that a park node brings along.
type Broker struct {
	server  *mqtt.Server
	address string
}

// StartBroker serves MQTT 3.1.1 and 5 over TCP at listen ("127.0.0.1:1883";
// port 0 picks a free one). Without a user name anybody who can reach it is let
// in, so then it listens on a loopback address only.
func StartBroker(listen, username, password string, logger *slog.Logger) (*Broker, error) {
	if username == "" && !loopback(listen) {
		return nil, fmt.Errorf("broker on %s without a user name: expected a loopback address, or mqtt.username and mqtt.password", listen)
	}
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumClients = brokerClients
	capabilities.MaximumPacketSize = brokerPacketSize
	capabilities.MaximumMessageExpiryInterval = brokerMessageAge
	server := mqtt.New(&mqtt.Options{Capabilities: capabilities, Logger: quiet(logger)})
	if err := server.AddHook(&door{username: username, password: password}, nil); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	listener := listeners.NewTCP(listeners.Config{ID: "tcp", Address: listen})
	if err := server.AddListener(listener); err != nil {
		return nil, fmt.Errorf("broker on %s: %w", listen, err)
	}
	if err := server.Serve(); err != nil {
		return nil, fmt.Errorf("broker on %s: %w", listen, err)
	}
	return &Broker{server, listener.Address()}, nil
}

// URL is where clients reach the broker.
func (b *Broker) URL() string { return "mqtt://" + b.address }

// Close ends all connections and stops listening.
func (b *Broker) Close() error { return b.server.Close() }

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

// quiet is the logger for a library that reports the everyday as information:
// a level above ours, so that warnings and errors are heard only.
func quiet(logger *slog.Logger) *slog.Logger { return slog.New(warnings{logger.Handler()}) }
