package control

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// StartPeriod writes the control signal of a period that begins: what the plan
// in force says, rest without a plan. Before a day's first signal the plan is
// made anew where the measured energy is not what it starts from. A period
// that is over already, because a block came late, gets a signal to rest: the
// battery has had none.
func StartPeriod(ctx contract.Context, day uint32, period int) {
	t, found := tariff.Load(ctx.State, day)
	if !found {
		return
	}
	horizon := tariff.Horizon(t)
	if period == 0 {
		if measured, known := record.Load[Measured](ctx.State, MeasuredKey); known && measured.Time == horizon.Start {
			scheduling.Midnight(ctx, day, measured.Energy)
		}
	}
	signal := Signal{
		Day: day, Period: period, Start: horizon.At(period), End: horizon.At(period + 1),
		Height: ctx.Height, Expects: lastEnergy(ctx.State, horizon.Start),
	}
	if plan, found := scheduling.InForcePlan(ctx.State, day); found {
		signal.Plan = plan.Version
		signal.Power = plan.Charge[period] - plan.Discharge[period]
		signal.Expects = plan.Energy[period]
	}
	if signal.End <= ctx.Now {
		signal.Power = 0
	}
	record.Save(ctx.State, SignalKey(day, period), signal)
	record.Save(ctx.State, CurrentKey, signal)
}

// DayEnd lets the battery rest after a day that no other follows: the signal
// of the day's last period must not stand for ever.
func DayEnd(ctx contract.Context, day uint32) {
	t, found := tariff.Load(ctx.State, day)
	if !found {
		return
	}
	if next, found := tariff.Load(ctx.State, day+1); found && next.Starts[0] == t.End {
		return
	}
	horizon := tariff.Horizon(t)
	record.Save(ctx.State, CurrentKey, Signal{
		Day: day, Period: horizon.Periods, Start: t.End, End: t.End, Height: ctx.Height,
		Expects: lastEnergy(ctx.State, t.End),
	})
}

// lastEnergy is the stored energy that was last reported before at, or what
// the ledger began with.
func lastEnergy(state record.State, at int64) energy.WattHour {
	if measured, found := record.Load[Measured](state, MeasuredKey); found && measured.Time <= at {
		return measured.Energy
	}
	return committee.LoadStorage(state).Start
}
