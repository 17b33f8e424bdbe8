package field

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// How the link behaves towards the broker.
const (
	atLeastOnce   = 1 // MQTT quality of service
	keepAlive     = 20 * time.Second
	greetWithin   = 5 * time.Second // a broker that goes down may take a connection and never say a word
	retryEvery    = time.Second
	retryAtMost   = 10 * time.Second
	goodbyeMillis = 250

	writeAtMost  = 5 * time.Second        // to hand a message to the connection
	answerWithin = 10 * time.Second       // the broker's acknowledgement
	resendAfter  = 100 * time.Millisecond // a message that the broker did not take
	queueLength  = 8192                   // messages that wait for the broker
)

// Message is a message that a subscription got.
type Message struct {
	Topic   string
	Payload []byte
}

// Link is a connection to a broker that comes back by itself. Messages are sent
// one after the other, at least once each: what was handed over while the
// broker was away waits in memory, here and not in the MQTT library, which
// would send it anew while it is still sending it.
type Link struct {
	client  paho.Client
	logger  *slog.Logger
	ordered []subscription
	ready   chan struct{} // closed when all subscriptions stand for the first time
	once    sync.Once
	lost    chan struct{} // capacity 1: a connection was lost
	queue   chan letter
	closed  context.Context
	close   context.CancelFunc
}

// letter is a message on its way out.
type letter struct {
	topic     string
	retained  bool
	payload   []byte
	delivered chan struct{} // closed when the broker has it
}

type subscription struct {
	filter string
	handle func(Message) error
}

// LinkConfig says how to reach the broker.
type LinkConfig struct {
	URL      string // mqtt://host:1883 or mqtts://host:8883, user and password may stand in it
	Username string // used where the URL has none
	Password string
	ClientID string // names the session that the broker keeps for this client
}

// NewLink checks the configuration; Subscribe what is wanted, then Connect.
func NewLink(config LinkConfig, logger *slog.Logger) (*Link, error) {
	address, err := url.Parse(config.URL)
	if err != nil {
		return nil, errors.New("MQTT broker: not a URL (expected mqtt://host:port or mqtts://host:port)")
	}
	if (address.Scheme != "mqtt" && address.Scheme != "mqtts" && address.Scheme != "tcp") || address.Host == "" {
		return nil, fmt.Errorf("MQTT broker %s: expected mqtt://host:port or mqtts://host:port", address.Redacted())
	}
	link := &Link{ready: make(chan struct{}), lost: make(chan struct{}, 1), queue: make(chan letter, queueLength), logger: logger.With("broker", address.Redacted())}
	link.closed, link.close = context.WithCancel(context.Background())
	options := paho.NewClientOptions().AddBroker(address.String()).
		SetProtocolVersion(4). // 3.1.1
		SetClientID(config.ClientID).SetCleanSession(false).
		SetOrderMatters(true).SetAutoAckDisabled(true).
		SetKeepAlive(keepAlive).SetWriteTimeout(writeAtMost).SetConnectTimeout(greetWithin).
		SetConnectRetry(true).SetConnectRetryInterval(retryEvery).
		SetAutoReconnect(true).SetMaxReconnectInterval(retryAtMost).
		SetOnConnectHandler(link.connected).
		SetStore(forgetful{}).
		SetConnectionLostHandler(link.disconnected)
	if address.User == nil && config.Username != "" {
		options.SetUsername(config.Username).SetPassword(config.Password)
	}
	link.client = paho.NewClient(options)
	return link, nil
}

// Subscribe has handle called for every message that matches filter, one
// after the other. A message counts as received once handle returns nil;
// otherwise the broker sends it again on the next connection. Call it before
// Connect.
func (l *Link) Subscribe(filter string, handle func(Message) error) {
	l.ordered = append(l.ordered, subscription{filter, handle})
}

// Connect connects in the background and goes on trying. From then on messages
// can be handed over.
func (l *Link) Connect() {
	for _, wanted := range l.ordered { // before the broker sends what it has kept
		l.client.AddRoute(wanted.filter, func(_ paho.Client, message paho.Message) { l.receive(wanted, message) })
	}
	l.client.Connect()
	go l.deliver()
}

// Ready returns when the first connection and all subscriptions stand, or with
// ctx's error.
func (l *Link) Ready(ctx context.Context) error {
	select {
	case <-l.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// connected subscribes anew on every connection: a broker may have forgotten.
func (l *Link) connected(client paho.Client) {
	l.logger.Debug("connected to broker")
	var tokens []paho.Token
	for _, wanted := range l.ordered {
		tokens = append(tokens, client.Subscribe(wanted.filter, atLeastOnce, nil)) // nil: by the routes
	}
	go func() {
		for _, token := range tokens {
			if !token.WaitTimeout(answerWithin) || token.Error() != nil {
				l.logger.Error("subscription failed", "error", token.Error())
				return
			}
		}
		l.once.Do(func() { close(l.ready) })
	}()
}

func (l *Link) disconnected(_ paho.Client, err error) {
	l.logger.Warn("connection to broker lost", "error", err)
	select {
	case l.lost <- struct{}{}:
	default:
	}
}

func (l *Link) receive(wanted subscription, message paho.Message) {
	if err := wanted.handle(Message{message.Topic(), message.Payload()}); err != nil {
		l.logger.Error("message kept for later", "topic", message.Topic(), "error", err)
		return
	}
	message.Ack()
}

// Send hands a message over without waiting for the broker. The error says that
// too many wait already.
func (l *Link) Send(topic string, retained bool, payload []byte) error {
	_, err := l.enqueue(topic, retained, payload)
	return err
}

// Publish hands a message over; retained messages are shown to later
// subscribers. It returns when the broker has it, or with ctx's error; also
// then the message is sent when the broker is back.
func (l *Link) Publish(ctx context.Context, topic string, retained bool, payload []byte) error {
	delivered, err := l.enqueue(topic, retained, payload)
	if err != nil {
		return err
	}
	select {
	case <-delivered:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("publish %s: %w", topic, ctx.Err())
	}
}

func (l *Link) enqueue(topic string, retained bool, payload []byte) (delivered <-chan struct{}, err error) {
	sent := letter{topic, retained, payload, make(chan struct{})}
	select {
	case l.queue <- sent:
		return sent.delivered, nil
	default:
		return nil, fmt.Errorf("publish %s: %d messages wait for the broker already", topic, queueLength)
	}
}

// deliver sends one message after the other, each until the broker has it.
func (l *Link) deliver() {
	for {
		select {
		case <-l.closed.Done():
			return
		case sent := <-l.queue:
			for !l.attempt(sent) {
				select {
				case <-l.closed.Done():
					return
				case <-time.After(resendAfter):
				}
			}
			close(sent.delivered)
		}
	}
}

// attempt sends a message once and says whether the broker has it.
func (l *Link) attempt(sent letter) bool {
	if !l.client.IsConnectionOpen() {
		return false
	}
	select {
	case <-l.lost: // an earlier connection
	default:
	}
	token := l.client.Publish(sent.topic, atLeastOnce, sent.retained, sent.payload)
	timer := time.NewTimer(answerWithin)
	defer timer.Stop()
	select {
	case <-token.Done():
		return token.Error() == nil
	case <-l.lost:
	case <-timer.C:
	case <-l.closed.Done():
	}
	return false
}

// Close says goodbye to the broker. Messages not yet sent are lost.
func (l *Link) Close() {
	l.close()
	l.client.Disconnect(goodbyeMillis)
}

// forgetful is the memory of the MQTT library: none.
type forgetful struct{}

// Open implements paho.Store.
func (forgetful) Open() {}

// Put implements paho.Store.
func (forgetful) Put(string, packets.ControlPacket) {}

// Get implements paho.Store.
func (forgetful) Get(string) packets.ControlPacket { return nil }

// All implements paho.Store.
func (forgetful) All() []string { return nil }

// Del implements paho.Store.
func (forgetful) Del(string) {}

// Close implements paho.Store.
func (forgetful) Close() {}

// Reset implements paho.Store.
func (forgetful) Reset() {}
