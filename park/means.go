package park

import (
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
)

// means gives the mean power of each period of a horizon, W, from a meter's
// readings in order of time: within a period a reading holds until the next
// one, the last until the period's end, the first from its beginning on. have
// says which periods have a reading at all; a mean without stands at 0. Means
// are rounded half up.
func means(readings []field.Reading, horizon energy.Horizon) (power []energy.Watt, have []bool) {
	power, have = make([]energy.Watt, horizon.Periods), make([]bool, horizon.Periods)
	for len(readings) > 0 {
		period, inside := horizon.Period(readings[0].Time.Unix())
		if !inside {
			readings = readings[1:]
			continue
		}
		end := time.Unix(horizon.At(period+1), 0)
		count := 1
		for count < len(readings) && readings[count].Time.Before(end) {
			count++
		}
		power[period], have[period] = mean(readings[:count], time.Unix(horizon.At(period), 0), end), true
		readings = readings[count:]
	}
	return power, have
}

// mean is the time-weighted mean of at least one reading within a period. With
// readings below 2^32 W and periods below 2^22 ms nothing overflows.
func mean(readings []field.Reading, start, end time.Time) energy.Watt {
	length := end.Sub(start).Milliseconds()
	sum := length / 2
	from := start
	for i, reading := range readings {
		until := end
		if i+1 < len(readings) {
			until = readings[i+1].Time
		}
		sum += int64(reading.Power) * until.Sub(from).Milliseconds()
		from = until
	}
	return energy.Watt(sum / length)
}

// series are the period means of a park's day, W, one entry per period.
type series struct {
	Load []energy.Watt `json:"load_w"`
	PV   []energy.Watt `json:"pv_w"`
	Wind []energy.Watt `json:"wind_w"`
}

// park is the series as the trade knows them.
func (s series) park() energy.Park { return energy.Park{Load: s.Load, PV: s.PV, Wind: s.Wind} }

// surplus is the power beyond the load, W, one entry per period.
func (s series) surplus() []energy.Watt {
	values := make([]energy.Watt, len(s.Load))
	for t := range values {
		values[t] = s.park().Surplus(t)
	}
	return values
}

// deficit is the power that is lacking, W, one entry per period.
func (s series) deficit() []energy.Watt {
	values := make([]energy.Watt, len(s.Load))
	for t := range values {
		values[t] = s.park().Deficit(t)
	}
	return values
}

// gapError says that a day's readings are not complete.
type gapError struct {
	meter  string
	period int
}

func (g gapError) Error() string {
	return fmt.Sprintf("no reading of the %s meter in period %d", g.meter, g.period+1)
}

// readSeries gives the means of the day's periods from the kept readings. A
// meter that the site does not have counts as 0. The error is a gapError where
// a period has no reading; the series then has 0 there.
func (r *records) readSeries(meters []string, horizon energy.Horizon) (series, error) {
	var gap error
	read := series{
		Load: make([]energy.Watt, horizon.Periods), PV: make([]energy.Watt, horizon.Periods), Wind: make([]energy.Watt, horizon.Periods),
	}
	targets := map[string]*[]energy.Watt{Load: &read.Load, PV: &read.PV, Wind: &read.Wind}
	for _, meter := range meters {
		readings, err := r.readings(meter, time.Unix(horizon.Start, 0), time.Unix(horizon.End(), 0))
		if err != nil {
			return series{}, err
		}
		power, have := means(readings, horizon)
		*targets[meter] = power
		for period, there := range have {
			if !there && gap == nil {
				gap = gapError{meter, period}
			}
		}
	}
	return read, gap
}
