package battery

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger/contract/control"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
	"github.com/sesame-energy/sesame/sunspec"
)

// running is a bench on which the battery charges at 36 kW from midnight on,
// with a heartbeat that lasts, until so many hours have passed.
func running(t *testing.T, passed int64) *bench {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	b.chain.publish(monday+1, midnight+hours*3600)
	b.controller.timeout = 24 * 3600
	b.now = midnight
	for hour := range int(passed) {
		b.chain.signal(monday, midnight, hour, 36_000)
		b.now = midnight + int64(hour)*3600
		b.control()
	}
	b.now = midnight + passed*3600
	b.block()
	return b
}

func TestPeriodsThatPassedWithoutGatewayAreReportedInOrder(t *testing.T) {
	b := running(t, 5)
	b.report()
	b.report()
	if len(b.chain.outcomes) != 5 {
		t.Fatalf("%d outcomes: expected 5", len(b.chain.outcomes))
	}
	for hour, outcome := range b.chain.outcomes {
		if outcome.Period != hour || outcome.Charged != 36_000 || !outcome.Available {
			t.Errorf("outcome %d: %+v", hour, outcome)
		}
	}
}

func TestOutcomeIsSentOnceThoughTheAnswerWasLost(t *testing.T) {
	b := running(t, 2)
	b.chain.deaf = true
	if err := b.reporter.step(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v: expected %v", err, context.DeadlineExceeded)
	}
	b.chain.deaf = false
	b.restart()
	b.block()
	b.report()
	if len(b.chain.outcomes) != 2 || b.chain.outcomes[0].Period != 0 || b.chain.outcomes[1].Period != 1 {
		t.Errorf("outcomes %+v: expected periods 0 and 1, once each", b.chain.outcomes)
	}
}

func TestLostHomeFolderGoesOnAfterWhatTheLedgerHas(t *testing.T) {
	b := running(t, 2)
	b.report()
	b.home = t.TempDir()
	b.restart()
	b.now += 1
	b.block()
	b.report()
	if len(b.chain.outcomes) != 2 {
		t.Errorf("%d outcomes: expected 2", len(b.chain.outcomes))
	}
}

func TestBatteryThatTellsNothingIsReportedUnavailableAfterAWhile(t *testing.T) {
	b := running(t, 2)
	b.report()
	fault := simulated.Fault{Kind: simulated.FaultOffline, From: time.Unix(b.now, 0)}
	if err := b.battery.Inject(fault); err != nil {
		t.Fatal(err)
	}
	b.now += 3600 + 899
	b.block()
	if err := b.reporter.step(t.Context()); err == nil || len(b.chain.outcomes) != 2 {
		t.Fatalf("error %v, %d outcomes: expected to wait for a quarter of the period", err, len(b.chain.outcomes))
	}
	b.now++
	b.block()
	if err := b.reporter.step(t.Context()); err != nil && !errors.Is(err, errWaiting) || len(b.chain.outcomes) != 2 {
		t.Fatalf("error %v, %d outcomes: expected to wait for %d blocks", err, len(b.chain.outcomes), waitBlocks)
	}
	for range waitBlocks - 1 {
		b.block()
	}
	b.report()
	if len(b.chain.outcomes) != 3 {
		t.Fatalf("%d outcomes: expected 3", len(b.chain.outcomes))
	}
	if last := b.chain.outcomes[2]; last.Available || last.Alarm == "" || last.Charged != 0 || last.Discharged != 0 || last.Energy != 500_000 {
		t.Errorf("outcome %+v: expected unavailable, with an alarm and the energy that the ledger knew last", last)
	}
	b.battery.Repair()
	b.device.after = time.Time{} // the pause is over
	b.now = midnight + 4*3600
	b.block()
	b.report()
	if last := b.chain.outcomes[len(b.chain.outcomes)-1]; last.Period != 3 || last.Energy <= 500_000 {
		t.Errorf("outcome %+v: expected period 3 as metered", last)
	}
}

func TestBatteryInItsSafeStateIsReportedWithItsAlarm(t *testing.T) {
	b := newBench(t)
	b.chain.publish(monday, midnight)
	b.chain.signal(monday, midnight, 0, 36_000)
	b.controller.timeout = 900
	b.now = midnight
	b.control()
	b.now = midnight + 3600
	b.block()
	b.report()
	outcome := b.chain.outcomes[0]
	if outcome.Available || outcome.Alarm != "no heartbeat" || outcome.Charged != 9_000 {
		t.Errorf("outcome %+v: expected a quarter of the power and the alarm", outcome)
	}
}

func TestNothingIsReportedBeforeABlockIsPastThePeriod(t *testing.T) {
	b := running(t, 1)
	b.now = midnight + 7200 // the clock has run on, no block has
	b.report()
	if len(b.chain.outcomes) != 1 {
		t.Errorf("%d outcomes: expected 1", len(b.chain.outcomes))
	}
}

// The mean of a period is its metered energy over its length, on one side
// only, rounded to the nearest watt.
func TestMeteredMeanIsNetEnergyOverTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := period{day: monday, start: midnight, end: midnight + 3600}
		var intervals []sunspec.Interval
		net := int64(0)
		for quarter := range int64(4) {
			charged := rapid.Int64Range(0, 400_000*900).Draw(t, "charged")
			discharged := rapid.Int64Range(0, 400_000*900).Draw(t, "discharged")
			net += charged - discharged
			intervals = append(intervals, sunspec.Interval{
				Start: midnight + quarter*900, Charged: uint64(charged), Discharged: uint64(discharged), Covered: 900, Stored: 7,
			})
		}
		outcome := metered(p, intervals)
		off := int64(outcome.Charged-outcome.Discharged)*3600 - net
		if off > 1800 || off < -1800 || outcome.Charged != 0 && outcome.Discharged != 0 || outcome.Charged < 0 || outcome.Discharged < 0 {
			t.Fatalf("%+v for %d Ws", outcome, net)
		}
		if expected := (control.Outcome{Day: monday, Charged: outcome.Charged, Discharged: outcome.Discharged, Energy: 7, Available: true}); outcome != expected {
			t.Fatalf("%+v: expected %+v", outcome, expected)
		}
	})
}

// A block that is longer than a period leaves no time to wait in; the battery's
// clock, a moment behind, is given the time of a few blocks all the same.
func TestBatteryAMomentBehindALongBlockIsWaitedFor(t *testing.T) {
	b := running(t, 1)
	b.report()
	b.chain.signal(monday, midnight, 1, 0)
	past := b.now
	b.now += 2 * 3600
	b.block()
	b.now = past // the battery has not heard of the block yet
	b.report()
	if len(b.chain.outcomes) != 1 {
		t.Fatalf("%d outcomes: expected to wait", len(b.chain.outcomes))
	}
	b.now += 2 * 3600
	b.report()
	if len(b.chain.outcomes) != 3 || b.chain.outcomes[1].Alarm == unreachable {
		t.Errorf("outcomes %+v: expected periods 1 and 2 as metered", b.chain.outcomes)
	}
}
