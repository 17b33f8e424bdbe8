package scheduling

import (
	"fmt"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

// localDay is the tariff of a local date, as a daemon that knows the zone
// would publish it.
func localDay(t *testing.T, zone string, year int, month time.Month, day, minutes int) (tariff.Tariff, *time.Location) {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Skipf("time zone data: %v", err)
	}
	start := time.Date(year, month, day, 0, 0, 0, 0, location)
	end := time.Date(year, month, day+1, 0, 0, 0, 0, location)
	published := tariff.Tariff{Date: start.Format(time.DateOnly), End: end.Unix()}
	for at := start; at.Before(end); at = at.Add(time.Duration(minutes) * time.Minute) {
		published.Starts = append(published.Starts, at.Unix())
	}
	return published, location
}

// Each period of a day of 23, 24 or 25 hours takes the sums of the period of
// the same local time. The hour that the clocks repeat takes those of the hour
// of its name, the hour that they leave out is not asked for.
func TestSumsAreCarriedOverByLocalTime(t *testing.T) {
	type date struct {
		month time.Month
		day   int
	}
	ordinary, spring, autumn := date{time.June, 2}, date{time.March, 31}, date{time.October, 27}
	usSpring, usAutumn := date{time.March, 10}, date{time.November, 3}
	for _, test := range []struct {
		zone     string
		from, to date
	}{
		{"Europe/Berlin", ordinary, ordinary},
		{"Europe/Berlin", ordinary, spring},
		{"Europe/Berlin", ordinary, autumn},
		{"Europe/Berlin", autumn, ordinary},
		{"Europe/Berlin", spring, ordinary},
		{"Europe/Berlin", spring, autumn},
		{"America/New_York", ordinary, usSpring},
		{"America/New_York", ordinary, usAutumn},
		{"America/New_York", usAutumn, ordinary},
		{"Asia/Shanghai", ordinary, spring},
	} {
		for _, minutes := range []int{15, 30, 60} {
			name := fmt.Sprintf("%s %v to %v, %d minutes", test.zone, test.from, test.to, minutes)
			from, location := localDay(t, test.zone, 2024, test.from.month, test.from.day, minutes)
			to, _ := localDay(t, test.zone, 2024, test.to.month, test.to.day, minutes)
			series := make([]energy.Watt, len(from.Starts))
			known := map[energy.Watt]bool{}
			for period, start := range from.Starts {
				series[period] = clock(start, location)
				known[series[period]] = true
			}
			mapped := mapDay(series, from, to)
			for period, start := range to.Starts {
				want := clock(start, location)
				if !known[want] { // the hour that the source left out
					continue
				}
				// Between one and three the clocks repeat an hour, in Europe
				// the second, in America the first: there it may be the other.
				got := mapped[period]
				repeated := len(from.Starts) != len(to.Starts) && min(got, want) >= 100 && max(got, want) < 300
				if got != want && !repeated {
					t.Errorf("%s: %04d takes the sums of %04d", name, want, got)
				}
			}
		}
	}
}

// clock is local time as a number, 1345 for a quarter to two in the afternoon.
func clock(unix int64, location *time.Location) energy.Watt {
	at := time.Unix(unix, 0).In(location)
	return energy.Watt(at.Hour()*100 + at.Minute())
}
