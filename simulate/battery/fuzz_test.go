package battery_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/sunspec"
)

// Whatever a controller writes, and whenever, the battery stays within its limits.
func FuzzNoControllerCanHurtTheBattery(f *testing.F) {
	windows, err := sunspec.WindowsRegisters([]sunspec.Window{{Start: morning, End: morning + 7200, Power: -400_000}})
	if err != nil {
		f.Fatal(err)
	}
	var script []byte
	for _, write := range []struct {
		address   int
		registers []uint16
	}{
		{sunspec.BeatStart, sunspec.BeatRegisters(1, 7200)},
		{sunspec.WindowsStart, windows},
		{sunspec.ControlStart, sunspec.Control{Enabled: true, Power: 400_000}.Registers()},
	} {
		script = binary.BigEndian.AppendUint16(script, uint16(write.address))
		script = binary.BigEndian.AppendUint16(script, 3600)
		for _, register := range write.registers {
			script = binary.BigEndian.AppendUint16(script, register)
		}
		f.Add(slices.Clone(script))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		b := newBench(t, reference)
		for len(script) >= 4 {
			address, pause := int(binary.BigEndian.Uint16(script)), int64(binary.BigEndian.Uint16(script[2:]))
			script = script[4:]
			var registers []uint16
			for size := blockAt(address); len(script) >= 2 && len(registers) < size; script = script[2:] {
				registers = append(registers, binary.BigEndian.Uint16(script))
			}
			_, _ = b.request(true, address, len(registers), registers) // refused or taken
			b.now += pause
			state := b.state()
			if state.Stored < reference.Minimum-1 || state.Stored > reference.Maximum+1 {
				t.Fatalf("stored %d Wh: expected %d to %d", state.Stored, reference.Minimum, reference.Maximum)
			}
			if state.Power > reference.Power || state.Power < -reference.Power {
				t.Fatalf("power %d W: expected at most %d", state.Power, reference.Power)
			}
		}
	})
}

// blockAt is how many registers a controller writes at an address.
func blockAt(address int) int {
	switch address {
	case sunspec.BeatStart:
		return sunspec.BeatLength
	case sunspec.WindowsStart:
		return sunspec.WindowsLength
	case sunspec.ControlStart:
		return sunspec.ControlLength
	default:
		return 1
	}
}
