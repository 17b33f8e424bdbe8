package battery

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
)

// monday is a day number, and midnight its first second where the local time
// is eight hours ahead.
const (
	monday   = 19_919
	midnight = monday*86_400 - 8*3600
	hours    = 24
)

var china = time.FixedZone("UTC+8", 8*3600)

// chain is a ledger in memory: it takes outcomes once each, and confirmations.
type chain struct {
	state    record.Memory
	height   int64
	outcomes []control.Outcome // in the order in which they were taken
	confirms []string
	deaf     bool // submissions time out after they were taken
}

func newChain(power energy.Watt) *chain {
	c := &chain{state: record.Memory{}, height: 1}
	record.Save(c.state, committee.StorageKey, committee.Storage{
		Power: power, Capacity: 1_000_000, Minimum: 100_000, Maximum: 900_000, Start: 500_000,
		ChargeEfficiency: 9_474, DischargeEfficiency: 9_474,
	})
	return c
}

func (c *chain) Get(_ context.Context, key string) (client.Record, error) {
	value, found := c.state.Get(key)
	return client.Record{Key: key, Value: value, Found: found, Height: c.height}, nil
}

func (c *chain) List(_ context.Context, prefix string, _ int) ([]feed.Record, error) {
	var records []feed.Record
	c.state.Iterate(prefix, func(key string, value []byte) bool {
		records = append(records, feed.Record{Key: key, Value: value})
		return true
	})
	return records, nil
}

func (c *chain) Submit(_ context.Context, kind string, body any) error {
	switch body := body.(type) {
	case control.Outcome:
		key := control.OutcomeKey(body.Day, body.Period)
		if _, found := c.state.Get(key); found {
			return &client.Refused{Height: c.height, Code: 1, Reason: "is reported already"}
		}
		record.Save(c.state, key, body)
		c.outcomes = append(c.outcomes, body)
	case trade.Confirm:
		c.confirms = append(c.confirms, body.Contract)
	default:
		return fmt.Errorf("%s with a %T", kind, body)
	}
	if c.deaf {
		return context.DeadlineExceeded
	}
	return nil
}

func (c *chain) publish(day uint32, start int64) {
	t := tariff.Tariff{Day: day, Kind: tariff.Workday, Buy: make([]energy.Price, hours), Sell: make([]energy.Price, hours)}
	for hour := range int64(hours) {
		t.Starts = append(t.Starts, start+hour*3600)
		t.Buy[hour], t.Sell[hour] = 650_000+energy.Price(hour), 400_000
	}
	t.End = start + hours*3600
	record.Save(c.state, tariff.Key(day), t)
}

func (c *chain) plan(day, version uint32, charge, discharge []energy.Watt) {
	nothing := make([]energy.Watt, hours)
	record.Save(c.state, scheduling.Key(day, version), scheduling.Plan{
		Day: day, Version: version, Charge: charge, Discharge: discharge, SurplusTaken: nothing, DeficitServed: nothing,
	})
	record.Save(c.state, scheduling.InForceKey(day), scheduling.InForce{Version: version})
}

func (c *chain) signal(day uint32, start int64, period int, power energy.Watt) {
	record.Save(c.state, control.SignalKey(day, period), control.Signal{
		Day: day, Period: period, Start: start + int64(period)*3600, End: start + int64(period+1)*3600, Power: power,
	})
}

// bench is a gateway at a real Modbus connection to a simulated battery, with
// time and ledger in the test's hand.
type bench struct {
	t          *testing.T
	now        int64
	chain      *chain
	battery    *simulated.Battery
	device     *modbusDevice
	store      *store
	home       string
	controller *controller
	reporter   *reporter
	silent     error // what fresh says
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: midnight - 6*3600, chain: newChain(400_000), home: t.TempDir()}
	clock := func() (time.Time, bool) { return time.Unix(b.now, 0), true }
	var err error
	b.battery, err = simulated.New(simulated.Config{Storage: simulated.Storage{
		Power: 400_000, Capacity: 1_000_000, Minimum: 100_000, Maximum: 900_000, Start: 500_000,
		ChargeEfficiency: 9_474, DischargeEfficiency: 9_474,
	}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	address := b.serve()
	b.device = newDevice(address, simulated.UnitID, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = b.device.Close() })
	b.controller = &controller{
		device: b.device, days: newDays(b.chain, china), clock: clock, fresh: func() error { return b.silent },
		factor: 1, timeout: 7200, status: newStatus(slog.New(slog.DiscardHandler)),
	}
	b.restart()
	return b
}

// serve starts the battery's Modbus server on a free port and waits until it answers.
func (b *bench) serve() string {
	b.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		b.t.Fatal(err)
	}
	ready := newReadiness("simulated battery answers")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.battery.Serve(ctx, address, slog.New(ready)) }()
	b.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Error(err)
		}
	})
	select {
	case <-ready.said:
	case err := <-done:
		b.t.Fatal(err)
	}
	return address
}

// readiness is a log that tells when a message has come.
type readiness struct {
	slog.Handler
	message string
	said    chan struct{}
}

func newReadiness(message string) *readiness {
	return &readiness{slog.DiscardHandler, message, make(chan struct{})}
}

func (r *readiness) Enabled(context.Context, slog.Level) bool { return true }

func (r *readiness) Handle(_ context.Context, entry slog.Record) error {
	if strings.HasPrefix(entry.Message, r.message) {
		close(r.said)
	}
	return nil
}

// restart puts a new reporter on the store in the home folder.
func (b *bench) restart() {
	b.t.Helper()
	if b.store != nil {
		if err := b.store.Close(); err != nil {
			b.t.Fatal(err)
		}
	}
	var err error
	if b.store, err = openStore(b.home); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = b.store.Close() })
	b.reporter = &reporter{
		ledger: b.chain, device: b.device, days: newDays(b.chain, china), store: b.store,
		status: newStatus(slog.New(slog.DiscardHandler)), logger: slog.New(slog.DiscardHandler),
	}
}

// block brings a block at the present time, with the keys that it changed.
func (b *bench) block(keys ...string) {
	b.chain.height++
	block := client.Block{Height: b.chain.height, LedgerTime: b.now}
	for _, key := range keys {
		block.Changes = append(block.Changes, feed.Change{Key: key})
	}
	b.controller.observe(block)
	b.reporter.observe(block)
}

func (b *bench) control() {
	b.t.Helper()
	if err := b.controller.step(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) report() {
	b.t.Helper()
	if err := b.reporter.step(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) power() energy.Watt {
	b.t.Helper()
	state, err := b.device.State()
	if err != nil {
		b.t.Fatal(err)
	}
	return state.Power
}

// exactly is the energy after so many hours at these powers, in Wh, rounded
// down, from whole Wh and at efficiencies of 0.9474 each way.
func exactly(start energy.WattHour, powers []energy.Watt) energy.WattHour {
	const unit = 9_474 * 10_000 // of a Wh
	stored := int64(start) * unit
	for _, power := range powers {
		if power >= 0 {
			stored += int64(power) * 9_474 * 9_474
		} else {
			stored += int64(power) * 10_000 * 10_000
		}
	}
	return energy.WattHour(stored / unit)
}
