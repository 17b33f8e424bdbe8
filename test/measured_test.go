package test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/demo"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
)

// measuredData holds series that were measured; it is not part of the project.
const measuredData = "../../shared/data"

// The system has no favourite case: a summer day as it was measured, scaled to
// three parks, is planned, lived through and settled like the reference day.
func TestDayOfMeasuredSeriesIsPlannedAndSettled(t *testing.T) {
	skipShort(t)
	if !exists(measuredData) {
		t.Skipf("there are no measured series at %s: they are not part of the project", measuredData)
	}
	folder := measuredCase(t, 171)
	ctx := bounded(t, 6*time.Minute)
	prepared, report := liveThrough(ctx, t, demo.Options{CasePath: folder, Days: 1, Speed: 2, Noise: 0.02, Headless: true})
	seen := &lived{dir: prepared.Dir(), report: report, observer: members(ctx, t, prepared.Dir())[0]}
	samePlan(t, must[scheduling.Plan](seen.observer, scheduling.Key(firstDay, 1)), loadCase(t, folder))
	day := report.Days[0]
	if day.Settlement != "shared" || !(day.PlanCost < day.BaselineCost) || !(day.SettledCost < day.SettledBaselineCost) {
		t.Errorf("%s: planned %.2f of %.2f, settled %.2f of %.2f: expected a saving in both", day.Settlement, day.PlanCost, day.BaselineCost, day.SettledCost, day.SettledBaselineCost)
	}
	plansProveThemselves(t, seen)
	nobodyPaysMore(t, seen)
	booksBalance(t, seen)
	contractsAreSettled(t, seen)
	nothingIsAmiss(t, seen)
}

// measuredCase writes a day of the measured year as a case: an office with PV,
// a factory with wind, a depot with both.
func measuredCase(t *testing.T, dayOfYear int) string {
	t.Helper()
	national := measured(t, "national_hourly_year.csv") // hour, load, pv, wind
	site := measured(t, "site_pv_hourly_year.csv")      // time, pv
	commercial := measured(t, "commercial_quarterhour_year.csv")
	return variant(t, func(text *caseText) {
		text.replace(t, "name: reference", "name: measured")
		for hour := range 24 {
			at := dayOfYear*24 + hour
			office := 0.0
			for quarter := range 4 {
				office += number(t, commercial[at*4+quarter][1]) / 4
			}
			load, pv, wind := number(t, national[at][1]), number(t, national[at][2]), number(t, national[at][3])
			row := text.series[hour+1]
			for column, kilowatts := range []float64{
				900 * office, 750 * number(t, site[at][1]), 450 * load, 1000 * wind, 150 * load, 600 * pv, 500 * wind,
			} {
				row[column+1] = fmt.Sprintf("%.3f", kilowatts)
			}
		}
	})
}

// measured reads the rows of a measured series, without its heading.
func measured(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(measuredData, name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
