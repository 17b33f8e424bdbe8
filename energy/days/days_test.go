package days

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// caseOf is a case of hours from a local midnight on, each with its own number
// as buying price.
func caseOf(t *testing.T, zone, from string, hours int) *energy.Case {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	start, err := time.ParseInLocation("2006-01-02T15:04", from, location)
	if err != nil {
		t.Fatal(err)
	}
	c := &energy.Case{Name: "x", Location: location, Horizon: energy.Horizon{Start: start.Unix(), Minutes: 60, Periods: hours}}
	for t := range hours {
		c.Tariff.Buy = append(c.Tariff.Buy, energy.Price(t))
	}
	return c
}

func TestDaysRepeatWithShiftedDates(t *testing.T) {
	c := caseOf(t, "Asia/Shanghai", "2024-07-15T00:00", 48)
	cut, err := Of(c)
	if err != nil {
		t.Fatal(err)
	}
	if cut.Count() != 2 || cut.First() != 19919 {
		t.Fatalf("%d days from %d", cut.Count(), cut.First())
	}
	for offset, want := range map[int]struct {
		date  string
		price energy.Price
	}{0: {"2024-07-15", 0}, 1: {"2024-07-16", 24}, 2: {"2024-07-17", 0}, 5: {"2024-07-20", 24}, -1: {"2024-07-14", 24}} {
		day, err := cut.Day(uint32(19919 + offset))
		if err != nil {
			t.Fatal(err)
		}
		buy := Pick(c.Tariff.Buy, day)
		if day.Date != want.date || len(buy) != 24 || buy[0] != want.price || buy[23] != want.price+23 {
			t.Errorf("day %+d: %s with prices %v", offset, day.Date, buy)
		}
		if start := time.Unix(day.Horizon.Start, 0).In(c.Location); start.Format(time.RFC3339) != want.date+"T00:00:00+08:00" {
			t.Errorf("day %+d starts at %s", offset, start)
		}
		if cut.Number(time.Unix(day.Horizon.Start, 0)) != day.Number || cut.Number(time.Unix(day.Horizon.End()-1, 0)) != day.Number {
			t.Errorf("day %+d does not hold its own times", offset)
		}
	}
}

func TestShiftedDayOfOtherLengthFollowsLocalTime(t *testing.T) {
	// 2024-10-27 has 25 hours in Berlin, 2025-03-30 has 23.
	c := caseOf(t, "Europe/Berlin", "2024-10-26T00:00", 24)
	cut, err := Of(c)
	if err != nil {
		t.Fatal(err)
	}
	long, err := cut.Day(cut.First() + 1)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 2, 2, 3, 4}; len(long.Periods) != 25 || !slices.Equal(long.Periods[:6], want) || long.Periods[24] != 23 {
		t.Errorf("day of 25 hours follows %v", long.Periods)
	}
	short, err := cut.Day(cut.First() + 155)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 3, 4}; short.Date != "2025-03-30" || len(short.Periods) != 23 || !slices.Equal(short.Periods[:4], want) || short.Periods[22] != 23 {
		t.Errorf("%s follows %v", short.Date, short.Periods)
	}
}

func TestDaysWithChangedClocksAreWholeDays(t *testing.T) {
	cut, err := Of(caseOf(t, "Europe/Berlin", "2024-10-27T00:00", 25+24))
	if err != nil {
		t.Fatal(err)
	}
	if cut.Count() != 2 {
		t.Fatalf("%d days", cut.Count())
	}
	later, err := cut.Day(cut.First() + 2) // follows the day of 25 hours in 24
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 3, 4}; !slices.Equal(later.Periods[:4], want) || later.Periods[23] != 24 {
		t.Errorf("follows %v", later.Periods)
	}
}

func TestCaseThatIsNotMadeOfWholeDaysIsRefused(t *testing.T) {
	for _, c := range []*energy.Case{
		caseOf(t, "Asia/Shanghai", "2024-07-15T01:00", 24),
		caseOf(t, "Asia/Shanghai", "2024-07-15T00:00", 23),
		caseOf(t, "Europe/Berlin", "2024-10-27T00:00", 24),
	} {
		if _, err := Of(c); err == nil || !strings.Contains(err.Error(), "whole local days") {
			t.Errorf("%v: %v", c.Horizon, err)
		}
	}
}
