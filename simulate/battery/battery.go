package battery

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/sunspec"
)

// Clock tells ledger time, and false while it is not known yet.
type Clock func() (time.Time, bool)

// Battery is a simulated battery. It is safe for concurrent use.
type Battery struct {
	storage Storage
	serial  string
	clock   Clock

	mutex    sync.Mutex
	cell     *cell
	started  bool
	at       int64 // all that is below holds at this Unix second of ledger time
	windows  []sunspec.Window
	control  sunspec.Control
	dropAt   int64 // when the control's setpoint is dropped, 0: never
	beat     uint16
	timeout  uint32
	deadline int64 // the safe state begins, unless a heartbeat comes
	faults   []fault
	open     sunspec.Interval // the quarter hour that is not over
	log      map[int]sunspec.Interval

	on     bool   // after Restore: it was not switched off
	keptIn string // state file, "" for none
	keptTo int64  // start of the quarter hour that was open when it was written
	logger *slog.Logger
}

// fault is a Fault in Unix seconds; until 0 means for good.
type fault struct {
	Fault
	from, until int64
}

// New makes a battery at rest in its safe state.
func New(config Config, clock Clock) (*Battery, error) {
	if err := config.Storage.Validate(); err != nil {
		return nil, fmt.Errorf("simulated battery: %w", err)
	}
	battery := &Battery{
		storage: config.Storage, serial: config.Serial, clock: clock,
		cell: newCell(config.Storage), log: map[int]sunspec.Interval{},
	}
	for _, fault := range config.Faults {
		if err := battery.Inject(fault); err != nil {
			return nil, err
		}
	}
	return battery, nil
}

// Inject adds a fault. What lies before now stays as it was.
func (b *Battery) Inject(injected Fault) error {
	if err := injected.Validate(); err != nil {
		return fmt.Errorf("simulated battery: fault: %w", err)
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.catchUp()
	added := fault{Fault: injected, from: injected.From.Unix()}
	if !injected.Until.IsZero() {
		added.until = injected.Until.Unix()
	}
	b.faults = append(b.faults, added)
	return nil
}

// Repair ends all faults.
func (b *Battery) Repair() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.catchUp()
	b.faults = nil
}

// catchUp works out what has happened since the last call, and reports whether
// the time is known. The mutex is held.
func (b *Battery) catchUp() bool {
	now, known := b.clock()
	if !known {
		return false
	}
	second := now.Unix()
	if !b.started {
		b.begin(second)
	}
	for b.at < second {
		next := b.nextChange(second)
		b.run(next - b.at)
		b.at = next
		b.turnInterval()
		if b.deadline <= b.at {
			b.windows, b.control = nil, sunspec.Control{} // a plan from before the silence is not taken up again
		}
	}
	return true
}

// begin starts the battery's time at a second; where it was switched off the
// time in between counts as off.
func (b *Battery) begin(second int64) {
	b.started = true
	if b.on && b.at <= second {
		return
	}
	if b.at == 0 || b.at > second {
		b.at = second
		b.openInterval()
		return
	}
	b.open.Alarms |= sunspec.AlarmRestarted
	for b.at < second {
		next := min(second, b.open.Start+sunspec.IntervalSeconds)
		b.at = next
		b.turnInterval()
		b.open.Alarms |= sunspec.AlarmRestarted
	}
}

// nextChange is the first second after at, until at the latest, at which the
// power may change or an interval ends.
func (b *Battery) nextChange(until int64) int64 {
	next := min(until, b.open.Start+sunspec.IntervalSeconds)
	consider := func(second int64) {
		if second > b.at {
			next = min(next, second)
		}
	}
	consider(b.deadline)
	consider(b.dropAt)
	for _, window := range b.windows {
		consider(window.Start)
		consider(window.End)
	}
	for _, fault := range b.faults {
		consider(fault.from)
		consider(fault.until)
	}
	return next
}

// run lets the present power flow for so many seconds.
func (b *Battery) run(seconds int64) {
	power, alarms := b.power()
	moved := b.cell.run(power, seconds)
	if moved > 0 {
		b.open.Charged += uint64(moved)
	} else {
		b.open.Discharged += uint64(-moved)
	}
	if moved != int64(power)*seconds {
		alarms |= fullOrEmpty(power)
	}
	b.open.Alarms |= alarms
	b.open.Covered += uint16(seconds)
}

func fullOrEmpty(power energy.Watt) sunspec.Alarms {
	if power > 0 {
		return sunspec.AlarmFull
	}
	return sunspec.AlarmEmpty
}

// power is what the battery wants to do at this second, positive to charge,
// with the alarms that stand. Full and empty are not looked at.
func (b *Battery) power() (energy.Watt, sunspec.Alarms) {
	var alarms sunspec.Alarms
	power := b.setpoint()
	if b.at >= b.deadline {
		alarms |= sunspec.AlarmNoHeartbeat
	}
	limit := b.storage.Power
	for _, fault := range b.faults {
		if b.at < fault.from || fault.until != 0 && b.at >= fault.until {
			continue
		}
		switch fault.Kind {
		case FaultDerated:
			limit = min(limit, fault.Power)
			alarms |= sunspec.AlarmDerated
		case FaultStuck:
			power = fault.Power // a stuck device does not know that it is
		}
	}
	return min(max(power, -limit), limit), alarms
}

// setpoint is what the controller wants at this second.
func (b *Battery) setpoint() energy.Watt {
	if b.at >= b.deadline {
		return 0
	}
	for _, window := range b.windows {
		if b.at >= window.Start && b.at < window.End {
			return window.Power
		}
	}
	if b.control.Enabled && (b.dropAt == 0 || b.at < b.dropAt) {
		return b.control.Power
	}
	return 0
}

func (b *Battery) offline() bool {
	for _, fault := range b.faults {
		if fault.Kind == FaultOffline && b.at >= fault.from && (fault.until == 0 || b.at < fault.until) {
			return true
		}
	}
	return false
}

// turnInterval closes the quarter hour that is over and opens the next.
func (b *Battery) turnInterval() {
	if b.at < b.open.Start+sunspec.IntervalSeconds {
		return
	}
	b.open.Stored = b.cell.wattHours()
	b.log[sunspec.Slot(b.open.Start)] = b.open
	b.openInterval()
}

func (b *Battery) openInterval() {
	b.open = sunspec.Interval{Start: b.at - b.at%sunspec.IntervalSeconds}
}
