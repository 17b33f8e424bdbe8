// Package days cuts a case into its local days and repeats them with shifted
// dates, so that a case of one day can be lived through for as many days as
// somebody likes: the tariff that the grid company publishes, the meters that
// follow the series.
//
// A day is known by its number, days since 1970-01-01 of its local date. A
// shifted day may have 23 or 25 hours where the case's has 24; periods are then
// matched by local time.
package days

import (
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

const secondsPerDay = 86_400

// Days are the local days of a case, repeated without end.
type Days struct {
	location *time.Location
	horizon  energy.Horizon
	first    uint32
	days     []Day
}

// Day is one local day.
type Day struct {
	Number  uint32
	Date    string         // "2024-07-15"
	Horizon energy.Horizon // of this day
	Periods []int          // for each period the period of the case that it follows, 0-based
}

// Of cuts a case into days. A case that is not made of whole local days is an
// error that says where it starts or ends instead.
func Of(c *energy.Case) (*Days, error) {
	start, end := time.Unix(c.Horizon.Start, 0).In(c.Location), time.Unix(c.Horizon.End(), 0).In(c.Location)
	for _, edge := range []struct {
		what string
		at   time.Time
	}{{"starts", start}, {"ends", end}} {
		if !edge.at.Equal(midnight(number(edge.at), c.Location)) {
			return nil, fmt.Errorf("case %s %s at %s: expected whole local days, midnight to midnight", c.Name, edge.what, edge.at.Format(time.RFC3339))
		}
	}
	d := &Days{location: c.Location, horizon: c.Horizon, first: number(start)}
	next := 0
	for day := d.first; day < number(end); day++ {
		cut, err := d.empty(day)
		if err != nil {
			return nil, err
		}
		for range cut.Horizon.Periods {
			cut.Periods = append(cut.Periods, next)
			next++
		}
		d.days = append(d.days, cut)
	}
	return d, nil
}

// First is the number of the case's first day.
func (d *Days) First() uint32 { return d.first }

// Count is how many days the case has.
func (d *Days) Count() int { return len(d.days) }

// Day gives a day, the case's own or a repeated one.
func (d *Days) Day(number uint32) (Day, error) {
	count := int64(len(d.days))
	offset := (int64(number) - int64(d.first)) % count
	source := d.days[(offset+count)%count]
	if source.Number == number {
		return source, nil
	}
	day, err := d.empty(number)
	if err != nil {
		return Day{}, err
	}
	if day.Horizon.Periods == source.Horizon.Periods {
		day.Periods = source.Periods
		return day, nil
	}
	for t := range day.Horizon.Periods {
		day.Periods = append(day.Periods, d.sameClock(source, time.Unix(day.Horizon.At(t), 0)))
	}
	return day, nil
}

// sameClock is the last period of a source day that begins at or before the
// local time of day of at.
func (d *Days) sameClock(source Day, at time.Time) int {
	match := source.Periods[0]
	for t, period := range source.Periods {
		if clock(time.Unix(source.Horizon.At(t), 0), d.location) > clock(at, d.location) {
			break
		}
		match = period
	}
	return match
}

// clock is the local time of day, seconds since 00:00 on the clock's face.
func clock(at time.Time, location *time.Location) int {
	hour, minute, second := at.In(location).Clock()
	return hour*3600 + minute*60 + second
}

// empty is the day of that number without its periods' sources.
func (d *Days) empty(number uint32) (Day, error) {
	start, end := midnight(number, d.location).Unix(), midnight(number+1, d.location).Unix()
	length := int64(d.horizon.Minutes) * 60
	if (end-start)%length != 0 {
		return Day{}, fmt.Errorf("day %s in %s lasts %d s: expected a multiple of the period, %d minutes", date(number), d.location, end-start, d.horizon.Minutes)
	}
	return Day{
		Number: number, Date: date(number),
		Horizon: energy.Horizon{Start: start, Minutes: d.horizon.Minutes, Periods: int((end - start) / length)},
	}, nil
}

// Number is the number of the local day that holds a time.
func (d *Days) Number(at time.Time) uint32 { return number(at.In(d.location)) }

// number is the number of a local time's day.
func number(local time.Time) uint32 {
	return uint32(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

func midnight(number uint32, location *time.Location) time.Time {
	day := time.Unix(int64(number)*secondsPerDay, 0).UTC()
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, location)
}

func date(number uint32) string {
	return time.Unix(int64(number)*secondsPerDay, 0).UTC().Format(time.DateOnly)
}

// Pick gives the values of a case's series in the periods of a day.
func Pick[T any](values []T, day Day) []T {
	picked := make([]T, len(day.Periods))
	for t, period := range day.Periods {
		picked[t] = values[period]
	}
	return picked
}
