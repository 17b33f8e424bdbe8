package daemons

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/grid"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/park"
)

// With readings equal to the forecasts the bills are those of docs/planning.md.
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

// A park that has lost its records cannot seal the running day any more, and
// says so; from the next day on it takes part again, under new channels and
// counters that the ledger has not seen.
func TestParkThatLostItsRecordsTakesPartAgainTheNextDay(t *testing.T) {
	town := newFieldTown(t)
	town.startAll(0)
	town.toPlan()
	town.ledger.To(town.first + 9*3600)
	town.stops["park1"]()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(town.home, "park1", "park.db"+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	town.startPark("park1")
	town.ledger.To(town.first + 16*3600)
	town.ledger.Until("the next day's forecasts sealed", allSealed(vaultcontract.Forecast, town.day()+1))
	town.ledger.To(town.first + 22*3600)
	town.ledger.Until("the next day's contracts confirmed", contractsAre(trade.Confirmed, town.day()+1))
	town.ledger.To(town.first + 25*3600)
	town.ledger.Until("day settled", func(state record.State) bool {
		settlement, found := record.Load[trade.Settlement](state, trade.SettlementKey(town.day()))
		return found && slices.Contains(settlement.ByMeter, "park1")
	})
	for _, reason := range town.ledger.Refused() {
		if strings.Contains(reason, "counter") || strings.Contains(reason, "version") {
			t.Errorf("refused: %s", reason)
		}
	}
}
