package simulate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/days"
)

// dayFile is the daily file of the grid company's own meter at a park: the
// mean power fed into the grid less that drawn, per period. The company has a
// meter of its own; in a simulation both see the same weather.
func (s *site) dayFile(day days.Day) []byte {
	var file bytes.Buffer
	file.WriteString("start,net_w\n")
	for period := range day.Horizon.Periods {
		net := -s.power("load", s.park.Load, day, period) + s.power("pv", s.park.PV, day, period) + s.power("wind", s.park.Wind, day, period)
		fmt.Fprintf(&file, "%s,%d\n", time.Unix(day.Horizon.At(period), 0).UTC().Format(time.RFC3339), net)
	}
	return file.Bytes()
}

// power is what a meter of the park shows in a period.
func (s *site) power(name string, series []energy.Watt, day days.Day, period int) energy.Watt {
	return s.weather.reading(s.park.Name, name, day.Number, period, series[day.Periods[period]])
}

// writeDayFile puts the daily file where the grid company looks for it, whole
// or not at all.
func (s *site) writeDayFile(day days.Day) error {
	if s.gridMeters == "" {
		return nil
	}
	folder := filepath.Join(s.gridMeters, s.park.Name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("grid company's meter: %w", err)
	}
	path := filepath.Join(folder, day.Date+".csv")
	if err := os.WriteFile(path+".new", s.dayFile(day), 0o600); err != nil {
		return fmt.Errorf("grid company's meter: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("grid company's meter: %w", err)
	}
	return nil
}
