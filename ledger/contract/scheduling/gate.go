package scheduling

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

const raisedBy = "contract/scheduling"

// Gate is the daily gate: forecasts close and the round that opens their sums
// begins, or the fallback plan is made where there can be none.
func Gate(ctx contract.Context, day uint32) {
	t, found := tariff.Load(ctx.State, day)
	if !found {
		return
	}
	for _, park := range committee.Parks(ctx.State) {
		if _, sealed := ctx.State.Get(vault.SealedKey(vault.Forecast, day, park.Name)); !sealed {
			alerts.Post(ctx, raisedBy, alerts.ParkMissedGate, park.Name, "no sealed forecast of "+t.Date+": no storage is planned for it")
		}
	}
	if _, err := vault.StartRound(ctx, vault.Forecast, day, purposes(len(t.Starts))); err != nil {
		planWithoutRound(ctx, t, err.Error())
	}
}

// purposes are the community sums of all periods.
func purposes(periods int) []vault.Purpose {
	list := make([]vault.Purpose, 0, 2*periods)
	for period := range periods {
		list = append(list, vault.SurplusOf(period), vault.DeficitOf(period))
	}
	return list
}

// RoundClosed plans the day on the sums that a forecast round has opened, or
// on older ones where it failed and the day has no plan yet.
func RoundClosed(ctx contract.Context, round vault.Round) {
	t, found := tariff.Load(ctx.State, round.Day)
	if !found {
		return
	}
	if round.Phase == vault.PhaseOpened {
		planOnRound(ctx, t, round)
		return
	}
	if _, planned := InForcePlan(ctx.State, round.Day); !planned {
		planWithoutRound(ctx, t, round.Reason)
	}
}

// planOnRound plans what is ahead of the day on opened sums. Where a later
// round has opened the rest of a day only, what it has not opened stands.
func planOnRound(ctx contract.Context, t tariff.Tariff, round vault.Round) {
	periods := len(t.Starts)
	basis := basis{source: SourceRound, round: round.ID, surplus: make([]energy.Watt, periods), deficit: make([]energy.Watt, periods)}
	if before, planned := InForcePlan(ctx.State, t.Day); planned {
		copy(basis.surplus, before.Surplus)
		copy(basis.deficit, before.Deficit)
	}
	opened, _ := vault.OpenedOf(ctx.State, round.ID)
	for k, sum := range opened.Purposes {
		value, err := vault.DecodeValue(sum.Value)
		purpose := round.Purposes[k]
		if err != nil || purpose.Period >= periods {
			continue // the vault's contract writes neither
		}
		if purpose.Kind == vault.PurposeSurplus {
			basis.surplus[purpose.Period] = energy.Watt(value.Int64())
		} else {
			basis.deficit[purpose.Period] = energy.Watt(value.Int64())
		}
	}
	for _, park := range round.Parks {
		basis.parks = append(basis.parks, park.Park)
	}
	planAhead(ctx, t, basis, "gate")
}

// planWithoutRound plans on the last opened sums of the same kind of day;
// without any the storage rests.
func planWithoutRound(ctx contract.Context, t tariff.Tariff, why string) {
	basis, from := lastSums(ctx.State, t)
	detail := fmt.Sprintf("no sums for %s (%s): ", t.Date, why)
	if basis.source == SourceIdle {
		detail += "none of an earlier " + t.Kind + " either, the storage rests"
	} else {
		detail += "planned on those of " + from
	}
	alerts.Post(ctx, raisedBy, alerts.FallbackPlan, t.Date, detail)
	planAhead(ctx, t, basis, "no round: "+why)
}

// planAhead plans the periods of a day that have not begun.
func planAhead(ctx contract.Context, t tariff.Tariff, basis basis, reason string) {
	if from := FirstAhead(t, ctx.Now); from < len(t.Starts) {
		install(ctx, t, from, energyAt(ctx.State, t.Day, from), basis, reason)
	}
}

// FirstAhead is the first period of a day that has not begun at a ledger time;
// the number of periods where all have.
func FirstAhead(t tariff.Tariff, now int64) int {
	from := 0
	for from < len(t.Starts) && t.Starts[from] <= now {
		from++
	}
	return from
}

// energyAt is the stored energy at the start of a period as planned: by the
// day's own plan, else by that of the day before, else what the ledger began
// with. It is made anew on the measured energy when the day begins.
func energyAt(state record.State, day uint32, from int) energy.WattHour {
	if plan, found := InForcePlan(state, day); found {
		if from > 0 {
			return plan.Energy[from-1]
		}
		return plan.Start
	}
	if plan, found := InForcePlan(state, day-1); found {
		return plan.Energy[len(plan.Energy)-1]
	}
	return committee.LoadStorage(state).Start
}
