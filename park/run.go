package park

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/participant"
)

// Run is a park's node: it works until ctx ends, which is no error.
func Run(ctx context.Context, config Config, logger *slog.Logger) error {
	if err := config.Validate(); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	who, err := participant.Open(config.Config, logger)
	if err != nil {
		return err
	}
	return Serve(ctx, config, who, logger)
}

// Serve is Run for a participant that is connected already.
func Serve(ctx context.Context, config Config, who *participant.Participant, logger *slog.Logger) error {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	kept, err := openRecords(config.Home)
	if err != nil {
		return err
	}
	err = newNode(config, who, kept, logger.With("park", who.Identity.Name)).run(ctx, who)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, kept.close())
}

func newNode(config Config, who *participant.Participant, kept *records, logger *slog.Logger) *Node {
	return &Node{
		name: who.Identity.Name, config: &config, topics: config.Topics.WithDefaults(who.Identity.Name),
		gates: who.Genesis.Gates, threshold: who.Genesis.Threshold, location: who.Location,
		ledger: who, clock: who.Clock, records: kept, logger: logger,
		plans: map[uint32]plannedDay{}, planned: make(chan struct{}), done: map[uint32]bool{},
	}
}

// run brings broker, link and page up and works until ctx ends or a part fails.
func (n *Node) run(ctx context.Context, who *participant.Participant) error {
	if err := n.topics.Validate(); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	worker := &participant.Worker{Ledger: who, Clock: n.clock, Logger: n.logger, Concerns: n.concerns, Attend: n.attend}
	worker.Start()
	url, admit := n.config.MQTT.URL, func() (string, error) { return "", nil }
	if url == "" {
		broker, err := field.StartBroker(n.config.MQTT.Username, n.config.MQTT.Password, n.logger)
		if err != nil {
			return err
		}
		defer func() { _ = broker.Close() }()
		url, admit = broker.BackDoor(), func() (string, error) { return broker.Admit(n.config.MQTT.Listen) }
	}
	link, err := n.connect(url, worker.Wake)
	if err != nil {
		return err
	}
	defer link.Close()
	local, err := participant.StartLocal(n.listen(), n.page())
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }()
	n.logger.Info("park node started", "page", local.URL())

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.open(ctx, link, admit) })
	group.Go(func() error { return worker.Run(ctx) })
	group.Go(func() error { return n.signals(ctx) })
	group.Go(func() error { return who.Introduce(ctx, committee.RolePark) })
	return group.Wait()
}

// open connects to the broker, and lets the meters in once the node listens.
func (n *Node) open(ctx context.Context, link *field.Link, admit func() (string, error)) error {
	link.Connect()
	if err := link.Ready(ctx); err != nil {
		return err
	}
	url, err := admit()
	if err != nil {
		return err
	}
	n.mutex.Lock()
	n.broker = url
	n.mutex.Unlock()
	n.logger.Info("meters can publish", "broker", url)
	return nil
}

// connect prepares the link to the broker, with the inbox at its end.
func (n *Node) connect(url string, wake func()) (*field.Link, error) {
	link, err := field.NewLink(field.LinkConfig{
		URL: url, Username: n.config.MQTT.Username, Password: n.config.MQTT.Password, ClientID: "sesame-park-" + n.name,
	}, n.logger)
	if err != nil {
		return nil, err
	}
	n.publisher = link
	inbox := &inbox{config: n.config, topics: n.topics, records: n.records, clock: n.clock, changed: wake, logger: n.logger}
	inbox.subscribe(link)
	return link, nil
}

func (n *Node) listen() string {
	if n.config.Listen == "" {
		return "127.0.0.1:0"
	}
	return n.config.Listen
}
