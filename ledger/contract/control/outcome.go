package control

import (
	"fmt"
	"unicode/utf8"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Bounds of what the operator may report.
const (
	overshoot   = 10 // percent of its power that the battery may exceed it by
	energySlack = 2  // percent of its capacity that measured energy may lie above it
	early       = 10 // an outcome may come that part of a period before its end: clocks run ahead of blocks
	maxAlarm    = 200
)

// offPlan is what part of its power the battery may be off its signal over a
// whole period: 1/20, 5%.
const offPlan = 20

const (
	raisedBy = "contract/control"
	storage  = "storage" // subject of alerts
)

// HandleOutcome records what the battery did in a period, once
// ("control/outcome"), and has the rest of the day planned anew where it was
// off its signal.
func HandleOutcome(ctx contract.Context, body Outcome) error {
	t, found := tariff.Load(ctx.State, body.Day)
	if !found {
		return fmt.Errorf("outcome of day %d: the day has no tariff", body.Day)
	}
	horizon := tariff.Horizon(t)
	if err := validate(ctx, horizon, body); err != nil {
		return fmt.Errorf("outcome of %s, period %d: %w", t.Date, body.Period, err)
	}
	record.Save(ctx.State, OutcomeKey(body.Day, body.Period), body)
	newest := advance(ctx.State, horizon.At(body.Period+1), body.Energy)
	if body.Alarm != "" || !body.Available {
		alerts.Post(ctx, raisedBy, alerts.BatteryAlarm, storage, fmt.Sprintf(
			"%s, period %d: follows signals: %t, alarm: %q", t.Date, body.Period, body.Available, body.Alarm))
	}
	if offSignal(ctx, body) && newest {
		replanRest(ctx, body.Day)
	}
	if newest && body.Period == horizon.Periods-1 {
		carryOver(ctx, body.Day+1)
	}
	return nil
}

func validate(ctx contract.Context, horizon energy.Horizon, o Outcome) error {
	battery := committee.LoadStorage(ctx.State)
	most := battery.Power + battery.Power*overshoot/100
	full := battery.Capacity + battery.Capacity*energySlack/100
	switch {
	case o.Period < 0 || o.Period >= horizon.Periods:
		return fmt.Errorf("expected period 0 to %d", horizon.Periods-1)
	case ctx.Now < horizon.At(o.Period+1)-int64(horizon.Minutes)*60/early:
		return fmt.Errorf("it is %d and the period ends at %d", ctx.Now, horizon.At(o.Period+1))
	case ctx.Now >= horizon.End()+committee.LoadParameters(ctx.State).ReadingLag:
		return fmt.Errorf("the readings of the day are closed")
	case o.Charged < 0 || o.Charged > most || o.Discharged < 0 || o.Discharged > most:
		return fmt.Errorf("charged %d W, discharged %d W: expected 0 to %d", o.Charged, o.Discharged, most)
	case o.Charged > 0 && o.Discharged > 0:
		return fmt.Errorf("charged %d W and discharged %d W: expected one of them 0", o.Charged, o.Discharged)
	case o.Energy < 0 || o.Energy > full:
		return fmt.Errorf("stored energy %d Wh: expected 0 to %d", o.Energy, full)
	case len(o.Alarm) > maxAlarm || !utf8.ValidString(o.Alarm):
		return fmt.Errorf("alarm of %d bytes: expected UTF-8 of at most %d", len(o.Alarm), maxAlarm)
	}
	if _, reported := record.Load[Outcome](ctx.State, OutcomeKey(o.Day, o.Period)); reported {
		return fmt.Errorf("is reported already")
	}
	return nil
}

// advance keeps the newest measured energy, and reports whether this one is.
func advance(state record.State, at int64, measured energy.WattHour) bool {
	if before, found := record.Load[Measured](state, MeasuredKey); found && before.Time >= at {
		return false
	}
	record.Save(state, MeasuredKey, Measured{Time: at, Energy: measured})
	return true
}

// offSignal raises an alert where the battery was off its signal by 5% of its
// power or more over the whole period.
func offSignal(ctx contract.Context, o Outcome) bool {
	signal, found := record.Load[Signal](ctx.State, SignalKey(o.Day, o.Period))
	if !found {
		return false
	}
	did := o.Charged - o.Discharged
	off := max(did-signal.Power, signal.Power-did)
	if off == 0 || off*offPlan < committee.LoadStorage(ctx.State).Power {
		return false
	}
	alerts.Post(ctx, raisedBy, alerts.BatteryOffPlan, storage, fmt.Sprintf(
		"%s, period %d: told %d W, did %d W", tariff.Date(o.Day), o.Period, signal.Power, did))
	return true
}

// replanRest asks for a new plan of the rest of the day, a few times a day.
func replanRest(ctx contract.Context, day uint32) {
	replans, _ := record.Load[int](ctx.State, ReplansKey(day))
	if replans >= MaxReplans {
		return
	}
	if Replan(ctx, day, "battery off plan") {
		record.Save(ctx.State, ReplansKey(day), replans+1)
	}
}

// carryOver has a day that has begun planned anew on the energy with which the
// day before really ended, which is reported only after midnight.
func carryOver(ctx contract.Context, day uint32) {
	plan, found := scheduling.InForcePlan(ctx.State, day)
	if !found {
		return
	}
	_, begun := record.Load[Signal](ctx.State, SignalKey(day, 0))
	measured, _ := record.Load[Measured](ctx.State, MeasuredKey)
	if begun && plan.From == 0 && !plan.StartsFrom(measured.Energy) {
		Replan(ctx, day, "measured energy")
	}
}
