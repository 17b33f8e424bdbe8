package grid

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
)

// Tolerance of the comparison: the error of a class 1 meter (IEC 62053-21), and
// of a small load, for which the class promises nothing.
const (
	meterClass     = 100 // 1 / 1%
	meterThreshold = energy.Watt(100)
)

// Bounds of what a meter can say.
const (
	maxMeterFile = 1 << 20 // bytes
	maxMeter     = 1 << 32 // W, as of a sealed value
)

// errNoReadings says that the company's own meter has not been read for a day.
var errNoReadings = errors.New("no readings of the company's own meter yet")

// readMeter reads what the company's meter at a park shows for a day: the mean
// power fed into the grid less that drawn, W, one value per period. Meter
// readings come as a file a day, <folder>/<park>/<date>.csv, with the columns
// start (RFC 3339) and net_w. The error is errNoReadings while there is none.
func readMeter(folder, park string, day tariff.Tariff) ([]energy.Watt, error) {
	file, err := os.Open(filepath.Join(folder, park, day.Date+".csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoReadings
	}
	if err != nil {
		return nil, fmt.Errorf("meter: %w", err)
	}
	defer func() { _ = file.Close() }()
	net, err := parseMeter(file, day)
	if err != nil {
		return nil, fmt.Errorf("meter: %s: %w", file.Name(), err)
	}
	return net, nil
}

// parseMeter reads a daily file.
func parseMeter(file io.Reader, day tariff.Tariff) ([]energy.Watt, error) {
	rows, err := csv.NewReader(io.LimitReader(file, maxMeterFile)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) != len(day.Starts)+1 || len(rows[0]) != 2 || rows[0][0] != "start" || rows[0][1] != "net_w" {
		return nil, fmt.Errorf("expected start,net_w and %d rows", len(day.Starts))
	}
	net := make([]energy.Watt, len(day.Starts))
	for period, row := range rows[1:] {
		start, err := time.Parse(time.RFC3339, row[0])
		if err != nil || start.Unix() != day.Starts[period] {
			return nil, fmt.Errorf("row %d starts at %.40q: expected %s", period+1, row[0], time.Unix(day.Starts[period], 0).UTC().Format(time.RFC3339))
		}
		power, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil || power < -maxMeter || power > maxMeter {
			return nil, fmt.Errorf("row %d: net_w is %.40q: expected whole watts, -%d to %d", period+1, row[1], int64(maxMeter), int64(maxMeter))
		}
		net[period] = energy.Watt(power)
	}
	return net, nil
}

// compareMeter says in which period net values differ from the meter by more
// than the tolerance. The error shows no value: it goes on the ledger.
func compareMeter(net []int64, meter []energy.Watt) error {
	if len(net) != len(meter) {
		return fmt.Errorf("%d net values: the meter has %d", len(net), len(meter))
	}
	wrong, first := 0, 0
	for period, value := range net {
		difference := energy.Watt(value) - meter[period]
		if max(difference, -difference) > meterThreshold+max(meter[period], -meter[period])/meterClass {
			if wrong++; wrong == 1 {
				first = period
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d periods differ, the first is period %d", wrong, len(net), first+1)
	}
	return nil
}
