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
		gates: who.Genesis.Gates, chain: who.Genesis.ChainID, location: who.Location,
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
	inbox := &inbox{config: n.config, topics: n.topics, records: n.records, clock: n.clock, changed: worker.Wake, logger: n.logger}
	hangUp, err := n.connect(inbox)
	if err != nil {
		return err
	}
	defer hangUp()
	local, err := participant.StartLocal(n.listen(), n.page())
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }()
	n.logger.Info("park node started", "broker", n.broker, "page", local.URL())

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return worker.Run(ctx) })
	group.Go(func() error { return n.signals(ctx) })
	group.Go(func() error { return who.Introduce(ctx, committee.RolePark) })
	return group.Wait()
}

// connect puts the inbox at the end of the park's own broker or of the link to
// another one.
func (n *Node) connect(inbox *inbox) (hangUp func(), err error) {
	mqtt := n.config.MQTT
	if mqtt.URL != "" {
		link, err := field.NewLink(field.LinkConfig{
			URL: mqtt.URL, Username: mqtt.Username, Password: mqtt.Password, ClientID: "sesame-park-" + n.name,
		}, n.logger)
		if err != nil {
			return nil, err
		}
		inbox.subscribe(link)
		n.publisher = link
		link.Connect()
		return link.Close, nil
	}
	broker, err := field.StartBroker(mqtt.Username, mqtt.Password, n.logger)
	if err != nil {
		return nil, err
	}
	inbox.subscribe(broker)
	n.publisher = broker
	if n.broker, err = broker.Admit(mqtt.Listen); err != nil {
		return nil, errors.Join(err, broker.Close())
	}
	return func() { _ = broker.Close() }, nil
}

func (n *Node) listen() string {
	if n.config.Listen == "" {
		return "127.0.0.1:0"
	}
	return n.config.Listen
}
