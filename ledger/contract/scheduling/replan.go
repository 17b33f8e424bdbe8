package scheduling

import (
	"fmt"
	"unicode/utf8"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

const (
	maxReason   = 200 // bytes
	maxVersions = 50  // of a day's plan, before requests are refused
)

// InForcePlan loads the plan in force of a day.
func InForcePlan(state record.State, day uint32) (Plan, bool) {
	inForce, found := record.Load[InForce](state, InForceKey(day))
	if !found {
		return Plan{}, false
	}
	return record.Load[Plan](state, Key(day, inForce.Version))
}

// Midnight plans the day anew from the measured energy where that differs
// from what the plan in force starts from. Call it when the day's first
// period begins, before its signal is written.
func Midnight(ctx contract.Context, day uint32, measured energy.WattHour) {
	plan, found := InForcePlan(ctx.State, day)
	if found && plan.From == 0 && !plan.StartsFrom(measured) {
		ReplanRest(ctx, day, 0, measured, "measured energy")
	}
}

// ReplanRest plans periods from .. T-1 of the day anew on the sums of the plan
// in force, from the given energy at the start of period from: nothing is
// opened for it. It reports whether a new plan is in force.
func ReplanRest(ctx contract.Context, day uint32, from int, stored energy.WattHour, reason string) bool {
	t, found := tariff.Load(ctx.State, day)
	plan, planned := InForcePlan(ctx.State, day)
	if !found || !planned || from < 0 || from >= len(t.Starts) {
		return false
	}
	install(ctx, t, from, stored, basis{
		source: plan.Source, round: plan.Round, parks: plan.Parks, surplus: plan.Surplus, deficit: plan.Deficit,
	}, reason)
	return true
}

// HandleReplan plans what is ahead of a day anew, on the energy that the plan
// in force expects there ("scheduling/replan").
func HandleReplan(ctx contract.Context, body Replan) error {
	if len(body.Reason) > maxReason || !utf8.ValidString(body.Reason) {
		return fmt.Errorf("reason of %d bytes: expected UTF-8 of at most %d", len(body.Reason), maxReason)
	}
	plan, found := InForcePlan(ctx.State, body.Day)
	if !found {
		return fmt.Errorf("day %d has no plan", body.Day)
	}
	if plan.Version >= maxVersions {
		return fmt.Errorf("day %d has had %d plans: no more on request", body.Day, plan.Version)
	}
	t, _ := tariff.Load(ctx.State, body.Day)
	from := FirstAhead(t, ctx.Now)
	if !ReplanRest(ctx, body.Day, from, energyAt(ctx.State, body.Day, from), body.Reason) {
		return fmt.Errorf("nothing of day %d is still ahead", body.Day)
	}
	return nil
}
