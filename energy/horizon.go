package energy

import "time"

// Horizon is a run of periods of equal length without gaps. Time is Unix
// time, so a day of 23 or 25 hours is simply a horizon of fewer or more periods.
type Horizon struct {
	Start   int64 // Unix seconds of the start of the first period
	Minutes int   // length of a period: 15, 30 or 60
	Periods int   // number of periods, T
}

// At is the start of period t (0-based), Unix seconds; At(Periods) is the end.
func (h Horizon) At(t int) int64 { return h.Start + int64(t)*int64(h.Minutes)*60 }

// End is the end of the last period, Unix seconds.
func (h Horizon) End() int64 { return h.At(h.Periods) }

// Period is the 0-based period that holds the Unix second u, and whether one does.
func (h Horizon) Period(u int64) (int, bool) {
	if u < h.Start || u >= h.End() {
		return 0, false
	}
	return int((u - h.Start) / (int64(h.Minutes) * 60)), true
}

// Length is the length of one period.
func (h Horizon) Length() time.Duration { return time.Duration(h.Minutes) * time.Minute }

// MaxPeriods bounds a horizon: a leap year of quarter hours.
const MaxPeriods = 366 * 96
