package field

import (
	"bytes"
	"log/slog"
	"strings"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// intake hands the messages that come into the broker to its own subscriptions
// before they are acknowledged.
type intake struct {
	mqtt.HookBase
	wanted []subscription
	logger *slog.Logger
}

// ID implements mqtt.Hook.
func (in *intake) ID() string { return "intake" }

// Provides implements mqtt.Hook.
func (in *intake) Provides(event byte) bool { return event == mqtt.OnPublish }

// OnPublish implements mqtt.Hook.
func (in *intake) OnPublish(client *mqtt.Client, packet packets.Packet) (packets.Packet, error) {
	if client.Net.Inline { // the broker's own messages
		return packet, nil
	}
	for _, wanted := range in.wanted {
		if !matches(wanted.filter, packet.TopicName) {
			continue
		}
		if err := wanted.handle(Message{packet.TopicName, bytes.Clone(packet.Payload)}); err != nil {
			in.logger.Error("message left with its sender", "topic", packet.TopicName, "error", err)
			client.Stop(err) // it sends again on its next connection
			return packet, packets.ErrRejectPacket
		}
	}
	return packet, nil
}

// matches says whether a topic matches a filter, in which + stands for one level.
func matches(filter, topic string) bool {
	levels, wanted := strings.Split(topic, "/"), strings.Split(filter, "/")
	if len(levels) != len(wanted) {
		return false
	}
	for i, level := range wanted {
		if level != "+" && level != levels[i] {
			return false
		}
	}
	return true
}
