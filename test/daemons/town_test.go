// Package daemons holds tests of the daemons together, around a ledger in memory.
package daemons

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/grid"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/node/nodetest"
	"github.com/sesame-energy/sesame/park"
	"github.com/sesame-energy/sesame/participant/participanttest"
	"github.com/sesame-energy/sesame/simulate"
)

// fieldTown is the reference case with the real daemons of grid company, parks
// and meters around a ledger in memory.
type fieldTown struct {
	t       *testing.T
	chain   *ledgertest.Chain // before anything runs
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
	return foundFieldTown(t, ledgertest.Document(t, ledgertest.ReferenceCase(t)))
}

// foundFieldTown is newFieldTown with a genesis document of one's own.
func foundFieldTown(t *testing.T, document genesis.Document) *fieldTown {
	t.Helper()
	c := ledgertest.ReferenceCase(t)
	chain := ledgertest.Begin(t, document)
	for _, member := range chain.Document.Members {
		chain.Roles = append(chain.Roles, ledgertest.NewMember(member.Name, member.Index))
	}
	chain.Roles = append(chain.Roles, ledgertest.NewOperator())
	town := &fieldTown{
		t: t, chain: chain, ledger: participanttest.New(t, chain), home: t.TempDir(), logger: slog.New(slog.DiscardHandler),
		brokers: map[string]string{}, pages: map[string]string{}, first: c.Horizon.Start, stops: map[string]func(){},
	}
	if os.Getenv("SESAME_TEST_LOG") != "" {
		town.logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	for _, name := range append([]string{"grid"}, fieldParks...) {
		town.brokers[name], town.pages[name] = nodetest.FreeAddress(t), nodetest.FreeAddress(t)
		if err := os.Mkdir(filepath.Join(town.home, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return town
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
