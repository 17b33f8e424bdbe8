package sunspec_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/sunspec"
)

func TestModelsFollowOneAnotherWithoutAHole(t *testing.T) {
	// Offsets of the standard's models were counted in its own model files.
	for _, model := range []struct {
		name     string
		address  int
		expected int
	}{
		{"common", sunspec.Common, 40002},
		{"704", sunspec.Controls, 40070},
		{"WSetEna", sunspec.ControlStart, 40092},
		{"713", sunspec.Capacity, 40137},
		{"64880", sunspec.Schedule, 40146},
		{"64881", sunspec.Log, 40240},
	} {
		if model.address != model.expected {
			t.Errorf("%s begins at %d: expected %d", model.name, model.address, model.expected)
		}
	}
	if got := len(sunspec.CapacityRegisters(1, 1, true)); got != sunspec.Schedule-sunspec.Capacity {
		t.Errorf("713 has %d registers", got)
	}
	if got := len(sunspec.ControlsRegisters(sunspec.Control{}, 0)); got != sunspec.Capacity-sunspec.Controls {
		t.Errorf("704 has %d registers", got)
	}
}

func TestChargingIsNegativeOnTheWire(t *testing.T) {
	registers := sunspec.Control{Enabled: true, Power: 400_000, Reversion: 60}.Registers()
	wire := int32(uint32(registers[2])<<16 | uint32(registers[3]))
	if wire != -400_000 {
		t.Errorf("WSet %d: expected -400000, SunSpec counts power into the grid as positive", wire)
	}
}

func TestCapacityShowsTheStandardsCoarseFigures(t *testing.T) {
	registers := sunspec.CapacityRegisters(1_000_000, 500_999, true)
	expected := []uint16{713, 7, 10_000, 5_009, 5_009, 10_000, 1, 2, 0xfffe}
	if diff := cmp.Diff(expected, registers); diff != "" {
		t.Error(diff)
	}
}

func drawWindows(t *rapid.T) []sunspec.Window {
	var windows []sunspec.Window
	at := rapid.Int64Range(0, 2_000_000_000).Draw(t, "first")
	for range rapid.IntRange(0, sunspec.MaxWindows).Draw(t, "windows") {
		start := at + rapid.Int64Range(0, 7200).Draw(t, "gap")
		at = start + rapid.Int64Range(1, 24*3600).Draw(t, "length")
		power := rapid.Int64Range(-2_000_000, 2_000_000).Draw(t, "power")
		windows = append(windows, sunspec.Window{Start: start, End: at, Power: energy.Watt(power)})
	}
	return windows
}

// What one side writes the other reads.
func TestRegistersCarryEverythingOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := sunspec.State{
			Time: rapid.Int64Range(0, 4_000_000_000).Draw(t, "time"), Power: energy.Watt(rapid.Int32().Draw(t, "power")),
			Alarms: sunspec.Alarms(rapid.Uint16().Draw(t, "alarms")), Stored: energy.WattHour(rapid.Uint32().Draw(t, "stored")),
			Minimum: 10, Maximum: energy.WattHour(rapid.Uint32Min(10).Draw(t, "maximum")),
			Rated: energy.Watt(rapid.Int32Range(1, 1<<31-1).Draw(t, "rated")), Beat: rapid.Uint16().Draw(t, "beat"),
			Timeout: rapid.Uint32().Draw(t, "timeout"), Left: rapid.Uint32().Draw(t, "left"), Schedule: drawWindows(t),
		}
		if state.Power == -1<<31 {
			state.Power++ // has no positive counterpart in 32 bits
		}
		read, err := sunspec.DecodeState(state.Registers())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(state, read, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		interval := sunspec.Interval{
			Start: rapid.Int64Range(0, 4_000_000).Draw(t, "interval") * sunspec.IntervalSeconds, Charged: rapid.Uint64Range(0, 1<<40).Draw(t, "charged"),
			Discharged: rapid.Uint64Range(0, 1<<40).Draw(t, "discharged"), Stored: state.Stored, Alarms: state.Alarms,
			Covered: rapid.Uint16Range(0, sunspec.IntervalSeconds).Draw(t, "covered"),
		}
		readInterval, err := sunspec.DecodeInterval(interval.Registers())
		if err != nil || readInterval != interval {
			t.Fatalf("interval %+v came back as %+v, %v", interval, readInterval, err)
		}
	})
}

func TestSchedulesThatMakeNoSenseAreRefused(t *testing.T) {
	for name, windows := range map[string][]sunspec.Window{
		"overlap":      {{Start: 0, End: 10}, {Start: 9, End: 20}},
		"backwards":    {{Start: 10, End: 5}},
		"too long":     {{Start: 0, End: 25 * 3600}},
		"too many":     tooMany(),
		"after 2106":   {{Start: 1 << 32, End: 1<<32 + 1}},
		"beyond power": {{Start: 0, End: 1, Power: 1 << 31}},
	} {
		if _, err := sunspec.WindowsRegisters(windows); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func tooMany() []sunspec.Window {
	var windows []sunspec.Window
	for i := range int64(sunspec.MaxWindows + 1) {
		windows = append(windows, sunspec.Window{Start: i, End: i + 1})
	}
	return windows
}

func FuzzDecodersRefuseOrUnderstand(f *testing.F) {
	f.Add(bytesOf(sunspec.State{Rated: 1}.Registers()))
	f.Add(bytesOf(sunspec.Interval{Start: 900}.Registers()))
	f.Add(bytesOf(sunspec.Control{}.Registers()))
	f.Add(bytesOf(append(sunspec.Mark[:], sunspec.Identity{Serial: "1"}.Registers()...)))
	f.Fuzz(func(t *testing.T, wire []byte) {
		var registers []uint16
		for pair := range slices.Chunk(wire[:len(wire)/2*2], 2) {
			registers = append(registers, binary.BigEndian.Uint16(pair))
		}
		if state, err := sunspec.DecodeState(registers); err == nil {
			again, err := sunspec.DecodeState(state.Registers())
			if diff := cmp.Diff(state, again, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("state changes on the way: %v %s", err, diff)
			}
		}
		if interval, err := sunspec.DecodeInterval(registers); err == nil && !slices.Equal(interval.Registers(), registers) {
			t.Errorf("interval %+v is not what was read", interval)
		}
		if control, err := sunspec.DecodeControl(registers); err == nil {
			if again, err := sunspec.DecodeControl(control.Registers()); err != nil || again != control {
				t.Errorf("control %+v comes back as %+v, %v", control, again, err)
			}
		}
		_, _ = sunspec.DecodeIdentity(registers)
		_, _ = sunspec.DecodeWindows(registers)
	})
}

func bytesOf(registers []uint16) []byte {
	var wire []byte
	for _, register := range registers {
		wire = binary.BigEndian.AppendUint16(wire, register)
	}
	return wire
}
