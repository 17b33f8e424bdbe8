package field

import (
	"context"
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

// Broker is the MQTT broker that a park node brings along. It acknowledges a
// message that the node wants only once the node has kept it, so nothing is
// lost when the node stops: the sender sends it again. Sessions and retained
// messages are in memory.
type Broker struct {
	server   *mqtt.Server
	intake   *intake
	username string
}

// StartBroker starts a broker of MQTT 3.1.1 and 5 that lets nobody in yet:
// Subscribe to what is wanted, then Admit. Clients show the user name and
// password, where there is one.
func StartBroker(username, password string, logger *slog.Logger) (*Broker, error) {
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumClients = brokerClients
	capabilities.MaximumPacketSize = brokerPacketSize
	capabilities.MaximumMessageExpiryInterval = brokerMessageAge
	server := mqtt.New(&mqtt.Options{Capabilities: capabilities, Logger: quiet(logger), InlineClient: true})
	intake := &intake{logger: logger}
	for _, hook := range []mqtt.Hook{&door{username: username, password: password}, intake} {
		if err := server.AddHook(hook, nil); err != nil {
			return nil, fmt.Errorf("broker: %w", err)
		}
	}
	if err := server.Serve(); err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	return &Broker{server, intake, username}, nil
}

// Subscribe has handle called for every message that matches filter, before
// the sender gets its acknowledgement; from several senders at once. Where
// handle fails the sender gets none and is disconnected. Call it before Admit.
func (b *Broker) Subscribe(filter string, handle func(Message) error) {
	b.intake.wanted = append(b.intake.wanted, subscription{filter, handle})
}

// Admit lets clients in over TCP at listen ("127.0.0.1:1883"; port 0 picks a
// free one) and gives the URL. Without a user name anybody who can reach the
// broker is let in, so then it listens on a loopback address only.
func (b *Broker) Admit(listen string) (url string, err error) {
	if b.username == "" && !loopback(listen) {
		return "", fmt.Errorf("broker on %s without a user name: expected a loopback address, or mqtt.username and mqtt.password", listen)
	}
	listener := listeners.NewTCP(listeners.Config{ID: "tcp", Address: listen})
	if err := b.server.AddListener(listener); err != nil {
		return "", fmt.Errorf("broker on %s: %w", listen, err)
	}
	b.server.Listeners.Serve(listener.ID(), b.server.EstablishConnection)
	return "mqtt://" + listener.Address(), nil
}

// Publish sends a message to all subscribers.
func (b *Broker) Publish(_ context.Context, topic string, retained bool, payload []byte) error {
	if err := b.server.Publish(topic, payload, retained, atLeastOnce); err != nil {
		return fmt.Errorf("publish %s: %w", topic, err)
	}
	return nil
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

// quiet is the logger for a library that reports the everyday.
func quiet(logger *slog.Logger) *slog.Logger { return slog.New(faults{logger.Handler()}) }
