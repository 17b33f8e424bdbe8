package battery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/sunspec"
)

// gateway is the three parts of the daemon around one participant.
type gateway struct {
	config     Config
	ledger     *participant.Participant
	device     *modbusDevice
	store      *store
	status     *status
	controller *controller
	reporter   *reporter
	trader     *trader

	mutex sync.Mutex
	heard time.Time // when the last block arrived
}

// Run runs the gateway until ctx ends; it then makes the battery rest.
func Run(ctx context.Context, config Config, logger *slog.Logger) error {
	config = config.withDefaults()
	g, err := open(config, logger)
	if err != nil {
		return fmt.Errorf("battery gateway: %w", err)
	}
	err = g.run(ctx, logger)
	if failure := g.controller.rest(); failure != nil {
		logger.Warn("the battery was not told to rest; it will when it misses the heartbeat", "error", failure)
	}
	return errors.Join(err, g.device.Close(), g.store.Close())
}

func open(config Config, logger *slog.Logger) (*gateway, error) {
	ledger, err := participant.Open(config.Config, logger)
	if err != nil {
		return nil, err
	}
	store, err := openStore(config.Home)
	if err != nil {
		return nil, err
	}
	g := &gateway{
		config: config, ledger: ledger, store: store,
		device: newDevice(config.Modbus, config.Unit, logger), status: newStatus(logger),
	}
	factor := max(ledger.Genesis.Clock.Factor, 1)
	silence := int64(config.Silence/time.Millisecond) * factor / 1000
	known := func() *days { return newDays(ledger, ledger.Location) }
	g.controller = &controller{
		device: g.device, days: known(), clock: ledger.Clock.Now, fresh: g.fresh, factor: factor,
		timeout: uint32(min(max(silence, 1), sunspec.MaxTimeout)), limit: config.Power, status: g.status,
	}
	g.reporter = &reporter{
		ledger: ledger, device: g.device, days: known(), store: store, status: g.status, logger: logger,
	}
	g.trader = &trader{
		ledger: ledger, days: known(), clock: ledger.Clock.Now, store: store,
		name: ledger.Identity.Name, sealing: ledger.Identity.SealingKey, logger: logger,
		confirmed: map[string]bool{},
	}
	return g, nil
}

// fresh says what is wrong where blocks have stopped coming: then nothing that
// the gateway knows may be acted on any more.
func (g *gateway) fresh() error {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if age := time.Since(g.heard); age > g.config.Silence {
		return fmt.Errorf("no block for %v", age.Round(time.Second))
	}
	return nil
}

func (g *gateway) run(ctx context.Context, logger *slog.Logger) error {
	if g.config.Status != "" {
		page, err := participant.StartLocal(g.config.Status, g.status.handler(g.store))
		if err != nil {
			return err
		}
		defer func() { _ = page.Close() }()
		logger.Info("status page", "url", page.URL())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	parts := []*loop{
		{name: "control", part: g.controller}, {name: "report", part: g.reporter}, {name: "trade", part: g.trader},
	}
	for _, part := range parts {
		part.news = make(chan struct{}, 1)
		running.Go(func() { part.run(ctx, g.config.Heartbeat, g.status) })
	}
	err := g.follow(ctx, parts)
	stop()
	running.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// follow hands every new block to all parts, as soon as the ledger has shown
// that the operator's account is this one.
func (g *gateway) follow(ctx context.Context, parts []*loop) error {
	registered := false
	return g.ledger.Follow(ctx, 0, func(block client.Block) error {
		if !registered {
			err := g.ledger.Registered(ctx, committee.RoleOperator)
			g.status.step("identity", err)
			if registered = err == nil; !registered {
				return nil // the first blocks cannot be proven yet, and nodes fail: the next block will tell
			}
		}
		g.mutex.Lock()
		g.heard = time.Now()
		g.mutex.Unlock()
		for _, part := range parts {
			part.hand(block)
		}
		return nil
	})
}

// part is one of the gateway's three duties.
type part interface {
	observe(block client.Block)
	step(ctx context.Context) error
}

// loop steps a part at every block, and at every heartbeat from the first
// block on.
type loop struct {
	name string
	part part
	news chan struct{}

	mutex   sync.Mutex
	waiting []client.Block
}

// hand gives the part a block; it never waits.
func (l *loop) hand(block client.Block) {
	l.mutex.Lock()
	l.waiting = append(l.waiting, block)
	l.mutex.Unlock()
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func (l *loop) take() []client.Block {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	blocks := l.waiting
	l.waiting = nil
	return blocks
}

func (l *loop) run(ctx context.Context, pace time.Duration, status *status) {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	begun := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-l.news:
		}
		for _, block := range l.take() {
			l.part.observe(block)
			begun = true
		}
		if !begun {
			continue
		}
		if err := l.part.step(ctx); ctx.Err() == nil {
			status.step(l.name, err)
		}
	}
}
