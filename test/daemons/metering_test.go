package daemons

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/grid"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	vaultcontract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/simulate"
)

// The grid company compares what parks have sealed with its own meters: two
// bills rest on the meter; that of park3, whose own meters show something else
// than the company's, is disputed, with an alert that names the park and no
// value.
func TestMeterServiceSignsWhatItsMetersShowAndDisputesTheRest(t *testing.T) {
	town := newFieldTown(t)
	folder := filepath.Join(town.home, "grid", "meters")
	town.start("grid", func(ctx context.Context) error {
		config := grid.Config{Case: caseFolder, Listen: town.pages["grid"], Meters: folder}
		config.Home = filepath.Join(town.home, "grid")
		return grid.Serve(ctx, config, town.ledger.Participant("grid"), town.logger)
	})
	for _, name := range fieldParks {
		town.startPark(name)
	}
	honest := simulate.Config{Case: caseFolder, Noise: 0.02, Samples: 2, GridMeters: folder}
	for _, name := range fieldParks[:2] {
		honest.Parks = append(honest.Parks, simulate.Park{Name: name, URL: "mqtt://" + town.brokers[name]})
	}
	town.start("honest meters", func(ctx context.Context) error {
		return simulate.Serve(ctx, honest, town.ledger.Observer(), town.logger)
	})
	town.startMeters(0, "park3")
	writeIdleMeter(t, town, filepath.Join(folder, "park3"))

	town.toPlan()
	town.ledger.To(town.first + 16*3600) // the next day's tariff is due
	town.ledger.Until("the next day's forecasts sealed", allSealed(vaultcontract.Forecast, town.day()+1))
	town.ledger.To(town.first + 24*3600)
	town.toBills()
	bases := func(state record.State) string {
		var list []string
		for _, name := range fieldParks {
			bill, _ := record.Load[trade.Bill](state, trade.BillKey(town.day(), name))
			list = append(list, bill.Basis)
		}
		return strings.Join(list, " ")
	}
	town.ledger.Until("all bills' bases known", func(state record.State) bool { return bases(state) == "metered metered disputed" })
	named := ""
	town.ledger.Until("the alert", func(state record.State) bool {
		record.Each(state, alerts.Prefix, func(_ string, alert alerts.Alert) bool {
			if alert.Rule == trade.RuleMeterDisputed {
				named = alert.Subject + ": " + alert.Detail
			}
			return named == ""
		})
		return named != ""
	})
	if !strings.HasPrefix(named, "park3: ") || !strings.Contains(named, "periods differ") {
		t.Errorf("alert about %s", named)
	}
	if refused := town.ledger.Refused(); len(refused) != 0 {
		t.Errorf("refused transactions: %v", refused)
	}
}

// writeIdleMeter writes a daily file on which nothing ever flowed.
func writeIdleMeter(t *testing.T, town *fieldTown, folder string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	file := "start,net_w\n"
	for period := range ledgertest.ReferenceCase(t).Horizon.Periods {
		file += fmt.Sprintf("%s,0\n", time.Unix(town.first+int64(period)*3600, 0).UTC().Format(time.RFC3339))
	}
	if err := os.WriteFile(filepath.Join(folder, "2024-07-15.csv"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
}
