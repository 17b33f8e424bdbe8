package grid

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

// twoHours is a day of two periods.
var twoHours = tariff.Tariff{Day: 19919, Date: "2024-07-15", Starts: []int64{1_720_972_800, 1_720_976_400}, End: 1_720_980_000}

func TestMeterFilesAreReadOrRefusedWithTheReason(t *testing.T) {
	first, second := time.Unix(twoHours.Starts[0], 0).UTC().Format(time.RFC3339), time.Unix(twoHours.Starts[1], 0).In(time.FixedZone("", 8*3600)).Format(time.RFC3339)
	for name, test := range map[string]struct{ file, fault string }{
		"right":             {fmt.Sprintf("start,net_w\n%s,-1200\n%s,350\n", first, second), ""},
		"another header":    {fmt.Sprintf("time,kw\n%s,-1200\n%s,350\n", first, second), "start,net_w"},
		"a row is missing":  {fmt.Sprintf("start,net_w\n%s,-1200\n", first), "2 rows"},
		"another hour":      {fmt.Sprintf("start,net_w\n%s,-1200\n%s,350\n", second, first), "row 1"},
		"a fraction":        {fmt.Sprintf("start,net_w\n%s,-1200.5\n%s,350\n", first, second), "whole watts"},
		"more columns":      {fmt.Sprintf("start,net_w\n%s,-1200,7\n%s,350\n", first, second), "meter"},
		"a nuclear park":    {fmt.Sprintf("start,net_w\n%s,9223372036854775807\n%s,350\n", first, second), "4294967296"},
		"no time":           {fmt.Sprintf("start,net_w\nnoon,-1200\n%s,350\n", second), "noon"},
		"nothing at all":    {"", "start,net_w"},
		"quotes left alone": {"\"start,net_w\n", "meter"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.MkdirAll(filepath.Join(folder, "park1"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "park1", "2024-07-15.csv"), []byte(test.file), 0o600); err != nil {
				t.Fatal(err)
			}
			net, err := readMeter(folder, "park1", twoHours)
			if test.fault == "" {
				if err != nil || net[0] != -1_200 || net[1] != 350 {
					t.Fatalf("%v, %v", net, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.fault) {
				t.Fatalf("%v, expected an error with %q", err, test.fault)
			}
		})
	}
	if _, err := readMeter(t.TempDir(), "park1", twoHours); !errors.Is(err, errNoReadings) {
		t.Errorf("no file: %v", err)
	}
}

func TestNetValuesMayDifferByTheMetersClass(t *testing.T) {
	meter := []energy.Watt{500_000, -500_000, 0}
	for name, test := range map[string]struct {
		net   []int64
		fault string
	}{
		"the same":                   {[]int64{500_000, -500_000, 0}, ""},
		"one percent and 100 W":      {[]int64{505_100, -505_100, 100}, ""},
		"a watt more than that":      {[]int64{505_101, -500_000, 0}, "1 of 3 periods differ, the first is period 1"},
		"a watt less, and the sign":  {[]int64{500_000, 500_000, -101}, "2 of 3 periods differ, the first is period 2"},
		"of another number of hours": {[]int64{500_000}, "1 net values"},
		"five times its deficit":     {[]int64{500_000, -2_500_000, 0}, "1 of 3"},
	} {
		err := compareMeter(test.net, meter)
		if (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
			t.Errorf("%s: %v, expected %q", name, err, test.fault)
		}
		if err != nil && strings.Contains(err.Error(), "505101") {
			t.Errorf("%s: %v shows a value", name, err)
		}
	}
}

// Whatever a metering service delivers, it is a whole day within bounds or
// refused.
func FuzzMeterFile(f *testing.F) {
	f.Add("start,net_w\n2024-07-14T16:00:00Z,-1200\n2024-07-14T17:00:00Z,350\n")
	f.Add("start,net_w\n")
	f.Fuzz(func(t *testing.T, file string) {
		net, err := parseMeter(strings.NewReader(file), twoHours)
		if err != nil {
			return
		}
		if len(net) != 2 || compareMeter([]int64{int64(net[0]), int64(net[1])}, net) != nil {
			t.Fatalf("%q gives %v", file, net)
		}
	})
}
