package battery

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/record"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
)

// dayPlan is a day that charges and discharges within the window, with odd watts.
func dayPlan() (charge, discharge, net []energy.Watt) {
	charge, discharge, net = make([]energy.Watt, hours), make([]energy.Watt, hours), make([]energy.Watt, hours)
	for hour := range hours {
		switch hour % 6 {
		case 0, 1:
			charge[hour] = 123_457 + energy.Watt(hour)
		case 3, 4:
			discharge[hour] = 98_765 - energy.Watt(hour)
		}
		net[hour] = charge[hour] - discharge[hour]
	}
	return charge, discharge, net
}

// A plan whose signals arrive late, and at other times in each period, is
// followed to the watt and the Wh all the same.
func TestPlanIsFollowedExactlyThoughSignalsComeLate(t *testing.T) {
	b := newBench(t)
	charge, discharge, net := dayPlan()
	b.chain.publish(monday, midnight)
	b.chain.plan(monday, 1, charge, discharge)
	b.now = midnight - 3600
	b.block(scheduling.InForceKey(monday))
	b.control()
	for hour := range hours {
		start := int64(midnight + hour*3600)
		b.now = start + 60 + int64(hour)*20
		b.chain.signal(monday, midnight, hour, net[hour])
		b.block(control.SignalKey(monday, hour))
		b.control()
		if power := b.power(); power != net[hour] {
			t.Fatalf("period %d: the battery runs at %d W: expected %d W", hour, power, net[hour])
		}
		b.now = start + 2400
		b.block()
		b.control()
		b.now = start + 3600
		b.block()
		b.report()
	}
	if len(b.chain.outcomes) != hours {
		t.Fatalf("%d outcomes: expected %d", len(b.chain.outcomes), hours)
	}
	for hour, outcome := range b.chain.outcomes {
		expected := control.Outcome{
			Day: monday, Period: hour, Charged: charge[hour], Discharged: discharge[hour],
			Energy: exactly(500_000, net[:hour+1]), Available: true,
		}
		if outcome != expected {
			t.Errorf("outcome %+v\nexpected %+v", outcome, expected)
		}
	}
}

func TestSignalTakesThePlaceOfThePlan(t *testing.T) {
	b := newBench(t)
	charge, discharge, _ := dayPlan()
	b.chain.publish(monday, midnight)
	b.chain.plan(monday, 1, charge, discharge)
	b.now = midnight + 10
	b.block()
	b.control()
	if power := b.power(); power != charge[0] {
		t.Fatalf("before the signal %d W: expected the plan's %d W", power, charge[0])
	}
	b.chain.signal(monday, midnight, 0, -5_000)
	b.block(control.SignalKey(monday, 0))
	b.control()
	if power := b.power(); power != -5_000 {
		t.Errorf("%d W: expected the signal's -5000 W", power)
	}
}

func TestNewPlanReplacesTheWindowsAhead(t *testing.T) {
	b := newBench(t)
	charge, discharge, _ := dayPlan()
	b.chain.publish(monday, midnight)
	b.chain.plan(monday, 1, charge, discharge)
	b.now = midnight + 10
	b.chain.signal(monday, midnight, 0, charge[0])
	b.block()
	b.control()
	other := make([]energy.Watt, hours)
	b.chain.plan(monday, 2, other, other)
	b.block(scheduling.InForceKey(monday))
	b.control()
	state, err := b.device.State()
	if err != nil {
		t.Fatal(err)
	}
	if state.Schedule[0].Power != charge[0] || state.Schedule[1].Power != 0 {
		t.Errorf("windows %+v: expected the signal's power now and rest afterwards", state.Schedule)
	}
}

func TestRecordFromBeforeTheChangeIsNotKept(t *testing.T) {
	b := newBench(t)
	charge, discharge, _ := dayPlan()
	b.chain.publish(monday, midnight)
	b.chain.plan(monday, 1, charge, discharge)
	b.now = midnight + 10
	b.block(scheduling.InForceKey(monday))
	b.chain.height-- // the newest block cannot be proven yet: reads give the state before it
	b.control()
	other := make([]energy.Watt, hours)
	b.chain.plan(monday, 2, other, other)
	b.chain.height++
	b.control()
	if power := b.power(); power != 0 {
		t.Errorf("%d W: expected the second plan's rest", power)
	}
}

func TestWindowWithoutSignalIsWithdrawn(t *testing.T) {
	b := newBench(t)
	charge, discharge, _ := dayPlan()
	b.chain.publish(monday, midnight)
	b.chain.plan(monday, 1, charge, discharge)
	b.now = midnight
	b.control()
	for range patience + 1 {
		if power := b.power(); power != charge[0] {
			t.Fatalf("%d W: expected %d W while the signal may still come", power, charge[0])
		}
		b.now += 30
		b.block()
		b.control()
	}
	if power := b.power(); power != 0 {
		t.Errorf("%d W after %d blocks without a signal: expected rest", power, patience+1)
	}
}

func TestPowerAboveALimitIsNeverWritten(t *testing.T) {
	for name, lower := range map[string]func(b *bench){
		"of the ledger": func(b *bench) {
			record.Save(b.chain.state, committee.StorageKey, committee.Storage{Power: 100_000})
		},
		"of the configuration": func(b *bench) { b.controller.limit = 100_000 },
		"of the battery":       func(b *bench) { b.chain.signal(monday, midnight, 0, 400_001) },
	} {
		b := newBench(t)
		b.chain.publish(monday, midnight)
		b.chain.signal(monday, midnight, 0, 100_001)
		lower(b)
		b.now = midnight + 10
		b.control()
		if power := b.power(); power != 0 {
			t.Errorf("limit %s: %d W: expected rest", name, power)
		}
	}
}

func TestHeartbeatEndsWithTheBlocks(t *testing.T) {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	b.chain.signal(monday, midnight, 0, 50_000)
	b.now = midnight + 10
	b.control()
	b.silent = errors.New("no block for 30s")
	b.now += 7200 // as long as the battery trusts a silent gateway
	if err := b.controller.step(t.Context()); !errors.Is(err, b.silent) {
		t.Fatalf("step: %v: expected %v", err, b.silent)
	}
	state, err := b.device.State()
	if err != nil {
		t.Fatal(err)
	}
	if state.Left != 0 || state.Power != 0 {
		t.Errorf("power %d W, %d s of heartbeat left: expected the safe state", state.Power, state.Left)
	}
}

func TestClockFarFromTheLedgersIsNotTrusted(t *testing.T) {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	b.now = midnight + 10
	b.controller.clock = func() (time.Time, bool) { return time.Unix(b.now-3600, 0), true }
	if err := b.controller.step(t.Context()); err == nil || !strings.Contains(err.Error(), "clock") {
		t.Errorf("step: %v: expected a complaint about the clock", err)
	}
}

func TestSignalOfAnotherPeriodIsRefused(t *testing.T) {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	record.Save(b.chain.state, control.SignalKey(monday, 0), control.Signal{
		Day: monday, Period: 0, Start: midnight, End: midnight + 7200, Power: 1,
	})
	b.now = midnight + 10
	if err := b.controller.step(t.Context()); err == nil {
		t.Error("a signal over two periods was taken")
	}
}

func TestGatewayThatStopsMakesTheBatteryRest(t *testing.T) {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	b.chain.signal(monday, midnight, 0, 50_000)
	b.now = midnight + 10
	b.control()
	if power := b.power(); power != 50_000 {
		t.Fatalf("%d W: expected 50000 W", power)
	}
	if err := b.controller.rest(); err != nil {
		t.Fatal(err)
	}
	if power := b.power(); power != 0 {
		t.Errorf("%d W after the end: expected rest", power)
	}
}

func TestControlGoesOnAfterTheBatteryWasOffline(t *testing.T) {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	b.chain.signal(monday, midnight, 0, 50_000)
	b.now = midnight + 10
	b.control()
	fault := simulated.Fault{Kind: simulated.FaultOffline, From: time.Unix(b.now, 0)}
	if err := b.battery.Inject(fault); err != nil {
		t.Fatal(err)
	}
	if err := b.controller.step(t.Context()); err == nil {
		t.Fatal("no error from a battery that does not answer")
	}
	if err := b.controller.step(t.Context()); !errors.Is(err, errWaiting) {
		t.Errorf("%v: expected a pause before the next attempt", err)
	}
	b.battery.Repair()
	b.device.after = time.Time{} // the pause is over
	b.now += 7200 - 20
	b.chain.signal(monday, midnight, 1, -70_000)
	b.control()
	if power := b.power(); power != -70_000 {
		t.Errorf("%d W after the reconnect: expected the present signal's -70000 W", power)
	}
}

// Where the ledger's clock is already in the next period and the battery's is
// not, a new schedule leaves the period that is ending alone.
func TestPeriodThatIsEndingKeepsItsPower(t *testing.T) {
	b := newBench(t)
	charge, discharge, _ := dayPlan()
	b.chain.publish(monday, midnight)
	b.chain.plan(monday, 1, charge, discharge)
	b.now = midnight + 10
	b.control()
	b.now = midnight + 3595
	b.controller.clock = func() (time.Time, bool) { return time.Unix(b.now+10, 0), true }
	b.chain.signal(monday, midnight, 1, charge[1])
	b.block(control.SignalKey(monday, 1))
	b.control()
	if power := b.power(); power != charge[0] {
		t.Errorf("%d W in the last seconds of the period: expected %d W", power, charge[0])
	}
	b.now = midnight + 3600
	if power := b.power(); power != charge[1] {
		t.Errorf("%d W in the next period: expected %d W", power, charge[1])
	}
}
