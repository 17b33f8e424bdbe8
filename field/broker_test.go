package field

import (
	"errors"
	"net"
	"sync/atomic"
	"testing"
)

// freeAddress is an address that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reserved.Close() }()
	return reserved.Addr().String()
}

// A meter's message that waits for the broker comes in the moment the broker
// lets it in, and one that comes while the broker goes down is sent again to
// the next: over many lives of the broker none is lost.
func TestBrokerThatRestartsLosesNothing(t *testing.T) {
	address := freeAddress(t)
	meter, err := NewLink(LinkConfig{URL: "mqtt://" + address, ClientID: "meter"}, silent)
	if err != nil {
		t.Fatal(err)
	}
	meter.Connect()
	t.Cleanup(meter.Close)
	missing, received := map[byte]bool{}, make(chan Message, 1000) // what the node has kept, in whichever life
	for life := range byte(4) {
		for message := range byte(10) {
			if err := meter.Send("site/meter/load", false, []byte{life*10 + message}); err != nil {
				t.Fatal(err)
			}
			missing[life*10+message] = true
		}
		broker, err := StartBroker("", "", silent)
		if err != nil {
			t.Fatal(err)
		}
		broker.Subscribe("site/meter/+", func(message Message) error { received <- message; return nil })
		if _, err := broker.Admit(address); err != nil {
			t.Fatal(err)
		}
		for count := 0; count < 7 && len(missing) > 0; count++ { // goes down with messages under way
			delete(missing, next(t, received).Payload[0])
		}
		if life == 3 {
			for len(missing) > 0 {
				delete(missing, next(t, received).Payload[0])
			}
		}
		if err := broker.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMessageThatTheNodeCouldNotKeepIsSentAgain(t *testing.T) {
	broker, err := StartBroker("", "", silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	received := make(chan Message, 10)
	var calls atomic.Int32
	broker.Subscribe("meter", func(message Message) error {
		if calls.Add(1) == 1 {
			return errors.New("disk full")
		}
		received <- message
		return nil
	})
	url, err := broker.Admit("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	meter, _ := openLink(t, LinkConfig{URL: url, ClientID: "meter"}, "")
	if err := meter.Send("meter", false, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if message := next(t, received); string(message.Payload) != "x" {
		t.Fatalf("%+v", message)
	}
}

func TestBrokersOwnMessagesReachDevicesAndNotItself(t *testing.T) {
	broker, err := StartBroker("", "", silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	broker.Subscribe("signal", func(Message) error { t.Error("the node heard itself"); return nil })
	url, err := broker.Admit("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := broker.Publish(t.Context(), "signal", true, []byte("go")); err != nil {
		t.Fatal(err)
	}
	_, received := openLink(t, LinkConfig{URL: url, ClientID: "device"}, "signal")
	if message := next(t, received); string(message.Payload) != "go" {
		t.Fatalf("%+v", message)
	}
}

func TestFiltersMatchLevelByLevel(t *testing.T) {
	for _, test := range []struct {
		filter, topic string
		want          bool
	}{
		{"a/b", "a/b", true}, {"a/b", "a/c", false}, {"a/+", "a/b", true}, {"a/+", "a/b/c", false}, {"a/+", "a", false}, {"a/+", "a/", true},
	} {
		if got := matches(test.filter, test.topic); got != test.want {
			t.Errorf("%s on %s: %v", test.filter, test.topic, got)
		}
	}
}
