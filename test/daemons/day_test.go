// Package daemons holds tests of the daemons together, around a ledger in memory.
package daemons

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/grid"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/park"
	"github.com/sesame-energy/sesame/participant/participanttest"
	"github.com/sesame-energy/sesame/simulate"
)

// fieldTown is the reference case with the real daemons of grid company, parks
// and meters around a ledger in memory.
type fieldTown struct {
	t       *testing.T
	ledger  *participanttest.Ledger
	home    string
	logger  *slog.Logger
	brokers map[string]string // park to listen address
	pages   map[string]string // daemon to the address of its page
	first   int64             // start of the first day
	stops   map[string]func()
}

const caseFolder = "../../cases/reference"

var fieldParks = []string{"park1", "park2", "park3"}

func newFieldTown(t *testing.T) *fieldTown {
	t.Helper()
	c := ledgertest.ReferenceCase(t)
	chain := ledgertest.NewChain(t, c)
	for _, member := range chain.Document.Members {
		chain.Roles = append(chain.Roles, ledgertest.NewMember(member.Name, member.Index))
	}
	chain.Roles = append(chain.Roles, ledgertest.NewOperator())
	town := &fieldTown{
		t: t, ledger: participanttest.New(t, chain), home: t.TempDir(), logger: slog.New(slog.DiscardHandler),
		brokers: map[string]string{}, pages: map[string]string{}, first: c.Horizon.Start, stops: map[string]func(){},
	}
	if os.Getenv("SESAME_TEST_LOG") != "" {
		town.logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	for _, name := range append([]string{"grid"}, fieldParks...) {
		town.brokers[name], town.pages[name] = freeAddress(t), freeAddress(t)
		if err := os.Mkdir(filepath.Join(town.home, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return town
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// start runs a daemon until stop or the test's end, which waits for it.
func (town *fieldTown) start(name string, run func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	stopped := false
	town.stops[name] = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			town.t.Errorf("%s: %v", name, err)
		}
	}
	town.t.Cleanup(town.stops[name])
}

func (town *fieldTown) startGrid() {
	town.start("grid", func(ctx context.Context) error {
		config := grid.Config{Case: caseFolder, Listen: town.pages["grid"]}
		config.Home = filepath.Join(town.home, "grid")
		return grid.Serve(ctx, config, town.ledger.Participant("grid"), town.logger)
	})
}

func (town *fieldTown) startPark(name string) {
	town.start(name, func(ctx context.Context) error {
		config := park.Config{MQTT: park.MQTT{Listen: town.brokers[name]}, Listen: town.pages[name]}
		config.Home = filepath.Join(town.home, name)
		return park.Serve(ctx, config, town.ledger.Participant(name), town.logger)
	})
}

func (town *fieldTown) startMeters(noise float64, parks ...string) {
	config := simulate.Config{Case: caseFolder, Noise: noise, Samples: 2}
	for _, name := range parks {
		config.Parks = append(config.Parks, simulate.Park{Name: name, URL: "mqtt://" + town.brokers[name]})
	}
	town.start("meters", func(ctx context.Context) error {
		return simulate.Serve(ctx, config, town.ledger.Observer(), town.logger)
	})
}

func (town *fieldTown) startAll(noise float64) {
	town.startGrid()
	for _, name := range fieldParks {
		town.startPark(name)
	}
	town.startMeters(noise, fieldParks...)
}

func (town *fieldTown) day() uint32 { return ledgertest.DayOf(town.first) }

// page asks a daemon's own page.
func page[T any](town *fieldTown, daemon, path string) T {
	town.t.Helper()
	value, err := ask[T](town, daemon, path)
	if err != nil {
		town.t.Fatal(err)
	}
	return value
}

func ask[T any](town *fieldTown, daemon, path string) (value T, err error) {
	response, err := http.Get("http://" + town.pages[daemon] + path)
	if err != nil {
		return value, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return value, fmt.Errorf("%s of %s: %s", path, daemon, response.Status)
	}
	return value, json.NewDecoder(response.Body).Decode(&value)
}

// allSealed says that all parks have sealed a kind of series of a day.
func allSealed(kind string, day uint32) func(record.State) bool {
	return func(state record.State) bool {
		for _, name := range fieldParks {
			if _, found := state.Get(vaultcontract.SealedKey(kind, day, name)); !found {
				return false
			}
		}
		return true
	}
}

// contractsAre says that the contracts of all parks under the plan in force of
// a day have a state.
func contractsAre(wanted string, day uint32) func(record.State) bool {
	return func(state record.State) bool {
		plan, found := scheduling.InForcePlan(state, day)
		for _, name := range fieldParks {
			contract, drafted := record.Load[trade.Contract](state, trade.ContractKey(trade.ContractID(day, plan.Version, name)))
			found = found && drafted && contract.State == wanted
		}
		return found
	}
}

func billsAre(wanted string, day uint32) func(record.State) bool {
	return func(state record.State) bool {
		for _, name := range fieldParks {
			if bill, found := record.Load[trade.Bill](state, trade.BillKey(day, name)); !found || bill.State != wanted {
				return false
			}
		}
		return true
	}
}

// toPlan lives from the evening before the first day to its confirmed contracts.
func (town *fieldTown) toPlan() {
	town.t.Helper()
	town.ledger.Until("tariff published", func(state record.State) bool {
		_, found := tariff.Load(state, town.day())
		return found
	})
	town.ledger.Until("forecasts sealed", allSealed(vaultcontract.Forecast, town.day()))
	town.ledger.To(town.first - 2*3600)
	town.ledger.Until("contracts confirmed", contractsAre(trade.Confirmed, town.day()))
}

// toBills lives from the day's end to its accepted bills.
func (town *fieldTown) toBills() {
	town.t.Helper()
	end := town.first + 24*3600
	town.ledger.To(end + 4*60)
	town.ledger.Until("readings sealed", allSealed(vaultcontract.Reading, town.day()))
	town.ledger.To(end + 3600)
	town.ledger.Until("bills accepted", billsAre(trade.BillAccepted, town.day()))
	for _, name := range fieldParks {
		town.waitForPage(name, func(day park.Day) bool { return day.Bill != nil && day.Bill.State == trade.BillAccepted })
	}
}

// waitForPage makes blocks until a park's own page shows what is wanted.
func (town *fieldTown) waitForPage(name string, shows func(park.Day) bool) {
	town.t.Helper()
	var day park.Day
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if day, err = ask[park.Day](town, name, "/v1/day/2024-07-15"); err == nil && shows(day) {
			return
		}
		town.ledger.To(town.ledger.Now() + 1)
	}
	town.t.Fatalf("page of %s does not show it: %+v, %v", name, day, err)
}

// currency converts an exact cost to currency for a period of an hour.
func currency(t *testing.T, cost string) float64 {
	t.Helper()
	var value float64
	if _, err := fmt.Sscan(cost, &value); err != nil {
		t.Fatal(err)
	}
	return value / 1e9
}

// With readings equal to the forecasts the bills are those of design section 6.
func TestDayOfGridParksAndMetersEndsInTheBillsOfTheDesign(t *testing.T) {
	town := newFieldTown(t)
	town.startAll(0)
	town.toPlan()
	town.ledger.To(town.first + 16*3600) // the next day's tariff is due
	town.ledger.Until("the next day's forecasts sealed", allSealed(vaultcontract.Forecast, town.day()+1))
	town.ledger.To(town.first + 24*3600)
	town.toBills()

	kept := page[grid.Day](town, "grid", "/v1/day/2024-07-15")
	if len(kept.Bills) != 3 || len(kept.Contracts) != 4 {
		t.Fatalf("the grid company keeps %d bills and %d contracts", len(kept.Bills), len(kept.Contracts))
	}
	c := ledgertest.ReferenceCase(t)
	for i, want := range []struct{ without, rebate float64 }{{4165.43, 614.7}, {2270.32, 584.3}, {-1714.67, 574.6}} {
		name := fieldParks[i]
		day := page[park.Day](town, name, "/v1/day/2024-07-15")
		for series, got := range map[string][2][]energy.Watt{
			"load": {day.Readings.Load, c.Parks[i].Load}, "pv": {day.Readings.PV, c.Parks[i].PV}, "wind": {day.Readings.Wind, c.Parks[i].Wind},
		} {
			if fmt.Sprint(got[0]) != fmt.Sprint(got[1]) {
				t.Errorf("%s: %s as metered %v, expected the forecast %v", name, series, got[0], got[1])
			}
		}
		without, paid := currency(t, day.Bill.WithoutStorage), day.Bill.Money.Currency()
		if math.Abs(without-want.without) > 0.005 || math.Abs(without-paid-want.rebate) > 0.06 {
			t.Errorf("%s: without storage %.2f, to pay %.2f: expected %.2f less %.1f", name, without, paid, want.without, want.rebate)
		}
		if bill := kept.Bills[i]; bill.Park != name || bill.Amount != day.Bill.Amount || bill.Blinding != day.Bill.Blinding || bill.Fault != "" {
			t.Errorf("the grid company reads %+v, the park sent %+v", bill, day.Bill)
		}
		if day.Contract.State != trade.Settled || day.Gap != "" {
			t.Errorf("%s: contract %s, gap %q", name, day.Contract.State, day.Gap)
		}
	}
	if refused := town.ledger.Refused(); len(refused) != 0 {
		t.Errorf("refused transactions: %v", refused)
	}
}

// A park's node that stops in the middle of the day loses nothing: what the
// meters measure meanwhile comes when it is back, and nothing counts twice.
func TestParkThatRestartsInTheMiddleOfTheDayLosesNothing(t *testing.T) {
	town := newFieldTown(t)
	town.startAll(0.02)
	town.toPlan()
	town.ledger.To(town.first + 9*3600 + 1800)
	town.stops["park1"]()
	town.ledger.To(town.first + 13*3600 + 1800)
	town.startPark("park1")
	town.ledger.To(town.first + 24*3600)
	town.toBills()
	day := page[park.Day](town, "park1", "/v1/day/2024-07-15")
	if day.Gap != "" {
		t.Errorf("readings have a gap: %s", day.Gap)
	}
	if fmt.Sprint(day.Readings.Load) == fmt.Sprint(day.Forecast.Load) {
		t.Error("readings equal the forecast in spite of the noise")
	}
}

// The park's devices learn from retained messages what to buy and to sell.
func TestSignalsFollowThePlanPeriodByPeriod(t *testing.T) {
	town := newFieldTown(t)
	town.startAll(0)
	town.toPlan()
	received := make(chan field.Signal, 100)
	device, err := field.NewLink(field.LinkConfig{URL: "mqtt://" + town.brokers["park1"], ClientID: "device"}, town.logger)
	if err != nil {
		t.Fatal(err)
	}
	device.Subscribe("sesame/park1/signal/purchase", func(message field.Message) error {
		signal, err := field.DecodeSignal(message.Payload)
		received <- signal
		return err
	})
	device.Connect()
	t.Cleanup(device.Close)
	day := page[park.Day](town, "park1", "/v1/day/2024-07-15")
	for period := range 3 {
		start := town.first + int64(period)*3600
		town.ledger.To(start)
		for {
			var signal field.Signal
			select {
			case signal = <-received:
			case <-time.After(20 * time.Second):
				t.Fatalf("no signal for period %d", period+1)
			}
			if signal.Start.Unix() != start {
				continue
			}
			if signal.Power != day.Plan.Purchase[period] || signal.End.Unix() != start+3600 {
				t.Fatalf("period %d: %+v, expected %d W", period+1, signal, day.Plan.Purchase[period])
			}
			break
		}
	}
}

// A park that hears nothing of its meters is not sealed at the reading gate: it
// pays by meter, and the others' day completes.
func TestParkWithoutReadingsPaysByMeterAndTheOthersSettle(t *testing.T) {
	town := newFieldTown(t)
	town.startAll(0)
	town.toPlan()
	town.ledger.To(town.first - 600)
	town.stops["meters"]()
	town.startMeters(0, "park2", "park3")
	end := town.first + 24*3600
	town.ledger.To(end + 4*60)
	town.ledger.Until("readings of two parks sealed", func(state record.State) bool {
		_, second := state.Get(vaultcontract.SealedKey(vaultcontract.Reading, town.day(), "park2"))
		_, third := state.Get(vaultcontract.SealedKey(vaultcontract.Reading, town.day(), "park3"))
		return second && third
	})
	town.ledger.To(end + 3600)
	town.ledger.Until("two bills accepted", func(state record.State) bool {
		second, _ := record.Load[trade.Bill](state, trade.BillKey(town.day(), "park2"))
		third, _ := record.Load[trade.Bill](state, trade.BillKey(town.day(), "park3"))
		return second.State == trade.BillAccepted && third.State == trade.BillAccepted
	})
	town.waitForPage("park1", func(day park.Day) bool { return day.Bill != nil && day.Bill.State == park.ByMeter })
	if day := page[park.Day](town, "park1", "/v1/day/2024-07-15"); !strings.Contains(day.Gap, "no reading of the load meter") {
		t.Errorf("gap %q", day.Gap)
	}
}

// A forecast that changes before the gate is sealed anew, and the plan rests on
// the newest.
func TestForecastThatChangesBeforeTheGateIsSealedAgain(t *testing.T) {
	town := newFieldTown(t)
	town.startAll(0)
	town.ledger.Until("forecasts sealed", allSealed(vaultcontract.Forecast, town.day()))
	day := page[park.Day](town, "park1", "/v1/day/2024-07-15")
	changed := field.Forecast{Date: day.Date, Load: day.Forecast.Load, PV: day.Forecast.PV, Wind: day.Forecast.Wind}
	changed.Load[12] += 12_345
	link, err := field.NewLink(field.LinkConfig{URL: "mqtt://" + town.brokers["park1"], ClientID: "forecaster"}, town.logger)
	if err != nil {
		t.Fatal(err)
	}
	link.Connect()
	t.Cleanup(link.Close)
	if err := link.Send(field.DefaultTopics("park1").ForecastOf(day.Date), true, changed.Encode()); err != nil {
		t.Fatal(err)
	}
	town.ledger.Until("a second version", func(state record.State) bool {
		sealed, _ := record.Load[vaultcontract.Sealed](state, vaultcontract.SealedKey(vaultcontract.Forecast, town.day(), "park1"))
		return sealed.Version == 2
	})
	town.toPlan()
	town.waitForPage("park1", func(day park.Day) bool {
		return day.Plan != nil && day.Plan.Forecast.Load[12] == changed.Load[12]
	})
	if refused := town.ledger.Refused(); len(refused) != 0 {
		t.Errorf("refused transactions: %v", refused)
	}
}

// A park at another broker gets, when it is back, what the broker kept for it.
func TestParkAtAnotherBrokerGetsWhatCameWhileItWasAway(t *testing.T) {
	town := newFieldTown(t)
	broker, err := field.StartBroker("site", "open sesame", town.logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	url, err := broker.Admit("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	startPark := func() {
		town.start("park1", func(ctx context.Context) error {
			config := park.Config{MQTT: park.MQTT{URL: url, Username: "site", Password: "open sesame"}, Listen: town.pages["park1"], Meters: []string{park.Load}}
			config.Home = filepath.Join(town.home, "park1")
			return park.Serve(ctx, config, town.ledger.Participant("park1"), town.logger)
		})
	}
	meter, err := field.NewLink(field.LinkConfig{URL: url, Username: "site", Password: "open sesame", ClientID: "meter"}, town.logger)
	if err != nil {
		t.Fatal(err)
	}
	meter.Connect()
	t.Cleanup(meter.Close)
	publish := func(period int) {
		reading := field.Reading{Time: time.Unix(town.first+int64(period)*3600, 0), Power: energy.Watt(1000 + period)}
		if err := meter.Publish(t.Context(), "sesame/park1/meter/load", false, reading.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	town.startGrid()
	startPark()
	town.ledger.To(town.first)
	town.waitForPage("park1", func(day park.Day) bool { publish(0); return day.Readings.Load[0] == 1000 })
	town.stops["park1"]()
	town.ledger.To(town.first + 5*3600)
	for period := 1; period <= 5; period++ {
		publish(period)
	}
	startPark()
	town.waitForPage("park1", func(day park.Day) bool {
		for period := range 6 {
			if day.Readings.Load[period] != energy.Watt(1000+period) {
				return false
			}
		}
		return true
	})
}
