package field

import (
	"errors"
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

// Broker is the MQTT broker that a park node brings along. It keeps sessions
// and retained messages in memory only, so the node subscribes at its back door
// before anybody else is let in: what a meter sends is never lost between.
type Broker struct {
	server   *mqtt.Server
	backDoor string
	username string
}

// StartBroker starts a broker of MQTT 3.1.1 and 5 with its back door, a free
// loopback port. Clients show the user name and password, where there is one.
func StartBroker(username, password string, logger *slog.Logger) (*Broker, error) {
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumClients = brokerClients
	capabilities.MaximumPacketSize = brokerPacketSize
	capabilities.MaximumMessageExpiryInterval = brokerMessageAge
	server := mqtt.New(&mqtt.Options{Capabilities: capabilities, Logger: quiet(logger)})
	if err := server.AddHook(&door{username: username, password: password}, nil); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	if err := server.Serve(); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	broker := &Broker{server: server, username: username}
	var err error
	if broker.backDoor, err = broker.listen("back", "127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return broker, nil
}

// BackDoor is where the node itself reaches the broker.
func (b *Broker) BackDoor() string { return b.backDoor }

// Admit lets clients in over TCP at listen ("127.0.0.1:1883"; port 0 picks a
// free one) and gives the URL. Without a user name anybody who can reach the
// broker is let in, so then it listens on a loopback address only.
func (b *Broker) Admit(listen string) (url string, err error) {
	if b.username == "" && !loopback(listen) {
		return "", fmt.Errorf("broker on %s without a user name: expected a loopback address, or mqtt.username and mqtt.password", listen)
	}
	return b.listen("front", listen)
}

func (b *Broker) listen(id, address string) (url string, err error) {
	listener := listeners.NewTCP(listeners.Config{ID: id, Address: address})
	if err := b.server.AddListener(listener); err != nil {
		return "", fmt.Errorf("broker on %s: %w", address, err)
	}
	b.server.Listeners.Serve(id, b.server.EstablishConnection)
	return "mqtt://" + listener.Address(), nil
}

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
