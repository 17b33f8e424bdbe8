package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// hours of a year, one value of a profile each.
const hours = 365 * 24

// profiles are series per unit, of hours values each.
type profiles struct {
	load, pv, wind [][]float64
	names          []string
}

func (p profiles) String() string { return "Profiles: " + strings.Join(p.names, ", ") + "." }

// readProfiles reads all CSV files of a folder.
func readProfiles(folder string) (profiles, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		return profiles{}, err
	}
	var all profiles
	for _, path := range paths {
		if err := all.read(path); err != nil {
			return profiles{}, fmt.Errorf("%s: %w", path, err)
		}
	}
	if len(all.load) == 0 || len(all.pv)+len(all.wind) == 0 {
		return profiles{}, fmt.Errorf("%s: expected CSV files with columns load_pu, and pv_pu or wind_pu", folder)
	}
	return all, nil
}

func (p *profiles) read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errors.New("the file is empty")
	}
	for column, name := range rows[0] {
		var into *[][]float64
		switch {
		case strings.HasSuffix(name, "load_pu"):
			into = &p.load
		case strings.HasSuffix(name, "pv_pu"):
			into = &p.pv
		case strings.HasSuffix(name, "wind_pu"):
			into = &p.wind
		default:
			continue
		}
		series, err := hourly(rows[1:], column)
		if err != nil {
			return fmt.Errorf("column %s: %w", name, err)
		}
		*into = append(*into, series)
		p.names = append(p.names, filepath.Base(path)+" "+name)
	}
	return nil
}

// hourly is the mean of each hour of the first year in a column.
func hourly(rows [][]string, column int) ([]float64, error) {
	parts := len(rows) / hours
	if parts < 1 {
		return nil, fmt.Errorf("%d rows: expected a year, at least %d", len(rows), hours)
	}
	series := make([]float64, hours)
	for hour := range series {
		for _, row := range rows[hour*parts : (hour+1)*parts] {
			value, err := strconv.ParseFloat(row[column], 64)
			if err != nil || value < 0 || value > 10 {
				return nil, fmt.Errorf("hour %d: %q: expected a number of 0 to 10", hour, row[column])
			}
			series[hour] += value / float64(parts)
		}
	}
	return series, nil
}
