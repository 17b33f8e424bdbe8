package battery

import (
	"errors"
	"fmt"

	"github.com/simonvetter/modbus"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/sunspec"
)

// UnitID is the Modbus unit under which the battery answers.
const UnitID = 1

// HandleHoldingRegisters implements modbus.RequestHandler: all of the map is
// holding registers.
func (b *Battery) HandleHoldingRegisters(request *modbus.HoldingRegistersRequest) ([]uint16, error) {
	if request.UnitId != UnitID {
		return nil, modbus.ErrGWTargetFailedToRespond
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if !b.catchUp() {
		return nil, modbus.ErrServerDeviceBusy
	}
	if b.offline() {
		return nil, modbus.ErrGWTargetFailedToRespond
	}
	if request.IsWrite {
		if err := b.take(request.Addr, request.Args); err != nil {
			return nil, err
		}
	}
	if (request.IsWrite || b.open.Start != b.keptTo) && !b.keep() {
		return nil, modbus.ErrServerDeviceFailure
	}
	if request.IsWrite {
		return nil, nil
	}
	return b.read(int(request.Addr), int(request.Quantity))
}

// HandleInputRegisters implements modbus.RequestHandler: there are none.
func (b *Battery) HandleInputRegisters(*modbus.InputRegistersRequest) ([]uint16, error) {
	return nil, modbus.ErrIllegalFunction
}

// HandleCoils implements modbus.RequestHandler: there are none.
func (b *Battery) HandleCoils(*modbus.CoilsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

// HandleDiscreteInputs implements modbus.RequestHandler: there are none.
func (b *Battery) HandleDiscreteInputs(*modbus.DiscreteInputsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

func (b *Battery) read(address, quantity int) ([]uint16, error) {
	if address < sunspec.Base || address+quantity > sunspec.End {
		return nil, modbus.ErrIllegalDataAddress
	}
	image := make([]uint16, 0, sunspec.End-sunspec.Base)
	image = append(image, sunspec.Mark[:]...)
	image = append(image, sunspec.Identity{
		Manufacturer: "Sesame", Model: "Simulated battery", Version: "1", Serial: b.serial,
	}.Registers()...)
	image = append(image, sunspec.ControlsRegisters(b.control, b.remaining())...)
	state := b.state()
	image = append(image, sunspec.CapacityRegisters(b.storage.Capacity, state.Stored, state.Alarms == 0)...)
	image = append(image, state.Registers()...)
	image = append(image, sunspec.LogHeader()...)
	for slot := range sunspec.LogSlots {
		image = append(image, b.log[slot].Registers()...)
	}
	image = append(image, 0xffff, 0) // end of the map
	from := address - sunspec.Base
	return image[from : from+quantity], nil
}

func (b *Battery) remaining() uint32 {
	return uint32(max(b.dropAt-b.at, 0))
}

func (b *Battery) state() sunspec.State {
	power, alarms := b.power()
	if next := energy.Watt(b.cell.clone().run(power, 1)); next != power {
		power, alarms = next, alarms|fullOrEmpty(power)
	}
	return sunspec.State{
		Time: b.at, Power: power, Alarms: alarms, Stored: b.cell.wattHours(),
		Minimum: b.storage.Minimum, Maximum: b.storage.Maximum, Rated: b.storage.Power,
		Beat: b.beat, Timeout: b.timeout, Left: uint32(max(b.deadline-b.at, 0)),
		Schedule: b.windows,
	}
}

// take takes one of the three blocks that a controller may write, whole.
func (b *Battery) take(address uint16, registers []uint16) error {
	var err error
	switch {
	case address == sunspec.BeatStart && len(registers) == sunspec.BeatLength:
		err = b.writeBeat(registers)
	case address == sunspec.WindowsStart && len(registers) == sunspec.WindowsLength:
		err = b.writeWindows(registers)
	case address == sunspec.ControlStart && len(registers) == sunspec.ControlLength:
		err = b.writeControl(registers)
	default:
		return modbus.ErrIllegalDataAddress
	}
	if err != nil {
		return modbus.ErrIllegalDataValue
	}
	return nil
}

func (b *Battery) writeBeat(registers []uint16) error {
	beat, timeout, err := sunspec.DecodeBeat(registers)
	if err != nil {
		return err
	}
	if timeout == 0 || timeout > sunspec.MaxTimeout {
		return fmt.Errorf("heartbeat timeout %d s: expected 1 to %d", timeout, sunspec.MaxTimeout)
	}
	b.beat, b.timeout, b.deadline = beat, timeout, b.at+int64(timeout)
	return nil
}

// writeWindows takes a whole schedule. A window that is over is a sign of a
// controller that lives in the past: the schedule is refused. So is one without
// a heartbeat before it.
func (b *Battery) writeWindows(registers []uint16) error {
	windows, err := sunspec.DecodeWindows(registers)
	if err != nil {
		return err
	}
	if len(windows) > 0 && b.at >= b.deadline {
		return errors.New("windows without a heartbeat: expected a heartbeat first")
	}
	for i, window := range windows {
		if window.End <= b.at {
			return fmt.Errorf("window %d ended at %d: it is %d", i, window.End, b.at)
		}
		if err := b.checkPower(window.Power); err != nil {
			return fmt.Errorf("window %d: %w", i, err)
		}
	}
	b.windows = windows
	return nil
}

func (b *Battery) writeControl(registers []uint16) error {
	control, err := sunspec.DecodeControl(registers)
	if err != nil {
		return err
	}
	if err := b.checkPower(control.Power); err != nil {
		return err
	}
	b.control, b.dropAt = control, 0
	if control.Reversion > 0 {
		b.dropAt = b.at + int64(control.Reversion)
	}
	return nil
}

func (b *Battery) checkPower(power energy.Watt) error {
	if power > b.storage.Power || power < -b.storage.Power {
		return fmt.Errorf("power %d W: expected at most %d W", power, b.storage.Power)
	}
	return nil
}
