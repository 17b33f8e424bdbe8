package battery

import (
	"errors"
	"fmt"
	"log"
	"log/slog"
	"sync"
	"time"

	"github.com/simonvetter/modbus"

	"github.com/sesame-energy/sesame/sunspec"
)

// device is the battery as the gateway sees it; *modbusDevice is one.
type device interface {
	// State reads what the battery shows.
	State() (sunspec.State, error)
	// Beat sends a heartbeat; the battery rests after timeout seconds of its
	// clock without the next.
	Beat(timeout uint32) error
	// Schedule replaces the battery's windows.
	Schedule(windows []sunspec.Window) error
	// Intervals reads count logged quarter hours from start on; one that the
	// battery does not have, or not yet, has another Start.
	Intervals(start int64, count int) ([]sunspec.Interval, error)
}

// errWaiting says that the battery has failed and is left alone for a while.
var errWaiting = errors.New("the battery has failed, waiting before the next attempt")

// Bounds of the pause after a failed connection.
const (
	firstPause = 250 * time.Millisecond
	longPause  = 10 * time.Second
)

// modbusDevice is a battery at a Modbus TCP address. A connection that fails
// is closed and opened again at the next request, after a pause that doubles.
type modbusDevice struct {
	url    string
	unit   uint8
	logger *slog.Logger

	mutex  sync.Mutex
	client *modbus.ModbusClient // nil while there is no connection
	pause  time.Duration
	after  time.Time // no attempt before
	beat   uint16
}

func newDevice(address string, unit uint8, logger *slog.Logger) *modbusDevice {
	return &modbusDevice{url: "tcp://" + address, unit: unit, logger: logger}
}

// with runs a request on an open connection.
func (d *modbusDevice) with(request func(*modbus.ModbusClient) error) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.client == nil {
		if time.Now().Before(d.after) {
			return fmt.Errorf("battery at %s: %w", d.url, errWaiting)
		}
		if err := d.connect(); err != nil {
			d.failed()
			return fmt.Errorf("battery at %s: %w", d.url, err)
		}
	}
	err := request(d.client)
	if err != nil && !errors.Is(err, modbus.ErrIllegalDataValue) && !errors.Is(err, sunspec.ErrRegisters) {
		_ = d.client.Close() // it has failed already
		d.client = nil
		d.failed()
	}
	if err != nil {
		return fmt.Errorf("battery at %s: %w", d.url, err)
	}
	d.pause = 0
	return nil
}

func (d *modbusDevice) failed() {
	d.pause = min(max(2*d.pause, firstPause), longPause)
	d.after = time.Now().Add(d.pause)
}

// connect opens a connection and makes sure that the other side is a battery
// with our map.
func (d *modbusDevice) connect() error {
	client, err := modbus.NewClient(&modbus.ClientConfiguration{
		URL: d.url, Timeout: time.Second, Logger: log.New(discard{}, "", 0),
	})
	if err != nil {
		return err
	}
	if err := client.Open(); err != nil {
		return err
	}
	if err := d.inspect(client); err != nil {
		return errors.Join(err, client.Close())
	}
	d.client = client
	return nil
}

func (d *modbusDevice) inspect(client *modbus.ModbusClient) error {
	if err := client.SetUnitId(d.unit); err != nil {
		return err
	}
	registers, err := client.ReadRegisters(sunspec.Base, sunspec.IdentityLength, modbus.HOLDING_REGISTER)
	if err != nil {
		return err
	}
	identity, err := sunspec.DecodeIdentity(registers)
	if err != nil {
		return err
	}
	expected := sunspec.LogHeader()
	registers, err = client.ReadRegisters(sunspec.Log, uint16(len(expected)), modbus.HOLDING_REGISTER)
	if err != nil {
		return err
	}
	if err := sunspec.CheckLogHeader(registers); err != nil {
		return err
	}
	d.logger.Info("connected to the battery", "modbus", d.url,
		"manufacturer", identity.Manufacturer, "model", identity.Model, "serial", identity.Serial)
	return nil
}

// discard swallows the Modbus library's own log; errors come back to us anyway.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// State implements device.
func (d *modbusDevice) State() (state sunspec.State, err error) {
	err = d.with(func(client *modbus.ModbusClient) error {
		registers, err := client.ReadRegisters(sunspec.Schedule, sunspec.StateLength, modbus.HOLDING_REGISTER)
		if err != nil {
			return err
		}
		state, err = sunspec.DecodeState(registers)
		return err
	})
	return state, err
}

// Beat implements device.
func (d *modbusDevice) Beat(timeout uint32) error {
	return d.with(func(client *modbus.ModbusClient) error {
		d.beat++
		return client.WriteRegisters(sunspec.BeatStart, sunspec.BeatRegisters(d.beat, timeout))
	})
}

// Schedule implements device. The setpoint that holds at once is switched off
// with the same visit: the battery does what the windows say and nothing else.
func (d *modbusDevice) Schedule(windows []sunspec.Window) error {
	registers, err := sunspec.WindowsRegisters(windows)
	if err != nil {
		return err
	}
	return d.with(func(client *modbus.ModbusClient) error {
		if err := client.WriteRegisters(sunspec.ControlStart, sunspec.Control{}.Registers()); err != nil {
			return err
		}
		return client.WriteRegisters(sunspec.WindowsStart, registers)
	})
}

// Intervals implements device.
func (d *modbusDevice) Intervals(start int64, count int) (intervals []sunspec.Interval, err error) {
	err = d.with(func(client *modbus.ModbusClient) error {
		intervals = intervals[:0]
		for i := range count {
			slot := sunspec.Slot(start + int64(i)*sunspec.IntervalSeconds)
			registers, err := client.ReadRegisters(uint16(sunspec.LogStart+slot*sunspec.IntervalLength),
				sunspec.IntervalLength, modbus.HOLDING_REGISTER)
			if err != nil {
				return err
			}
			interval, err := sunspec.DecodeInterval(registers)
			if err != nil {
				return err
			}
			intervals = append(intervals, interval)
		}
		return nil
	})
	return intervals, err
}

// Close ends the connection.
func (d *modbusDevice) Close() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.client == nil {
		return nil
	}
	err := d.client.Close()
	d.client = nil
	return err
}
