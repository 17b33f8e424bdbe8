package control

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Replan has the rest of a day planned anew, from the first period that has
// not begun and the energy to be expected there. It reports whether a new plan
// is in force.
func Replan(ctx contract.Context, day uint32, reason string) bool {
	from, stored, found := rest(ctx, day)
	return found && scheduling.ReplanRest(ctx, day, from, stored, reason)
}

// rest is the first period of a planned day that has not begun, and the stored
// energy to be expected at its start: the last measured, carried on by the
// signals given since.
func rest(ctx contract.Context, day uint32) (from int, stored energy.WattHour, found bool) {
	t, published := tariff.Load(ctx.State, day)
	plan, planned := scheduling.InForcePlan(ctx.State, day)
	if !published || !planned {
		return 0, 0, false
	}
	horizon := tariff.Horizon(t)
	for from < horizon.Periods && horizon.At(from) <= ctx.Now {
		from++
	}
	if from == horizon.Periods {
		return 0, 0, false
	}
	known, stored := 0, plan.Start
	if measured, reported := record.Load[Measured](ctx.State, MeasuredKey); reported && measured.Time >= horizon.Start {
		stored = measured.Energy
		known = min(int((measured.Time-horizon.Start)/(int64(horizon.Minutes)*60)), from)
	}
	battery := committee.LoadStorage(ctx.State)
	for period := known; period < from; period++ {
		signal, _ := record.Load[Signal](ctx.State, SignalKey(day, period))
		stored += stores(battery, signal.Power, horizon.Minutes)
		stored = min(max(stored, battery.Minimum), battery.Maximum)
	}
	return from, stored, true
}

// stores is how much power at the terminals over one period, positive to
// charge, changes the stored energy, rounded down.
func stores(battery committee.Storage, power energy.Watt, minutes int) energy.WattHour {
	if power >= 0 {
		return energy.WattHour(int64(power) * int64(minutes) * int64(battery.ChargeEfficiency) / (60 * int64(energy.EfficiencyOne)))
	}
	takes := int64(-power) * int64(minutes) * int64(energy.EfficiencyOne)
	per := 60 * int64(battery.DischargeEfficiency)
	return -energy.WattHour((takes + per - 1) / per)
}
