package casefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

const plainCase = `name: small
currency: EUR
timezone: Europe/Berlin
start: 2024-03-10T00:00
period: 1h
series: series.csv
tariff: tariff.csv
parks:
  - name: park1
storage:
  power_kw: 100
  energy_kwh: 200
`

const (
	plainSeries = "time,park1.load\n2024-03-10T00:00,1\n2024-03-10T01:00,2.5\n"
	plainTariff = "time,buy,sell\n2024-03-10T00:00,0.3,0.1\n2024-03-10T01:00,0.4,0.1\n"
)

// write makes a case folder of the given files.
func write(t *testing.T, document, series, tariff string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"case.yaml": document, "series.csv": series, "tariff.csv": tariff} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestLocalTradeIsReadWhereItIsEnabled(t *testing.T) {
	for section, want := range map[string]*energy.LocalTrade{
		"":                nil,
		"local_trade: {}": {},
		"local_trade: {enabled: true, fee_per_kwh: 0.03}":  {Fee: 30_000},
		"local_trade: {enabled: false, fee_per_kwh: 0.03}": nil,
	} {
		c, _, err := Load(write(t, plainCase+section+"\n", plainSeries, plainTariff))
		if err != nil {
			t.Fatalf("%q: %v", section, err)
		}
		if (c.LocalTrade == nil) != (want == nil) || want != nil && *c.LocalTrade != *want {
			t.Errorf("%q: %v, want %v", section, c.LocalTrade, want)
		}
	}
	for _, section := range []string{"local_trade: {fee: 1}", "local_trade: {fee_per_kwh: -1}", "local_trade: {enabled: maybe}", "local_trade: yes"} {
		if _, _, err := Load(write(t, plainCase+section+"\n", plainSeries, plainTariff)); !errors.As(err, new(*Error)) {
			t.Errorf("%q: %v, want an *Error", section, err)
		}
	}
}

func TestCurtailmentIsOffUnlessAskedFor(t *testing.T) {
	for line, want := range map[string]bool{"": false, "curtailment: false": false, "curtailment: true": true} {
		c, _, err := Load(write(t, plainCase+line+"\n", plainSeries, plainTariff))
		if err != nil || c.Curtailment != want {
			t.Errorf("%q: %v, want %v", line, err, want)
		}
	}
	if _, _, err := Load(write(t, plainCase+"curtailment: some\n", plainSeries, plainTariff)); !errors.As(err, new(*Error)) {
		t.Errorf("curtailment: some: %v, want an *Error", err)
	}
}

func TestParksMayHaveTariffsOfTheirOwn(t *testing.T) {
	tariff := "time,park1.sell,buy,sell,park1.buy\n2024-03-10T00:00,0.2,0.3,0.1,0.5\n2024-03-10T01:00,0.2,0.4,0.1,0.6\n"
	c, _, err := Load(write(t, plainCase, plainSeries, tariff))
	if err != nil {
		t.Fatal(err)
	}
	own := c.Parks[0].Tariff
	if own == nil || own.Buy[1] != 600_000 || own.Sell[0] != 200_000 || c.Tariff.Buy[0] != 300_000 || c.Tariff.Sell[1] != 100_000 {
		t.Errorf("park %v, common %v", own, c.Tariff)
	}
	for wrong, words := range map[string]string{
		strings.Replace(tariff, "park1.sell", "park2.sell", 1): "unknown column",
		strings.Replace(tariff, "park1.sell", "time2", 1):      "unknown column",
		strings.Replace(tariff, ",0.5\n", ",0.1\n", 1):         "park1.buy",
		"time,buy,sell,park1.buy\n2024-03-10T00:00,1,1,1\n":    "column is missing",
	} {
		if _, _, err := Load(write(t, plainCase, plainSeries, wrong)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %q", wrong, err, words)
		}
	}
}

func TestReferenceCaseLoads(t *testing.T) {
	c, notes, err := Load("../../cases/reference")
	if err != nil || len(notes) != 0 {
		t.Fatal(err, notes)
	}
	if c.Horizon.Periods != 24 || c.Horizon.Minutes != 60 || len(c.Parks) != 3 || c.Storage.Power != 400_000 || c.Storage.Start != 500_000 {
		t.Errorf("%+v", c)
	}
	if c.Parks[0].Load[1] != 348_000 || c.Parks[1].Wind[0] != 327_000 || c.Parks[0].Wind[23] != 0 || c.Tariff.Buy[8] != 1_246_800 {
		t.Errorf("values differ from the files")
	}
	if c.Sharing.Reference != 654_000 || c.Storage.Fine != nil {
		t.Errorf("reference value %d, fine energies %v", c.Sharing.Reference, c.Storage.Fine)
	}
	if at := time.Unix(c.Horizon.Start, 0).In(c.Location).Format(time.RFC3339); at != "2024-07-15T00:00:00+08:00" {
		t.Errorf("starts %s", at)
	}
}

func TestDefaultsAreThoseOfTheFormat(t *testing.T) {
	nulls := plainCase + "  fee_per_kwh: null\n  soc_end_rule: ~\n  grid_trade:\nsharing:\n"
	c, notes, err := Load(filepath.Join(write(t, nulls, plainSeries, plainTariff), "case.yaml"))
	if err != nil || len(notes) != 0 {
		t.Fatal(err, notes)
	}
	s := c.Storage
	want := energy.Storage{
		Power: 100_000, Capacity: 200_000, Maximum: 200_000, Start: 100_000, End: 100_000,
		ChargeEfficiency: energy.EfficiencyOne, DischargeEfficiency: energy.EfficiencyOne, GridTrade: true,
		States: energy.States{Maximum: energy.PartsOne, Start: energy.PartsOne / 2, End: energy.PartsOne / 2},
	}
	if s != want {
		t.Errorf("storage %+v, want %+v", s, want)
	}
	if p := c.Parks[0]; p.ImportLimit != energy.NoLimit || p.ExportLimit != energy.NoLimit || p.PVCapacity != energy.NoLimit || len(p.PV) != 2 || len(p.Wind) != 2 {
		t.Errorf("park %+v", p)
	}
	if c.Sharing != (energy.Sharing{Reference: 350_000}) {
		t.Errorf("sharing %+v", c.Sharing)
	}
}

func TestFilesOfSpreadsheetsLoad(t *testing.T) {
	for name, series := range map[string]string{
		"byte order mark":    "\ufeff" + plainSeries,
		"CRLF":               strings.ReplaceAll(plainSeries, "\n", "\r\n"),
		"quoted":             "\"time\",\"park1.load\"\n\"2024-03-10T00:00\",\"1\"\n2024-03-10T01:00,2.5\n",
		"spaces":             "time , park1.load\n2024-03-10T00:00 , 1 \n 2024-03-10T01:00, 2.5\n",
		"trailing blanks":    plainSeries + "\n\n   \n,\n",
		"no newline at end":  strings.TrimSuffix(plainSeries, "\n"),
		"pandas":             "time,park1.load\n2024-03-10 00:00:00,1.0\n2024-03-10 01:00:00,2.5\n",
		"offsets":            "time,park1.load\n2024-03-10T00:00:00+01:00,1\n2024-03-10T00:00:00Z,2.5\n",
		"order of columns":   "park1.load,time,park1.wind\n1,2024-03-10T00:00,0\n2.5,2024-03-10T01:00,-0\n",
		"scientific numbers": "time,park1.load\n2024-03-10T00:00,1e0\n2024-03-10T01:00,25E-1\n",
	} {
		c, notes, err := Load(write(t, strings.ReplaceAll(plainCase, "\n", "\r\n"), series, plainTariff))
		if err != nil || len(notes) != 0 {
			t.Errorf("%s: %v %v", name, err, notes)
			continue
		}
		if load := c.Parks[0].Load; len(load) != 2 || load[0] != 1000 || load[1] != 2500 {
			t.Errorf("%s: load %v", name, load)
		}
	}
}

func TestRoundingToWholeWattsIsNoted(t *testing.T) {
	c, notes, err := Load(write(t, plainCase, "time,park1.load\n2024-03-10T00:00,0.0005\n2024-03-10T01:00,0.0004\n", plainTariff))
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0].Text, "2 values were rounded") {
		t.Errorf("notes %v", notes)
	}
	if load := c.Parks[0].Load; load[0] != 1 || load[1] != 0 {
		t.Errorf("load %v, want half away from zero", load)
	}
}

func TestEnergiesThatAreNotWholeWattHoursStayExact(t *testing.T) {
	c, _, err := Load(write(t, strings.Replace(plainCase, "energy_kwh: 200", "energy_kwh: 0.005\n  soc_min: 0.1\n  soc_end_rule: at_least", 1), plainSeries, plainTariff))
	if err != nil {
		t.Fatal(err)
	}
	want := energy.FineEnergy{Denominator: 1_000_000, Minimum: 500_000, Maximum: 5_000_000, Start: 2_500_000, End: 2_500_000}
	if c.Storage.Fine == nil || *c.Storage.Fine != want || c.Storage.Minimum != 1 || c.Storage.Start != 3 {
		t.Errorf("%+v %+v", c.Storage, c.Storage.Fine)
	}
}

// clockCase has one row per quarter hour from start, n of them, local times.
func clockCase(t *testing.T, start string, times []string) error {
	t.Helper()
	var series, tariff strings.Builder
	series.WriteString("time,park1.load\n")
	tariff.WriteString("time,buy,sell\n")
	for _, at := range times {
		fmt.Fprintf(&series, "%s,1\n", at)
		fmt.Fprintf(&tariff, "%s,0.3,0.1\n", at)
	}
	document := strings.Replace(plainCase, "start: 2024-03-10T00:00", "start: "+start, 1)
	_, _, err := Load(write(t, document, series.String(), tariff.String()))
	return err
}

func TestLocalTimesFollowTheClock(t *testing.T) {
	spring := []string{"2024-03-31T00:00", "2024-03-31T01:00", "2024-03-31T03:00", "2024-03-31T04:00"}
	if err := clockCase(t, spring[0], spring); err != nil {
		t.Errorf("spring: %v", err)
	}
	autumn := []string{"2024-10-27T01:00", "2024-10-27T02:00", "2024-10-27T02:00", "2024-10-27T03:00"}
	if err := clockCase(t, autumn[0], autumn); err != nil {
		t.Errorf("autumn: %v", err)
	}
	if err := clockCase(t, autumn[1], autumn[1:]); err != nil {
		t.Errorf("start in the repeated hour takes the earlier: %v", err)
	}
	mixed := []string{"2024-10-27T01:00", "2024-10-27T02:00+02:00", "2024-10-27T02:00+01:00", "2024-10-27T03:00"}
	if err := clockCase(t, autumn[0], mixed); err != nil {
		t.Errorf("offsets: %v", err)
	}
	for name, c := range map[string]struct {
		times  []string
		reason string
	}{
		"skipped hour": {[]string{"2024-03-31T01:00", "2024-03-31T02:00"}, "does not exist"},
		"gap":          {[]string{"2024-03-31T00:00", "2024-03-31T03:00"}, "gap"},
		"duplicate":    {[]string{"2024-03-31T00:00", "2024-03-31T00:00"}, "twice"},
		"other start":  {[]string{"2024-03-31T05:00"}, "expected 2024-03-31T"},
	} {
		start := "2024-03-31T00:00"
		if name == "skipped hour" {
			start = "2024-03-31T01:00"
		}
		err := clockCase(t, start, c.times)
		if err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), "series.csv:") {
			t.Errorf("%s: %v, want %q", name, err, c.reason)
		}
	}
	if err := clockCase(t, "2024-03-31T02:30", spring); err == nil || !strings.Contains(err.Error(), "case.yaml:4: start") {
		t.Errorf("start in the skipped hour: %v", err)
	}
}

func TestBadInputIsNamedWithItsPlace(t *testing.T) {
	change := func(old, new string) string { return strings.Replace(plainCase, old, new, 1) }
	storage := func(line string) string { return plainCase + "  " + line + "\n" }
	for _, c := range []struct{ document, series, tariff, want string }{
		{change("name: small", "name: small\ncolour: red"), "", "", "case.yaml:2: colour: unknown key"},
		{change("power_kw", "power_kW"), "", "", "case.yaml:11: storage.power_kW: unknown key"},
		{change("currency: EUR\n", ""), "", "", "case.yaml:1: currency: missing"},
		{change("EUR", "euro"), "", "", "case.yaml:2: currency"},
		{change("EUR", "XQZ"), "", "", "case.yaml:2: currency"},
		{change("Europe/Berlin", "Mars/Olympus"), "", "", "case.yaml:3: timezone"},
		{change("Europe/Berlin", "Local"), "", "", "case.yaml:3: timezone"},
		{change("name: small", `name: "a\u001b[31mb"`), "", "", "case.yaml:1: name: \"a\\x1b[31mb\""},
		{change("2024-03-10T00:00", "2024-03-10T00:00:30"), "", "", "case.yaml:4: start: \"2024-03-10T00:00:30\", expected a whole minute"},
		{change("2024-03-10T00:00", "noon"), "", "", "case.yaml:4: start"},
		{change("1h", "2h"), "", "", "case.yaml:5: period"},
		{change("series.csv", "absent.csv"), "", "", "absent.csv: no such file"},
		{change("name: park1", "name: Park 1"), "", "", "case.yaml:9: parks[1].name"},
		{change("  - name: park1", "  - name: park1\n  - name: park1"), "", "", "case.yaml:10: parks[2].name: \"park1\" stands twice"},
		{change("parks:\n  - name: park1\n", "parks: []\n"), "", "", "case.yaml:8: parks"},
		{change("power_kw: 100", "power_kw:"), "", "", "case.yaml:11: storage.power_kw: has no value"},
		{change("power_kw: 100", "power_kw: many"), "", "", "case.yaml:11: storage.power_kw: \"many\", expected a number"},
		{change("power_kw: 100", "power_kw: .nan"), "", "", "storage.power_kw"},
		{change("power_kw: 100", "power_kw: -1"), "", "", "storage.power_kw: -1, expected 0 or more"},
		{change("power_kw: 100", "power_kw: [1]"), "", "", "storage.power_kw: expected a single value"},
		{change("power_kw: 100\n", "power_kw: 100\n  power_kw: 100\n"), "", "", "case.yaml:12"},
		{storage("charge_efficiency: 0.95001"), "", "", "case.yaml:13: storage.charge_efficiency: 0.95001 has more than 4 decimals"},
		{storage("charge_efficiency: 0"), "", "", "storage.charge_efficiency: 0, expected above 0"},
		{storage("discharge_efficiency: 1.01"), "", "", "storage.discharge_efficiency: 1.01, expected above 0 and at most 1"},
		{storage("soc_max: 1.2"), "", "", "case.yaml:13: storage.soc_max: 1.2, expected 0 to 1"},
		{storage("soc_max: 1.0000001"), "", "", "case.yaml:13: storage.soc_max: 1.0000001, expected 0 to 1"},
		{storage("soc_start: 1.0000000000004"), "", "", "storage.soc_start: 1.0000000000004, expected 0 to 1"},
		{storage("soc_end: -0.0000001"), "", "", "storage.soc_end: -0.0000001, expected 0 to 1"},
		{storage("soc_min: -0.1"), "", "", "storage.soc_min: -0.1, expected 0 to 1"},
		{storage("soc_min: 0.8\n  soc_max: 0.2"), "", "", "storage.soc_min"},
		{storage("soc_start: 0.2\n  soc_min: 0.3"), "", "", "storage.soc_start"},
		{storage("soc_end_rule: free"), "", "", "storage.soc_end_rule: \"free\", expected equal or at_least"},
		{storage("fee_per_kwh: 0.0000001"), "", "", "storage.fee_per_kwh"},
		{storage("self_discharge_per_hour: 1"), "", "", "storage.self_discharge_per_hour: 1, expected 0 or more and below 1"},
		{storage("self_discharge_per_hour: -0.1"), "", "", "storage.self_discharge_per_hour"},
		{storage("self_discharge_per_hour: 0.0000005"), "", "", "case.yaml:13: storage.self_discharge_per_hour: 0.0000005, expected 0 or more and below 1 with at most 6 decimals"},
		{storage("grid_trade: maybe"), "", "", "storage.grid_trade"},
		{plainCase + "sharing:\n  operator_share: 1.5\n", "", "", "case.yaml:14: sharing.operator_share"},
		{plainCase + "sharing:\n  reference_value: -1\n", "", "", "sharing.reference_value"},
		{plainCase + "sharing: 5\n", "", "", "sharing: expected keys with values"},
		{plainCase + "---\nname: other\n", "", "", "second document"},
		{"", "", "", "case.yaml"},
		{"- 1\n", "", "", "case.yaml"},
		{strings.Repeat("[", 200_000), "", "", "nested deeper"},
		{"name: [unclosed\n", "", "", "case.yaml:"},
		{"", "time,park2.load\n", "", "series.csv:1: park2.load: unknown column"},
		{"", "time\n", "", "series.csv:1: park1.load: column is missing"},
		{"", "park1.load\n", "", "series.csv:1: time: column is missing"},
		{"", "time,park1.load,park1.load\n", "", "column stands twice"},
		{"", "time,park1.load\n", "", "series.csv: no rows"},
		{"", " ", "", "series.csv: empty"},
		{"", plainSeries + strings.Repeat("9", 2<<20), "", "series.csv:4: longer than 1048576 bytes"},
		{"", strings.Repeat("\x00", 2<<20), "", "series.csv:1: longer than 1048576 bytes"},
		{"", "time," + strings.Repeat("x", 100_000) + "\n", "", "series.csv:1: \"" + strings.Repeat("x", 60) + "...\": unknown column"},
		{"", "time,\x1b[31m\n", "", `series.csv:1: "\x1b[31m": unknown column`},
		{"", "time;park1.load\n", "", "series.csv:1: time;park1.load: unknown column"},
		{"", "time,park1.load\n2024-03-10T00:00,NaN\n", "", "series.csv:2: park1.load: \"NaN\", expected a number"},
		{"", "time,park1.load\n2024-03-10T00:00,-1\n", "", "series.csv:2: park1.load: -1 kW, expected 0 or more"},
		{"", "time,park1.load\n2024-03-10T00:00,-0.0001\n", "", "series.csv:2: park1.load: -0.0001 kW"},
		{"", "time,park1.load\n2024-03-10T00:00,\n", "", "series.csv:2: park1.load: empty"},
		{"", "time,park1.load\n2024-03-10T00:00\n", "", "series.csv:2: 1 fields, expected 2"},
		{"", "time,park1.load\n2024-03-10T00:00,\"1\n", "", "series.csv:"},
		{"", "time,park1.load\n,\n2024-03-10T00:00,1\n", "", "series.csv:2: a row without values"},
		{"", "time,park1.load\n2024-03-10T00:00,1e13\n", "", "series.csv:2: park1.load: 1e13 kW, expected at most"},
		{change("name: park1", "name: park1\n    pv_capacity_kw: 5"), "time,park1.load,park1.pv\n2024-03-10T00:00,1,5.001\n", "", "series.csv:2: park1.pv: 5.001 kW is above the stated pv_capacity_kw of 5"},
		{"", "", "time,buy\n", "tariff.csv:1: sell: column is missing"},
		{"", "", "time,buy,sell,extra\n", "tariff.csv:1: extra: unknown column"},
		{"", "", "time,buy,sell\n2024-03-10T00:00,0.1,0.2\n", "tariff.csv:2: buy: 0.1 is below sell 0.2"},
		{"", "", "time,buy,sell\n2024-03-10T00:00,0.1234567,0.1\n", "tariff.csv:2: buy: \"0.1234567\" has more than 6 decimals"},
		{"", "", "time,buy,sell\n2024-03-10T00:00,x,0.1\n", "tariff.csv:2: buy: \"x\", expected a price"},
		{"", "", "time,buy,sell\n2024-03-10T00:00,0.3,0.1\n", "tariff.csv: 1 rows, expected 2"},
		{"", "", plainTariff + "2024-03-10T02:00,0.3,0.1\n", "tariff.csv:4: more rows than the 2"},
		{"", "", "time,buy,sell\n2024-03-10T01:00,0.3,0.1\n", "tariff.csv:2: time"},
	} {
		document, series, tariff := c.document, c.series, c.tariff
		if document == "" && (series != "" || tariff != "") {
			document = plainCase
		}
		if series == "" {
			series = plainSeries
		}
		if tariff == "" {
			tariff = plainTariff
		}
		_, _, err := Load(write(t, document, series, tariff))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if typed := new(Error); err != nil && !errors.As(err, &typed) {
			t.Errorf("%v is a %T, want *Error", err, err)
		}
	}
}

func TestMissingCaseIsBadInput(t *testing.T) {
	_, _, err := Load(filepath.Join(t.TempDir(), "none"))
	if typed := new(Error); !errors.As(err, &typed) {
		t.Errorf("%v is a %T, want *Error", err, err)
	}
}

// FuzzLoad feeds arbitrary files to the loader: whatever it accepts must be a
// whole case.
func FuzzLoad(f *testing.F) {
	f.Add(plainCase, plainSeries, plainTariff)
	f.Add(plainCase+"  soc_start: 0.123456789\n", "time,park1.load,park1.pv\n2024-03-10T00:00,1,0.1\n", plainTariff)
	f.Fuzz(func(t *testing.T, document, series, tariff string) {
		if strings.Contains(document, "/") && !strings.Contains(document, "Europe/Berlin") {
			t.Skip("names other files")
		}
		c, _, err := Load(write(t, document, series, tariff))
		if err != nil {
			if typed := new(Error); !errors.As(err, &typed) {
				t.Fatalf("%v is a %T, want *Error", err, err)
			}
			return
		}
		n := c.Horizon.Periods
		if n < 1 || len(c.Tariff.Buy) != n || len(c.Tariff.Sell) != n || len(c.Parks) == 0 {
			t.Fatalf("incomplete case %+v", c)
		}
		for _, p := range c.Parks {
			if len(p.Load) != n || len(p.PV) != n || len(p.Wind) != n {
				t.Fatalf("park %s has %d, %d, %d values of %d", p.Name, len(p.Load), len(p.PV), len(p.Wind), n)
			}
		}
	})
}
