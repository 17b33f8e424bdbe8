package sunspec

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sesame-energy/sesame/energy"
)

// MaxWindows is how many windows a device holds: three hours of quarter hours.
const MaxWindows = 12

// MaxTimeout is the longest time for which a device trusts a silent controller,
// seconds.
const MaxTimeout = 24 * 3600

// maxWindow is the longest window, seconds.
const maxWindow = 24 * 3600

// Alarms is what a device complains of, a bit each.
type Alarms uint16

// Alarms of a device.
const (
	AlarmNoHeartbeat Alarms = 1 << iota // the controller has fallen silent: safe state
	AlarmDerated                        // the device gives less power than it is rated for
	AlarmFull                           // a setpoint was cut because the battery is full
	AlarmEmpty                          // or empty
	AlarmRestarted                      // the device was off for a part of the time
)

// String names the alarms, "" for none.
func (a Alarms) String() string {
	var words []string
	for i, word := range []string{"no heartbeat", "derated", "full", "empty", "restarted"} {
		if a&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	if rest := a >> 5; rest != 0 {
		words = append(words, fmt.Sprintf("unknown alarm bits 0x%x", uint16(rest<<5)))
	}
	return strings.Join(words, ", ")
}

// Window is a scheduled setpoint: Power from Start to End, and after End
// nothing unless another window begins.
type Window struct {
	Start, End int64 // Unix seconds on the device's clock
	Power      energy.Watt
}

// State is what a device shows in model 64880.
type State struct {
	Time     int64           // the device's clock, Unix seconds
	Power    energy.Watt     // at the terminals, now
	Alarms   Alarms          // now
	Stored   energy.WattHour // rounded down
	Minimum  energy.WattHour
	Maximum  energy.WattHour
	Rated    energy.Watt
	Beat     uint16 // the last heartbeat written
	Timeout  uint32 // seconds without heartbeat until the safe state
	Left     uint32 // of these; 0 in the safe state
	Schedule []Window
}

// Offsets within model 64880.
const (
	stateTime    = 2
	statePower   = 4
	stateAlarms  = 6
	stateStored  = 7
	stateMinimum = 9
	stateMaximum = 11
	stateRated   = 13
	stateBeat    = 15
	stateTimeout = 16
	stateLeft    = 18
	stateCount   = 20
	stateWindows = 22 // after one register of padding
	windowLength = 6
)

// StateLength is how many registers State takes.
const StateLength = 2 + scheduleLength

// Registers of model 64880 that a controller writes: heartbeat with timeout,
// and the windows, each block at once.
const (
	BeatStart     = Schedule + stateBeat
	BeatLength    = stateLeft - stateBeat
	WindowsStart  = Schedule + stateWindows
	WindowsLength = MaxWindows * windowLength
)

// Registers gives model 64880. Values beyond the map's range are a programming
// error of the device and are cut to it.
func (s State) Registers() []uint16 {
	registers := make([]uint16, StateLength)
	registers[0], registers[1] = ModelSchedule, scheduleLength
	putUint32(registers[stateTime:], cut(s.Time))
	putPower(registers[statePower:], s.Power)
	registers[stateAlarms] = uint16(s.Alarms)
	putUint32(registers[stateStored:], cut(int64(s.Stored)))
	putUint32(registers[stateMinimum:], cut(int64(s.Minimum)))
	putUint32(registers[stateMaximum:], cut(int64(s.Maximum)))
	putUint32(registers[stateRated:], cut(int64(s.Rated)))
	registers[stateBeat] = s.Beat
	putUint32(registers[stateTimeout:], s.Timeout)
	putUint32(registers[stateLeft:], s.Left)
	registers[stateCount] = MaxWindows
	for i, window := range s.Schedule {
		at := registers[stateWindows+i*windowLength:]
		putUint32(at, cut(window.Start))
		putUint32(at[2:], cut(window.End))
		putPower(at[4:], window.Power)
	}
	return registers
}

func cut(value int64) uint32 { return uint32(min(max(value, 0), math.MaxUint32)) }

// DecodeState reads model 64880 and refuses figures that cannot be.
func DecodeState(registers []uint16) (State, error) {
	if err := header(registers, ModelSchedule, scheduleLength); err != nil {
		return State{}, err
	}
	schedule, err := DecodeWindows(registers[stateWindows:])
	if err != nil {
		return State{}, err
	}
	state := State{
		Time:     int64(getUint32(registers[stateTime:])),
		Power:    getPower(registers[statePower:]),
		Alarms:   Alarms(registers[stateAlarms]),
		Stored:   energy.WattHour(getUint32(registers[stateStored:])),
		Minimum:  energy.WattHour(getUint32(registers[stateMinimum:])),
		Maximum:  energy.WattHour(getUint32(registers[stateMaximum:])),
		Rated:    energy.Watt(getUint32(registers[stateRated:])),
		Beat:     registers[stateBeat],
		Timeout:  getUint32(registers[stateTimeout:]),
		Left:     getUint32(registers[stateLeft:]),
		Schedule: schedule,
	}
	if state.Rated == 0 || state.Rated > math.MaxInt32 || state.Minimum > state.Maximum || registers[stateCount] != MaxWindows {
		return State{}, fmt.Errorf("%w: rated power %d W, energy %d to %d Wh, %d windows", ErrRegisters,
			state.Rated, state.Minimum, state.Maximum, registers[stateCount])
	}
	return state, nil
}

// BeatRegisters gives a heartbeat and after how many seconds without the next
// one the device goes to its safe state.
func BeatRegisters(beat uint16, timeout uint32) []uint16 {
	registers := make([]uint16, BeatLength)
	registers[0] = beat
	putUint32(registers[1:], timeout)
	return registers
}

// DecodeBeat reads what BeatRegisters gives.
func DecodeBeat(registers []uint16) (beat uint16, timeout uint32, err error) {
	if len(registers) != BeatLength {
		return 0, 0, fmt.Errorf("%w: %d registers of a heartbeat: expected %d", ErrRegisters, len(registers), BeatLength)
	}
	return registers[0], getUint32(registers[1:]), nil
}

// WindowsRegisters gives the registers of a whole schedule, which replaces the
// one that a device has. The windows are in order of time and do not overlap.
func WindowsRegisters(windows []Window) ([]uint16, error) {
	if err := checkWindows(windows); err != nil {
		return nil, err
	}
	registers := make([]uint16, WindowsLength)
	for i, window := range windows {
		at := registers[i*windowLength:]
		putUint32(at, uint32(window.Start))
		putUint32(at[2:], uint32(window.End))
		putPower(at[4:], window.Power)
	}
	return registers, nil
}

// DecodeWindows reads what WindowsRegisters gives; empty windows at the end are
// left out.
func DecodeWindows(registers []uint16) ([]Window, error) {
	if len(registers) != WindowsLength {
		return nil, fmt.Errorf("%w: %d registers of windows: expected %d", ErrRegisters, len(registers), WindowsLength)
	}
	var windows []Window
	for at := range slices.Chunk(registers, windowLength) {
		windows = append(windows, Window{int64(getUint32(at)), int64(getUint32(at[2:])), getPower(at[4:])})
	}
	for len(windows) > 0 && windows[len(windows)-1] == (Window{}) {
		windows = windows[:len(windows)-1]
	}
	if err := checkWindows(windows); err != nil {
		return nil, err
	}
	return windows, nil
}

func checkWindows(windows []Window) error {
	if len(windows) > MaxWindows {
		return fmt.Errorf("%w: %d windows: at most %d", ErrRegisters, len(windows), MaxWindows)
	}
	before := int64(0)
	for i, window := range windows {
		for _, at := range []int64{window.Start, window.End} {
			if _, err := seconds(at); err != nil {
				return fmt.Errorf("window %d: %w", i, err)
			}
		}
		if window.Start < before || window.End <= window.Start || window.End-window.Start > maxWindow {
			return fmt.Errorf("%w: window %d from %d to %d: expected from %d or later, not empty, at most %d s",
				ErrRegisters, i, window.Start, window.End, before, maxWindow)
		}
		if window.Power > math.MaxInt32 || window.Power < -math.MaxInt32 {
			return fmt.Errorf("%w: window %d: power %d W does not fit 32 bits", ErrRegisters, i, window.Power)
		}
		before = window.End
	}
	return nil
}
