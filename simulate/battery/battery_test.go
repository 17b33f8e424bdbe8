package battery_test

import (
	"log/slog"
	"math/big"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/simonvetter/modbus"
	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/simulate/battery"
	"github.com/sesame-energy/sesame/sunspec"
)

// morning is a full hour; ledger time of the tests begins there.
const morning = 1_721_005_200

var reference = battery.Storage{
	Power: 400_000, Capacity: 1_000_000, Minimum: 100_000, Maximum: 900_000, Start: 500_000,
	ChargeEfficiency: 9_474, DischargeEfficiency: 9_474,
}

// bench is a battery with its clock in the test's hand.
type bench struct {
	*battery.Battery
	t   rapid.TB
	now int64
}

func newBench(t rapid.TB, storage battery.Storage) *bench {
	t.Helper()
	b := &bench{t: t, now: morning}
	device, err := battery.New(battery.Config{Storage: storage}, func() (time.Time, bool) { return time.Unix(b.now, 0), true })
	if err != nil {
		t.Fatal(err)
	}
	b.Battery = device
	b.state() // the battery's time begins
	return b
}

func (b *bench) request(write bool, address, quantity int, args []uint16) ([]uint16, error) {
	return b.HandleHoldingRegisters(&modbus.HoldingRegistersRequest{
		UnitId: battery.UnitID, IsWrite: write, Addr: uint16(address), Quantity: uint16(quantity), Args: args,
	})
}

func (b *bench) read(address, quantity int) []uint16 {
	b.t.Helper()
	registers, err := b.request(false, address, quantity, nil)
	if err != nil {
		b.t.Fatalf("read %d: %v", address, err)
	}
	return registers
}

func (b *bench) write(address int, registers []uint16) {
	b.t.Helper()
	if _, err := b.request(true, address, len(registers), registers); err != nil {
		b.t.Fatalf("write %d: %v", address, err)
	}
}

func (b *bench) state() sunspec.State {
	b.t.Helper()
	state, err := sunspec.DecodeState(b.read(sunspec.Schedule, sunspec.StateLength))
	if err != nil {
		b.t.Fatal(err)
	}
	return state
}

func (b *bench) beat(timeout uint32) {
	b.t.Helper()
	b.write(sunspec.BeatStart, sunspec.BeatRegisters(1, timeout))
}

func (b *bench) schedule(windows ...sunspec.Window) {
	b.t.Helper()
	registers, err := sunspec.WindowsRegisters(windows)
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(sunspec.WindowsStart, registers)
}

func (b *bench) interval(start int64) sunspec.Interval {
	b.t.Helper()
	address := sunspec.LogStart + sunspec.Slot(start)*sunspec.IntervalLength
	interval, err := sunspec.DecodeInterval(b.read(address, sunspec.IntervalLength))
	if err != nil {
		b.t.Fatal(err)
	}
	return interval
}

func TestHourOfChargeStoresWhatTheEfficiencySays(t *testing.T) {
	b := newBench(t, reference)
	b.beat(7200)
	b.schedule(sunspec.Window{Start: morning, End: morning + 3600, Power: 100_000})
	b.now += 3600
	state := b.state()
	if state.Stored != 500_000+94_740 || state.Power != 0 {
		t.Errorf("stored %d Wh, power %d W: expected 594740 Wh and rest after the window", state.Stored, state.Power)
	}
	for quarter := range int64(4) {
		interval := b.interval(morning + quarter*900)
		if interval.Charged != 100_000*900 || interval.Discharged != 0 || interval.Covered != 900 || interval.Alarms != 0 {
			t.Errorf("quarter %d: %+v", quarter, interval)
		}
	}
}

// A plan that the battery follows gives, at the end of each period, the energy
// that the plan's own exact arithmetic gives, rounded down; however often and
// whenever somebody looks.
func TestPlanFollowedGivesThePlansEnergyAtEachPeriodsEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		storage := reference
		storage.ChargeEfficiency = energy.Efficiency(rapid.IntRange(8_000, 10_000).Draw(t, "charge"))
		storage.DischargeEfficiency = energy.Efficiency(rapid.IntRange(8_000, 10_000).Draw(t, "discharge"))
		minutes := rapid.SampledFrom([]int64{15, 30, 60}).Draw(t, "minutes")
		b := newBench(t, storage)
		stored := new(big.Rat).SetInt64(int64(storage.Start))
		for period := range rapid.IntRange(1, 24).Draw(t, "periods") {
			start := morning + int64(period)*minutes*60
			power, after := drawPower(t, storage, minutes, stored)
			stored = after
			b.now = max(b.now, start-rapid.Int64Range(0, 600).Draw(t, "ahead"))
			b.beat(24 * 3600)
			windows := []sunspec.Window{{Start: start, End: start + minutes*60, Power: power}}
			if current := b.state().Schedule; len(current) > 0 && current[len(current)-1].End > b.now {
				windows = append(current[len(current)-1:], windows...)
			}
			b.schedule(windows...)
			for range rapid.IntRange(0, 3).Draw(t, "looks") {
				b.now = max(b.now, rapid.Int64Range(start, start+minutes*60).Draw(t, "look"))
				b.state()
			}
			b.now = start + minutes*60
			floor := new(big.Int).Quo(stored.Num(), stored.Denom()).Int64()
			if got := b.state(); got.Stored != energy.WattHour(floor) || got.Alarms != 0 {
				t.Fatalf("period %d: stored %d Wh, alarms %q: the plan has %d", period, got.Stored, got.Alarms, floor)
			}
		}
	})
}

// drawPower draws a power that keeps the energy in the window, and gives the
// energy after it, in Wh, exactly.
func drawPower(t *rapid.T, storage battery.Storage, minutes int64, stored *big.Rat) (energy.Watt, *big.Rat) {
	power := rapid.Int64Range(-int64(storage.Power), int64(storage.Power)).Draw(t, "power")
	change := big.NewRat(power*minutes, 60)
	if power > 0 {
		change.Mul(change, big.NewRat(int64(storage.ChargeEfficiency), 10_000))
	} else {
		change.Mul(change, big.NewRat(10_000, int64(storage.DischargeEfficiency)))
	}
	after := change.Add(change, stored)
	if after.Cmp(big.NewRat(int64(storage.Minimum), 1)) < 0 || after.Cmp(big.NewRat(int64(storage.Maximum), 1)) > 0 {
		return 0, stored
	}
	return energy.Watt(power), after
}

func TestWithoutHeartbeatTheBatteryRests(t *testing.T) {
	b := newBench(t, reference)
	b.beat(600)
	b.schedule(sunspec.Window{Start: morning, End: morning + 3600, Power: 360_000})
	b.now += 600
	state := b.state()
	if state.Power != 0 || state.Alarms&sunspec.AlarmNoHeartbeat == 0 || state.Left != 0 {
		t.Fatalf("ten minutes after the last heartbeat: power %d W, alarms %q: expected the safe state", state.Power, state.Alarms)
	}
	b.now += 1200
	b.beat(600)
	if power := b.state().Power; power != 0 {
		t.Errorf("heartbeat after the silence: power %d W: an old schedule must not be taken up again", power)
	}
	b.now = morning + 3600
	if charged := b.interval(morning).Charged; charged != 360_000*600 {
		t.Errorf("charged %d Ws: expected ten minutes, exactly", charged)
	}
}

func TestScheduleIsRefusedWhereItMakesNoSense(t *testing.T) {
	b := newBench(t, reference)
	window := func(from, until int64, power energy.Watt) []uint16 {
		registers, err := sunspec.WindowsRegisters([]sunspec.Window{{Start: morning + from, End: morning + until, Power: power}})
		if err != nil {
			t.Fatal(err)
		}
		return registers
	}
	refuse := func(why string, address int, registers []uint16, expected error) {
		t.Helper()
		if _, err := b.request(true, address, len(registers), registers); err != expected {
			t.Errorf("%s: %v: expected %v", why, err, expected)
		}
	}
	refuse("no heartbeat before", sunspec.WindowsStart, window(0, 3600, 0), modbus.ErrIllegalDataValue)
	b.beat(7200)
	b.now += 3600
	refuse("window in the past", sunspec.WindowsStart, window(0, 3600, 0), modbus.ErrIllegalDataValue)
	refuse("above the rating", sunspec.WindowsStart, window(3600, 7200, 400_001), modbus.ErrIllegalDataValue)
	refuse("below the rating", sunspec.WindowsStart, window(3600, 7200, -400_001), modbus.ErrIllegalDataValue)
	refuse("half a schedule", sunspec.WindowsStart, window(3600, 7200, 0)[:6], modbus.ErrIllegalDataAddress)
	refuse("stored energy", sunspec.Schedule+7, []uint16{1, 1}, modbus.ErrIllegalDataAddress)
	refuse("heartbeat for ever", sunspec.BeatStart, sunspec.BeatRegisters(1, 1<<31), modbus.ErrIllegalDataValue)
	refuse("setpoint above the rating", sunspec.ControlStart, sunspec.Control{Enabled: true, Power: 500_000}.Registers(), modbus.ErrIllegalDataValue)
}

func TestFullBatteryStopsAndSaysSo(t *testing.T) {
	storage := reference
	storage.Start = 890_000
	b := newBench(t, storage)
	b.beat(7200)
	b.schedule(sunspec.Window{Start: morning, End: morning + 3600, Power: 400_000})
	b.now += 3600
	state := b.state()
	if state.Stored < 900_000 || state.Stored > 900_001 || state.Power != 0 {
		t.Errorf("stored %d Wh, power %d W: expected the maximum and rest", state.Stored, state.Power)
	}
	if alarms := b.interval(morning).Alarms; alarms != sunspec.AlarmFull {
		t.Errorf("alarms %q: expected full", alarms)
	}
}

func TestFaults(t *testing.T) {
	const hour = 3600
	for _, test := range []struct {
		fault   battery.Fault
		charged uint64
		alarms  sunspec.Alarms
	}{
		{battery.Fault{Kind: battery.FaultStuck, Power: 50_000}, 50_000 * 900, 0},
		{battery.Fault{Kind: battery.FaultDerated, Power: 30_000}, 30_000 * 900, sunspec.AlarmDerated},
	} {
		b := newBench(t, reference)
		b.beat(2 * hour)
		b.schedule(sunspec.Window{Start: morning, End: morning + hour, Power: 100_000})
		test.fault.From, test.fault.Until = time.Unix(morning+900, 0), time.Unix(morning+1800, 0)
		if err := b.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		b.now += hour
		if got := b.interval(morning + 900); got.Charged != test.charged || got.Alarms != test.alarms {
			t.Errorf("%s: charged %d Ws, alarms %q", test.fault.Kind, got.Charged, got.Alarms)
		}
		for _, start := range []int64{morning, morning + 1800} {
			if got := b.interval(start); got.Charged != 100_000*900 || got.Alarms != 0 {
				t.Errorf("%s: outside the fault, from %d: %+v", test.fault.Kind, start, got)
			}
		}
	}
}

func TestOfflineBatteryAnswersNothingAndRecovers(t *testing.T) {
	b := newBench(t, reference)
	if err := b.Inject(battery.Fault{Kind: battery.FaultOffline, From: time.Unix(morning, 0), Until: time.Unix(morning+60, 0)}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.request(false, sunspec.Base, 2, nil); err == nil {
		t.Error("an offline battery answered")
	}
	b.now += 60
	b.read(sunspec.Base, 2)
}

func TestSetpointAtOnceIsDroppedAfterItsTime(t *testing.T) {
	b := newBench(t, reference)
	b.beat(7200)
	b.write(sunspec.ControlStart, sunspec.Control{Enabled: true, Power: -36_000, Reversion: 300}.Registers())
	if power := b.state().Power; power != -36_000 {
		t.Errorf("power %d W: expected -36000", power)
	}
	b.now += 900
	if discharged := b.interval(morning).Discharged; discharged != 36_000*300 {
		t.Errorf("discharged %d Ws: expected five minutes", discharged)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	path := t.TempDir() + "/battery.json"
	b := newBench(t, reference)
	b.beat(7200)
	b.schedule(sunspec.Window{Start: morning, End: morning + 3600, Power: 123_457})
	b.now += 1000
	if err := b.Save(path); err != nil {
		t.Fatal(err)
	}
	before := b.state().Stored
	again := &bench{t: t, now: morning + 2800}
	device, err := battery.New(battery.Config{Storage: reference}, func() (time.Time, bool) { return time.Unix(again.now, 0), true })
	if err != nil {
		t.Fatal(err)
	}
	again.Battery = device
	if err := again.Restore(path); err != nil {
		t.Fatal(err)
	}
	if state := again.state(); state.Stored != before || state.Power != 0 {
		t.Errorf("after the restart %d Wh, %d W: expected %d Wh at rest", state.Stored, state.Power, before)
	}
	if first := again.interval(morning); first.Charged != 123_457*900 || first.Covered != 900 {
		t.Errorf("quarter before the restart: %+v", first)
	}
	if second := again.interval(morning + 900); second.Charged != 123_457*100 || second.Covered != 100 || second.Alarms&sunspec.AlarmRestarted == 0 {
		t.Errorf("quarter of the restart: %+v", second)
	}
	if third := again.interval(morning + 1800); third.Covered != 0 || third.Alarms&sunspec.AlarmRestarted == 0 {
		t.Errorf("quarter without power: %+v", third)
	}
}

// killed is the battery that a killed simulator leaves behind, at another time.
func (b *bench) killed(path string, now int64) *bench {
	b.t.Helper()
	again := &bench{t: b.t, now: now}
	device, err := battery.New(battery.Config{Storage: reference}, func() (time.Time, bool) { return time.Unix(again.now, 0), true })
	if err != nil {
		b.t.Fatal(err)
	}
	again.Battery = device
	if err := again.Restore(path); err != nil {
		b.t.Fatal(err)
	}
	return again
}

// A simulator that is killed at any moment and starts again while the heartbeat
// still lasts leaves no trace in what the battery has done.
func TestKilledSimulatorLeavesNoTraceInTheBattery(t *testing.T) {
	folder, runs := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		path := filepath.Join(folder, strconv.Itoa(runs))
		b := newBench(t, reference)
		undisturbed := newBench(t, reference)
		b.KeepIn(path, slog.New(slog.DiscardHandler))
		for _, one := range []*bench{b, undisturbed} {
			one.beat(24 * 3600)
			one.schedule(sunspec.Window{Start: morning, End: morning + 3600, Power: 123_457}, sunspec.Window{Start: morning + 3600, End: morning + 7200, Power: -98_765})
		}
		for now := int64(morning); now < morning+9000; now = b.now {
			next := now + rapid.Int64Range(1, 1500).Draw(t, "later")
			if b.now = next; rapid.Bool().Draw(t, "looked at") {
				b.state()
			}
			if rapid.Bool().Draw(t, "killed") {
				b = b.killed(path, next)
				b.KeepIn(path, slog.New(slog.DiscardHandler))
			}
		}
		undisturbed.now = b.now
		if got, want := b.state(), undisturbed.state(); got.Stored != want.Stored || got.Alarms != want.Alarms || got.Power != want.Power {
			t.Fatalf("%+v, undisturbed %+v", got, want)
		}
		for quarter := int64(morning); quarter+900 <= b.now; quarter += 900 {
			if got, want := b.interval(quarter), undisturbed.interval(quarter); got != want {
				t.Fatalf("quarter %d: %+v, undisturbed %+v", (quarter-morning)/900, got, want)
			}
		}
	})
}

func TestKilledSimulatorsBatteryRestsOnceTheHeartbeatIsMissed(t *testing.T) {
	path := t.TempDir() + "/battery.json"
	b := newBench(t, reference)
	b.KeepIn(path, slog.New(slog.DiscardHandler))
	b.beat(300)
	b.schedule(sunspec.Window{Start: morning, End: morning + 3600, Power: 90_000})
	b = b.killed(path, morning+1800)
	if state := b.state(); state.Power != 0 || state.Alarms&sunspec.AlarmNoHeartbeat == 0 {
		t.Errorf("%+v: expected the safe state", state)
	}
	if first := b.interval(morning); first.Charged != 90_000*300 || first.Alarms&sunspec.AlarmRestarted != 0 {
		t.Errorf("%+v: expected five minutes of charge", first)
	}
}

func TestBatteryThatCannotKeepItsStateFails(t *testing.T) {
	b := newBench(t, reference)
	b.KeepIn(filepath.Join(t.TempDir(), "no such folder", "battery.json"), slog.New(slog.DiscardHandler))
	if _, err := b.request(true, sunspec.BeatStart, sunspec.BeatLength, sunspec.BeatRegisters(1, 60)); err != modbus.ErrServerDeviceFailure {
		t.Errorf("%v: expected a device failure", err)
	}
}

func TestBatteryWaitsForTheLedgersTime(t *testing.T) {
	device, err := battery.New(battery.Config{Storage: reference}, func() (time.Time, bool) { return time.Time{}, false })
	if err != nil {
		t.Fatal(err)
	}
	_, err = device.HandleHoldingRegisters(&modbus.HoldingRegistersRequest{UnitId: battery.UnitID, Addr: sunspec.Base, Quantity: 2})
	if err != modbus.ErrServerDeviceBusy {
		t.Errorf("%v: expected busy", err)
	}
}
