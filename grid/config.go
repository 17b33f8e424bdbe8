package grid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/participant"
)

// DefaultAhead is how long before a day its tariff is published.
const DefaultAhead = 8 * time.Hour

// Config is the configuration of the grid company's node.
type Config struct {
	participant.Config `yaml:",inline"`

	Case     string        `yaml:"case"`             // case folder whose tariff is published; its days repeat without end
	Ahead    time.Duration `yaml:"ahead,omitempty"`  // how long before a day its tariff is published, in ledger time; left out: 8h
	Calendar Calendar      `yaml:"calendar"`         // which days are workdays
	Meters   string        `yaml:"meters,omitempty"` // folder with the daily files of the company's own meters at the parks; left out: no meter service
	Listen   string        `yaml:"listen,omitempty"` // the company's own page, loopback only; left out: 127.0.0.1:0
}

// Calendar says which days are workdays: plans fall back on days of the same
// kind.
type Calendar struct {
	Weekend  []string `yaml:"weekend,omitempty"`  // "saturday"; left out: saturday and sunday
	Holidays []string `yaml:"holidays,omitempty"` // local dates, "2024-10-01"
}

// Locate implements config.Locator.
func (c *Config) Locate(folder string) {
	c.Config.Locate(folder)
	c.Case = config.Path(folder, c.Case)
	if c.Meters != "" {
		c.Meters = config.Path(folder, c.Meters)
	}
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	if c.Case == "" {
		return errors.New("case is missing: expected the case folder with the tariff")
	}
	if c.Ahead < 0 || c.Ahead > 7*24*time.Hour {
		return fmt.Errorf("ahead is %v: expected 0 to 168h", c.Ahead)
	}
	for i, name := range c.Calendar.Weekend {
		if _, known := weekday(name); !known {
			return fmt.Errorf("calendar.weekend: entry %d is %q: expected a day like saturday", i+1, name)
		}
	}
	for i, date := range c.Calendar.Holidays {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return fmt.Errorf("calendar.holidays: entry %d is %q: expected a date like 2024-10-01", i+1, date)
		}
	}
	return nil
}

func (c *Config) ahead() time.Duration {
	if c.Ahead == 0 {
		return DefaultAhead
	}
	return c.Ahead
}

// workday says whether a local date is one.
func (c Calendar) workday(date string) bool {
	if slices.Contains(c.Holidays, date) {
		return false
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return false
	}
	weekend := c.Weekend
	if len(weekend) == 0 {
		weekend = []string{"saturday", "sunday"}
	}
	return !slices.ContainsFunc(weekend, func(name string) bool {
		free, _ := weekday(name)
		return free == day.Weekday()
	})
}

// weekday is the day of the week of an English name, in lower case.
func weekday(name string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.ToLower(day.String()) == name {
			return day, true
		}
	}
	return 0, false
}
