package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/monitor"
	"github.com/sesame-energy/sesame/network"
	"github.com/sesame-energy/sesame/park"
)

// ChainID is the demo's ledger.
const ChainID = "sesame-demo"

// Demo is a network that is laid out and ready to run.
type Demo struct {
	story    *story
	layout   network.Layout
	document genesis.Document
	page     string
	temp     bool
	logger   *slog.Logger
}

// Prepare checks the options and lays out the network, or goes on with the one
// that the folder keeps. A *BadInput error or one of the case's says what is
// wrong with what was asked.
func Prepare(options Options) (*Demo, error) {
	told, err := prepare(options)
	if err != nil {
		return nil, err
	}
	d := &Demo{story: told, logger: slog.New(slog.DiscardHandler)}
	dir := options.Dir
	if dir == "" {
		if options.Keep {
			return nil, &BadInput{errors.New("keep: expected a folder (--dir) to keep the network in")}
		}
		if dir, err = os.MkdirTemp("", "sesame-demo-"); err != nil {
			return nil, fmt.Errorf("folder of the network: %w", err)
		}
		d.temp = true
	}
	if d.layout, err = told.open(dir); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if options.Keep {
		if err := d.portsAreFree(); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	if d.document, _, err = genesis.Load(d.layout.Genesis); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	settings, err := config.Load[monitor.Config](d.layout.Monitor)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.page = "http://" + settings.Listen + "/"
	return d, nil
}

// Close removes a temporary folder.
func (d *Demo) Close() error {
	if !d.temp {
		return nil
	}
	return os.RemoveAll(d.layout.Dir)
}

// Warnings are what the genesis has to say about few parks and thresholds.
func (d *Demo) Warnings() []string { return d.layout.Warnings }

// Dir is the network's folder.
func (d *Demo) Dir() string { return d.layout.Dir }

// Page is the monitor's address.
func (d *Demo) Page() string { return d.page }

// Log says where the daemons' logs go; without it they go nowhere.
func (d *Demo) Log(logger *slog.Logger) { d.logger = logger }

// Run runs every role until the days are settled, then calls settled with the
// report while the network still runs, and stops it when that returns. Nodes
// and devices stop last, so that a gateway can still tell its battery to rest.
func (d *Demo) Run(ctx context.Context, settled func(context.Context, Report) error) error {
	outer, stopOuter := context.WithCancel(context.WithoutCancel(ctx))
	defer stopOuter()
	nodes, outer := errgroup.WithContext(outer)
	d.start(nodes, outer, d.nodesAndDevices())

	inner, stopInner := context.WithCancel(ctx)
	defer stopInner()
	defer context.AfterFunc(outer, stopInner)()
	daemons, inner := errgroup.WithContext(inner)
	d.start(daemons, inner, d.daemons())
	daemons.Go(func() error {
		defer stopInner()
		return d.live(inner, settled)
	})
	err := daemons.Wait()
	stopOuter()
	return errors.Join(err, nodes.Wait())
}

// start runs roles in a group until ctx ends; one that fails ends the group.
func (d *Demo) start(group *errgroup.Group, ctx context.Context, roles []role) {
	for _, role := range roles {
		group.Go(func() error {
			if err := role.run(ctx, d.logger.With("role", role.name)); err != nil && ctx.Err() == nil {
				return fmt.Errorf("%s: %w", role.name, err)
			}
			return nil
		})
	}
}

// live watches the days go by and reports.
func (d *Demo) live(ctx context.Context, settled func(context.Context, Report) error) error {
	gatherer, err := d.gatherer()
	if err != nil {
		return err
	}
	numbers, err := d.numbers()
	if err != nil {
		return err
	}
	watcher, err := d.watcher(numbers)
	if err != nil {
		return err
	}
	if err := watcher.watch(ctx, gatherer.ledger); err != nil {
		return err
	}
	report, err := gatherer.gather(ctx, numbers)
	if err != nil {
		return fmt.Errorf("read the report from the ledger: %w", err)
	}
	if d.story.options.Disclose != "" {
		last := len(numbers) - 1
		if report.Disclosure, err = d.disclose(ctx, gatherer, numbers[last], report.Days[last].Date); err != nil {
			return fmt.Errorf("disclosure: %w", err)
		}
	}
	return settled(ctx, report)
}

// numbers are the days to live through.
func (d *Demo) numbers() ([]uint32, error) {
	var numbers []uint32
	for i := range d.story.options.Days {
		day, err := d.story.days.Day(d.story.days.First() + uint32(i))
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, day.Number)
	}
	return numbers, nil
}

func (d *Demo) watcher(numbers []uint32) (*watcher, error) {
	last, err := d.story.days.Day(numbers[len(numbers)-1])
	if err != nil {
		return nil, err
	}
	return &watcher{
		begin: d.document.Clock.Start, end: last.Horizon.End() + d.document.Gates.ReadingLag, last: last.Number,
		location: d.story.c.Location, minutes: d.document.Minutes, currency: d.document.Currency,
		progress: d.story.options.Progress,
	}, nil
}

// gatherer connects to all members' nodes and the parks' own pages.
func (d *Demo) gatherer() (*gatherer, error) {
	g := &gatherer{genesis: d.document, location: d.story.c.Location}
	anchor := client.AnchorOf(d.document)
	urls, err := d.apis()
	if err != nil {
		return nil, err
	}
	if g.ledger, err = client.New(client.Config{URLs: urls, Anchor: anchor}); err != nil {
		return nil, err
	}
	for _, url := range urls {
		one, err := client.New(client.Config{URLs: []string{url}, Anchor: anchor})
		if err != nil {
			return nil, err
		}
		g.members = append(g.members, one)
	}
	for _, path := range d.layout.Parks {
		settings, err := config.Load[park.Config](path)
		if err != nil {
			return nil, err
		}
		g.parks = append(g.parks, ownPage(settings.Listen))
	}
	return g, nil
}
