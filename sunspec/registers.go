package sunspec

import (
	"errors"
	"fmt"
	"math"

	"github.com/sesame-energy/sesame/energy"
)

// ErrRegisters says that registers do not hold what they should.
var ErrRegisters = errors.New("registers do not make sense")

// Base is the holding register at which the map begins with the mark "SunS".
const Base = 40000

// Models in the order of the map, and their lengths without the two registers
// of the header.
const (
	ModelCommon   = 1
	ModelControls = 704
	ModelCapacity = 713
	ModelSchedule = 64880
	ModelLog      = 64881

	commonLength   = 66
	controlsLength = 65
	capacityLength = 7
	scheduleLength = 20 + MaxWindows*windowLength
	logLength      = 2 + LogSlots*IntervalLength
)

// Addresses of the models' first registers, and of the end of the map.
const (
	Common   = Base + 2
	Controls = Common + 2 + commonLength
	Capacity = Controls + 2 + controlsLength
	Schedule = Capacity + 2 + capacityLength
	Log      = Schedule + 2 + scheduleLength
	End      = Log + 2 + logLength + 2
)

// MaxRead is the most registers that one Modbus read may ask for.
const MaxRead = 125

func putUint32(registers []uint16, value uint32) {
	registers[0], registers[1] = uint16(value>>16), uint16(value)
}

func getUint32(registers []uint16) uint32 {
	return uint32(registers[0])<<16 | uint32(registers[1])
}

func putUint64(registers []uint16, value uint64) {
	putUint32(registers, uint32(value>>32))
	putUint32(registers[2:], uint32(value))
}

func getUint64(registers []uint16) uint64 {
	return uint64(getUint32(registers))<<32 | uint64(getUint32(registers[2:]))
}

// putPower writes a power of ours (positive to charge) in SunSpec's sign.
func putPower(registers []uint16, power energy.Watt) {
	putUint32(registers, uint32(int32(-power)))
}

func getPower(registers []uint16) energy.Watt {
	return -energy.Watt(int32(getUint32(registers)))
}

// putText writes at most 2 bytes a register, padded with zeros.
func putText(registers []uint16, text string) {
	for i := range registers {
		var high, low byte
		if 2*i < len(text) {
			high = text[2*i]
		}
		if 2*i+1 < len(text) {
			low = text[2*i+1]
		}
		registers[i] = uint16(high)<<8 | uint16(low)
	}
}

func getText(registers []uint16) string {
	var text []byte
	for _, register := range registers {
		for _, letter := range [2]byte{byte(register >> 8), byte(register)} {
			if letter == 0 {
				return string(text)
			}
			text = append(text, letter)
		}
	}
	return string(text)
}

// header checks the two registers that begin a model.
func header(registers []uint16, model, length int) error {
	if len(registers) != length+2 {
		return fmt.Errorf("%w: model %d in %d registers: expected %d", ErrRegisters, model, len(registers), length+2)
	}
	if int(registers[0]) != model || int(registers[1]) != length {
		return fmt.Errorf("%w: model %d of length %d: expected model %d of length %d",
			ErrRegisters, registers[0], registers[1], model, length)
	}
	return nil
}

// seconds checks that a Unix time fits the map's 32 bits, which last to 2106.
func seconds(at int64) (uint32, error) {
	if at < 0 || at > math.MaxUint32 {
		return 0, fmt.Errorf("%w: Unix time %d: expected 0 to %d", ErrRegisters, at, uint32(math.MaxUint32))
	}
	return uint32(at), nil
}
