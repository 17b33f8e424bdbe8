package field

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"
)

var silent = slog.New(slog.DiscardHandler)

// startBroker starts a broker and gives its URL.
func startBroker(t *testing.T, listen, user, password string) (url string) {
	t.Helper()
	broker, err := StartBroker(user, password, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	if url, err = broker.Admit(listen); err != nil {
		t.Fatal(err)
	}
	return url
}

// openLink opens a link that hands what filter matches to the channel.
func openLink(t *testing.T, config LinkConfig, filter string) (*Link, <-chan Message) {
	t.Helper()
	link, err := NewLink(config, silent)
	if err != nil {
		t.Fatal(err)
	}
	received := make(chan Message, 100)
	if filter != "" {
		link.Subscribe(filter, func(message Message) error { received <- message; return nil })
	}
	link.Connect()
	if err := link.Ready(timeout(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(link.Close)
	return link, received
}

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func next(t *testing.T, received <-chan Message) Message {
	t.Helper()
	select {
	case message := <-received:
		return message
	case <-time.After(20 * time.Second):
		t.Fatal("no message came")
		return Message{}
	}
}

func TestRetainedMessagesReachLaterSubscribers(t *testing.T) {
	broker := startBroker(t, "127.0.0.1:0", "", "")
	sender, _ := openLink(t, LinkConfig{URL: broker, ClientID: "sender"}, "")
	if err := sender.Publish(timeout(t), "a/b", true, []byte("x")); err != nil {
		t.Fatal(err)
	}
	_, received := openLink(t, LinkConfig{URL: broker, ClientID: "late"}, "a/+")
	if message := next(t, received); message.Topic != "a/b" || string(message.Payload) != "x" {
		t.Fatalf("%+v", message)
	}
}

func TestMessageSentWhileTheBrokerIsAwayArrivesLater(t *testing.T) {
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := reserved.Addr().String()
	_ = reserved.Close()
	sender, err := NewLink(LinkConfig{URL: "mqtt://" + address, ClientID: "sender"}, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	already, cancel := context.WithCancel(t.Context())
	cancel()
	sender.Connect()
	if err := sender.Ready(already); !errors.Is(err, context.Canceled) {
		t.Fatalf("Ready without a broker: %v", err)
	}
	if err := sender.Publish(already, "a", true, []byte("kept")); !errors.Is(err, context.Canceled) {
		t.Fatalf("Publish without a broker: %v", err)
	}
	startBroker(t, address, "", "")
	_, received := openLink(t, LinkConfig{URL: "mqtt://" + address, ClientID: "receiver"}, "a")
	if message := next(t, received); string(message.Payload) != "kept" {
		t.Fatalf("%+v", message)
	}
}

func TestMessageThatCouldNotBeKeptComesAgain(t *testing.T) {
	broker := startBroker(t, "127.0.0.1:0", "", "")
	sender, _ := openLink(t, LinkConfig{URL: broker, ClientID: "sender"}, "")
	if err := sender.Publish(timeout(t), "a/ready", true, []byte("retained: shows that the subscription stands")); err != nil {
		t.Fatal(err)
	}
	first, err := NewLink(LinkConfig{URL: broker, ClientID: "receiver"}, silent)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan Message, 2)
	first.Subscribe("a/+", func(message Message) error {
		seen <- message
		if message.Topic == "a/reading" {
			return errors.New("disk full")
		}
		return nil
	})
	first.Connect()
	if err := first.Ready(timeout(t)); err != nil {
		t.Fatal(err)
	}
	next(t, seen)
	if err := sender.Publish(timeout(t), "a/reading", false, []byte("once more")); err != nil {
		t.Fatal(err)
	}
	next(t, seen)
	first.Close()
	_, received := openLink(t, LinkConfig{URL: broker, ClientID: "receiver"}, "a/+")
	for {
		if message := next(t, received); message.Topic == "a/reading" {
			return
		}
	}
}

func TestBrokerWithPasswordLetsNobodyElseIn(t *testing.T) {
	broker := startBroker(t, "127.0.0.1:0", "site", "open sesame")
	openLink(t, LinkConfig{URL: broker, ClientID: "a", Username: "site", Password: "open sesame"}, "")
	openLink(t, LinkConfig{URL: strings.Replace(broker, "//", "//site:open%20sesame@", 1), ClientID: "b"}, "")
	stranger, err := NewLink(LinkConfig{URL: broker, ClientID: "c", Username: "site", Password: "wrong"}, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stranger.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	stranger.Connect()
	if err := stranger.Ready(ctx); err == nil {
		t.Fatal("a wrong password was accepted")
	}
}

func TestOpenBrokerListensOnLoopbackOnly(t *testing.T) {
	broker, err := StartBroker("", "", silent)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = broker.Close() }()
	for _, listen := range []string{"0.0.0.0:0", ":0", "192.0.2.1:1883", "nonsense"} {
		if _, err := broker.Admit(listen); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%s: %v, expected a refusal", listen, err)
		}
	}
}

func TestBrokerURLsThatCannotBeAreRefused(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:1883", "http://host", "mqtt://", "mqtt://user:secret@%zz"} {
		_, err := NewLink(LinkConfig{URL: address, ClientID: "a"}, silent)
		if err == nil {
			t.Errorf("%q was accepted", address)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
