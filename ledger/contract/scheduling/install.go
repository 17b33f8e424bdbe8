package scheduling

import (
	"fmt"
	"strings"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/schedule"
)

// install makes a plan of a day's periods from .. T-1 and puts it in force.
// Nothing stops it: where no plan can be had or none is proven, the storage
// rests and an alert says why.
func install(ctx contract.Context, t tariff.Tariff, from int, start energy.WattHour, basis basis, reason string) {
	plan := carriedOver(ctx.State, t, from)
	plan.Day, plan.Version, plan.From, plan.Start = t.Day, plan.Version+1, from, start
	plan.Source, plan.Round, plan.Parks = basis.source, basis.round, basis.parks
	plan.Surplus, plan.Deficit = basis.surplus, basis.deficit
	plan.Height, plan.Time = ctx.Height, ctx.Now

	plan.Minutes, plan.Buy, plan.Sell = tariff.Horizon(t).Minutes, t.Buy, t.Sell
	plan.Storage = committee.LoadStorage(ctx.State)
	plan.Storage.Start = min(max(start, plan.Storage.Minimum), plan.Storage.Maximum)

	notes := []string{reason}
	if within := plan.Storage.Start; within != start {
		notes = append(notes, fmt.Sprintf("the energy of %d Wh lies outside the window, planned from %d Wh", start, within))
	}
	if basis.source == SourceIdle {
		fillIdle(&plan)
	} else {
		notes = append(notes, planChecked(ctx, &plan)...)
	}
	plan.Reason = strings.Join(notes, "; ")
	record.Save(ctx.State, Key(plan.Day, plan.Version), plan)
	record.Save(ctx.State, InForceKey(plan.Day), InForce{Version: plan.Version})
	record.Save(ctx.State, newKey(plan.Day), InForce{Version: plan.Version})
}

// carriedOver is a plan of zeros with the entries before from, and the
// version, of the plan in force.
func carriedOver(state record.State, t tariff.Tariff, from int) Plan {
	periods := len(t.Starts)
	plan := Plan{
		Charge: make([]energy.Watt, periods), Discharge: make([]energy.Watt, periods),
		SurplusTaken: make([]energy.Watt, periods), DeficitServed: make([]energy.Watt, periods),
		Energy: make([]energy.WattHour, periods), Certificate: []byte{},
	}
	before, found := InForcePlan(state, t.Day)
	if !found {
		return plan
	}
	plan.Version = before.Version
	copy(plan.Charge, before.Charge[:from])
	copy(plan.Discharge, before.Discharge[:from])
	copy(plan.SurplusTaken, before.SurplusTaken[:from])
	copy(plan.DeficitServed, before.DeficitServed[:from])
	copy(plan.Energy, before.Energy[:from])
	return plan
}

// planChecked solves the problem, has the answer checked by separate code and
// fills it in; the notes say what it had to give up.
func planChecked(ctx contract.Context, plan *Plan) (notes []string) {
	solved, end, err := schedule.SolveRest(plan.wholeDay(), plan.From, plan.Storage.Start)
	if end != plan.Storage.End {
		notes = append(notes, fmt.Sprintf("an end energy of %d Wh is out of reach, planned for %d Wh", plan.Storage.End, end))
		plan.Storage.End = end
	}
	if err == nil {
		fill(plan, solved)
		_, err = plan.Prove()
	}
	if err != nil {
		alerts.Post(ctx, raisedBy, alerts.PlanFailedCheck, tariff.Date(plan.Day), err.Error())
		fillIdle(plan)
		return append(notes, "the storage rests: "+err.Error())
	}
	if plan.Gap() > plan.Tolerance {
		alerts.Post(ctx, raisedBy, alerts.GapAboveTolerance, tariff.Date(plan.Day),
			fmt.Sprintf("the plan is proven within %d of the optimum, the tolerance is %d", plan.Gap(), plan.Tolerance))
	}
	return notes
}

// fill copies an answer of the solver into the plan's periods from From.
func fill(plan *Plan, solved *schedule.Plan) {
	copy(plan.Charge[plan.From:], solved.Charge)
	copy(plan.Discharge[plan.From:], solved.Discharge)
	copy(plan.SurplusTaken[plan.From:], solved.SurplusTaken)
	copy(plan.DeficitServed[plan.From:], solved.DeficitServed)
	for t := range solved.Energy {
		plan.Energy[plan.From+t] = solved.EnergyWh(t)
	}
	plan.Baseline, plan.Cost, plan.Bound, plan.Certificate = solved.Baseline, solved.Cost, solved.Bound, solved.Certificate
	plan.Tolerance = schedule.Tolerance(plan.Problem())
}

// fillIdle lets the storage rest from From on: nothing is proven of that.
func fillIdle(plan *Plan) {
	for t := plan.From; t < len(plan.Energy); t++ {
		plan.Charge[t], plan.Discharge[t], plan.SurplusTaken[t], plan.DeficitServed[t] = 0, 0, 0, 0
		plan.Energy[t] = plan.Storage.Start
	}
	plan.Baseline, plan.Cost, plan.Bound, plan.Tolerance, plan.Certificate = 0, 0, 0, 0, []byte{}
	if idle, err := schedule.Idle(plan.Problem()); err == nil {
		plan.Baseline, plan.Cost = idle.Baseline, idle.Cost
	}
}

// newKey marks a day whose plan came into force and has no contracts yet.
func newKey(day uint32) string { return fmt.Sprintf("%s%06d", newPrefix, day) }

const newPrefix = "plan-new/"

// TakeNew lists the plans that came into force since it was last called, by day.
func TakeNew(state record.State) []Plan {
	var plans []Plan
	record.Each(state, newPrefix, func(key string, inForce InForce) bool {
		var day uint32
		if _, err := fmt.Sscanf(key, newPrefix+"%d", &day); err == nil {
			if plan, found := record.Load[Plan](state, Key(day, inForce.Version)); found {
				plans = append(plans, plan)
			}
		}
		state.Delete(key)
		return true
	})
	return plans
}
