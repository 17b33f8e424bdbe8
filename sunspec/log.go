package sunspec

import (
	"fmt"
	"math"

	"github.com/sesame-energy/sesame/energy"
)

// IntervalSeconds is the length of a logged interval. Intervals begin at whole
// multiples of it in Unix time, so every period of 15, 30 or 60 minutes in any
// time zone is made of whole ones.
const IntervalSeconds = 900

// LogSlots is how many intervals a device remembers: two days.
const LogSlots = 192

// IntervalLength is how many registers an interval takes.
const IntervalLength = 14

// LogStart is the register of the first slot.
const LogStart = Log + 4

// Interval is one complete quarter hour as the device metered it.
type Interval struct {
	Start      int64           // Unix seconds
	Charged    uint64          // energy into the terminals, Ws
	Discharged uint64          // energy out of the terminals, Ws
	Stored     energy.WattHour // at the end, rounded down
	Alarms     Alarms          // all that stood at any time of it
	Covered    uint16          // seconds for which the device was on
}

// Slot is where the interval that begins at start stands in the log.
func Slot(start int64) int { return int(start / IntervalSeconds % LogSlots) }

// LogHeader gives the registers before the first slot.
func LogHeader() []uint16 { return []uint16{ModelLog, logLength, IntervalSeconds, LogSlots} }

// CheckLogHeader reports whether the device's log has the shape of this package.
func CheckLogHeader(registers []uint16) error {
	expected := LogHeader()
	if len(registers) != len(expected) {
		return fmt.Errorf("%w: log header of %d registers: expected %d", ErrRegisters, len(registers), len(expected))
	}
	for i := range expected {
		if registers[i] != expected[i] {
			return fmt.Errorf("%w: log header %v: expected %v", ErrRegisters, registers, expected)
		}
	}
	return nil
}

// Registers gives an interval.
func (i Interval) Registers() []uint16 {
	registers := make([]uint16, IntervalLength)
	putUint32(registers, cut(i.Start))
	putUint64(registers[2:], i.Charged)
	putUint64(registers[6:], i.Discharged)
	putUint32(registers[10:], cut(int64(i.Stored)))
	registers[12] = uint16(i.Alarms)
	registers[13] = i.Covered
	return registers
}

// DecodeInterval reads an interval; an empty slot gives the zero Interval.
func DecodeInterval(registers []uint16) (Interval, error) {
	if len(registers) != IntervalLength {
		return Interval{}, fmt.Errorf("%w: interval of %d registers: expected %d", ErrRegisters, len(registers), IntervalLength)
	}
	interval := Interval{
		Start:      int64(getUint32(registers)),
		Charged:    getUint64(registers[2:]),
		Discharged: getUint64(registers[6:]),
		Stored:     energy.WattHour(getUint32(registers[10:])),
		Alarms:     Alarms(registers[12]),
		Covered:    registers[13],
	}
	const most = uint64(math.MaxInt32) * IntervalSeconds
	if interval.Start%IntervalSeconds != 0 || interval.Covered > IntervalSeconds ||
		interval.Charged > most || interval.Discharged > most {
		return Interval{}, fmt.Errorf("%w: interval from %d, %d and %d Ws, %d s", ErrRegisters,
			interval.Start, interval.Charged, interval.Discharged, interval.Covered)
	}
	return interval, nil
}
