package sunspec

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// Mark is what the first two registers hold: "SunS".
var Mark = [2]uint16{0x5375, 0x6e53}

// Identity is what model 1 tells of a device.
type Identity struct {
	Manufacturer string // at most 32 bytes
	Model        string // at most 32 bytes
	Version      string // at most 16 bytes
	Serial       string // at most 32 bytes
}

// Registers gives model 1.
func (i Identity) Registers() []uint16 {
	registers := make([]uint16, 2+commonLength)
	registers[0], registers[1] = ModelCommon, commonLength
	putText(registers[2:18], i.Manufacturer)
	putText(registers[18:34], i.Model)
	putText(registers[42:50], i.Version)
	putText(registers[50:66], i.Serial)
	registers[66] = 1 // device address
	registers[67] = 0x8000
	return registers
}

// DecodeIdentity reads the mark and model 1, from Base on.
func DecodeIdentity(registers []uint16) (Identity, error) {
	if len(registers) < 2 || registers[0] != Mark[0] || registers[1] != Mark[1] {
		return Identity{}, fmt.Errorf("%w: no SunSpec mark at register %d", ErrRegisters, Base)
	}
	registers = registers[2:]
	if err := header(registers, ModelCommon, commonLength); err != nil {
		return Identity{}, err
	}
	return Identity{
		Manufacturer: getText(registers[2:18]),
		Model:        getText(registers[18:34]),
		Version:      getText(registers[42:50]),
		Serial:       getText(registers[50:66]),
	}, nil
}

// IdentityLength is how many registers DecodeIdentity takes.
const IdentityLength = 2 + 2 + commonLength

// CapacityRegisters gives model 713 for a battery of nominal energy rated that
// holds stored, in the coarse figures of the standard.
func CapacityRegisters(rated, stored energy.WattHour, healthy bool) []uint16 {
	registers := make([]uint16, 2+capacityLength)
	registers[0], registers[1] = ModelCapacity, capacityLength
	scale, unit := uint16(0), energy.WattHour(1)
	for rated/unit > 0xfffe {
		scale, unit = scale+1, unit*10
	}
	registers[2], registers[3] = uint16(rated/unit), uint16(stored/unit)
	if rated > 0 {
		registers[4] = uint16(stored * 10_000 / rated) // 1e-2 percent
	}
	registers[5] = 10_000
	registers[6] = 1 // OK
	if !healthy {
		registers[6] = 2 // warning
	}
	registers[7] = scale
	registers[8] = 0xfffe // percentages in 10^-2
	return registers
}

// Offsets within model 704 of the points that a device of ours has; all other
// points say that they are not there.
const (
	setEnable    = 22
	setMode      = 23
	setPower     = 24
	setReversion = 31
	setRemaining = 33
	setScale     = 55

	modeWatts = 1
)

// ControlStart and ControlLength are the registers of model 704 that set the
// power at once: WSetEna to WSetRvrtTms, written together.
const (
	ControlStart  = Controls + setEnable
	ControlLength = setRemaining - setEnable
)

// Control is a setpoint that holds at once, model 704's WSet. It gives way to
// the windows of model 64880.
type Control struct {
	Enabled   bool
	Power     energy.Watt
	Reversion uint32 // seconds until the device drops it by itself, 0: never
}

// Registers gives the registers from ControlStart on.
func (c Control) Registers() []uint16 {
	registers := make([]uint16, ControlLength)
	if c.Enabled {
		registers[0] = 1
	}
	registers[setMode-setEnable] = modeWatts
	putPower(registers[setPower-setEnable:], c.Power)
	putUint32(registers[setReversion-setEnable:], c.Reversion)
	return registers
}

// DecodeControl reads what Registers gives.
func DecodeControl(registers []uint16) (Control, error) {
	if len(registers) != ControlLength {
		return Control{}, fmt.Errorf("%w: %d registers of a setpoint: expected %d", ErrRegisters, len(registers), ControlLength)
	}
	if registers[0] > 1 || registers[setMode-setEnable] != modeWatts {
		return Control{}, fmt.Errorf("%w: WSetEna %d, WSetMod %d: expected 0 or 1, and %d (watts)",
			ErrRegisters, registers[0], registers[setMode-setEnable], modeWatts)
	}
	return Control{
		Enabled:   registers[0] == 1,
		Power:     getPower(registers[setPower-setEnable:]),
		Reversion: getUint32(registers[setReversion-setEnable:]),
	}, nil
}

// ControlsRegisters gives the whole of model 704 with a setpoint that the
// device drops in remaining seconds.
func ControlsRegisters(control Control, remaining uint32) []uint16 {
	registers := make([]uint16, 2+controlsLength)
	for i := range registers {
		registers[i] = 0xffff // not there: enum16, uint16, uint32
	}
	for _, scale := range []int{53, 54, 56, 57, 58} {
		registers[scale] = 0x8000 // not there: scale factor
	}
	registers[0], registers[1] = ModelControls, controlsLength
	copy(registers[setEnable:], control.Registers())
	putUint32(registers[setRemaining:], remaining)
	registers[setScale] = 0
	return registers
}
