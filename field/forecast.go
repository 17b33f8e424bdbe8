package field

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// MaxPeriods is the most periods of a day: 25 hours of quarter hours.
const MaxPeriods = 100

// maxForecast is the largest forecast, bytes.
const maxForecast = 64 << 10

// Forecast is a park's forecast of one local day, mean power per period, W.
// All three series have one entry per period of the day. On the wire it is a
// retained message, JSON or CSV:
//
//	{"date":"2024-07-16","load_w":[348000,..],"pv_w":[0,..],"wind_w":[0,..]}
//
//	time,load,pv,wind
//	2024-07-16T00:00,348,0,0
//
// JSON counts whole W, CSV kW as case files do. pv and wind may be absent.
type Forecast struct {
	Date           string
	Load, PV, Wind []energy.Watt
}

type forecastMessage struct {
	Date string        `json:"date"`
	Load []energy.Watt `json:"load_w"`
	PV   []energy.Watt `json:"pv_w,omitempty"`
	Wind []energy.Watt `json:"wind_w,omitempty"`
}

// Encode makes the JSON message of a forecast.
func (f Forecast) Encode() []byte {
	return encodeJSON(forecastMessage(f))
}

// DecodeForecast reads a forecast's message for the local date of its topic.
func DecodeForecast(payload []byte, date string) (Forecast, error) {
	if len(payload) > maxForecast {
		return Forecast{}, fmt.Errorf("forecast of %d bytes: expected at most %d", len(payload), maxForecast)
	}
	if day, err := time.Parse(time.DateOnly, date); err != nil || day.Year() < firstYear || day.Year() > lastYear {
		return Forecast{}, fmt.Errorf("forecast of %.40q: expected a date like 2024-07-16", date)
	}
	read := readForecastCSV
	if trimmed := bytes.TrimLeft(payload, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		read = readForecastJSON
	}
	forecast, err := read(payload, date)
	if err != nil {
		return Forecast{}, fmt.Errorf("forecast of %s: %w", date, err)
	}
	return forecast.complete()
}

// complete checks the series and fills absent ones with zeros.
func (f Forecast) complete() (Forecast, error) {
	periods := len(f.Load)
	if periods == 0 || periods > MaxPeriods {
		return Forecast{}, fmt.Errorf("forecast of %s: load of %d periods: expected 1 to %d", f.Date, periods, MaxPeriods)
	}
	for _, series := range []struct {
		name   string
		values *[]energy.Watt
	}{{"load", &f.Load}, {"pv", &f.PV}, {"wind", &f.Wind}} {
		if len(*series.values) == 0 {
			*series.values = make([]energy.Watt, periods)
		}
		if len(*series.values) != periods {
			return Forecast{}, fmt.Errorf("forecast of %s: %s of %d periods, load of %d: expected as many",
				f.Date, series.name, len(*series.values), periods)
		}
		for t, power := range *series.values {
			if power < 0 || power > MaxPower {
				return Forecast{}, fmt.Errorf("forecast of %s: %s in period %d is %d W: expected 0 to %d",
					f.Date, series.name, t+1, power, MaxPower)
			}
		}
	}
	return f, nil
}

func readForecastJSON(payload []byte, date string) (Forecast, error) {
	var message forecastMessage
	if err := decodeJSON(payload, &message); err != nil {
		return Forecast{}, err
	}
	if message.Date != date {
		return Forecast{}, fmt.Errorf("date is %.40q: expected that of the topic", message.Date)
	}
	return Forecast{date, message.Load, message.PV, message.Wind}, nil
}

func readForecastCSV(payload []byte, date string) (Forecast, error) {
	reader := csv.NewReader(bytes.NewReader(payload))
	header, err := reader.Read()
	if err != nil {
		return Forecast{}, errors.New("neither JSON nor CSV with the header time,load,pv,wind")
	}
	forecast := Forecast{Date: date}
	columns := map[string]*[]energy.Watt{"load": &forecast.Load, "pv": &forecast.PV, "wind": &forecast.Wind}
	targets := make([]*[]energy.Watt, len(header))
	for i, name := range header {
		target, known := columns[name]
		if !known && (i != 0 || name != "time") {
			return Forecast{}, fmt.Errorf("line 1: column %.40q: expected time, load, pv and wind, each once", name)
		}
		targets[i] = target
		delete(columns, name)
	}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return forecast, nil
		}
		if err != nil {
			return Forecast{}, err
		}
		line, _ := reader.FieldPos(0)
		if err := addRow(targets, header, row, line); err != nil {
			return Forecast{}, err
		}
	}
}

// addRow appends the kW of one CSV row to the series of its columns, as W.
func addRow(targets []*[]energy.Watt, header, row []string, line int) error {
	for i, target := range targets {
		if target == nil {
			continue
		}
		watt, _, err := energy.ParseDecimal(row[i], 3)
		if err != nil {
			return fmt.Errorf("line %d: %s %.40q: expected kW: %w", line, header[i], row[i], err)
		}
		*target = append(*target, energy.Watt(watt))
	}
	return nil
}
