package scheduling

import (
	"errors"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Gate is the daily gate: forecasts close and the round that opens their sums
// begins, or the fallback plan is made where there can be none.
func Gate(ctx contract.Context, day uint32) {}

// RoundClosed plans the day on the sums that a forecast round has opened, or
// on older ones where it failed.
func RoundClosed(ctx contract.Context, round vault.Round) {}

// Midnight plans the day anew from the measured energy where that differs
// from what the plan in force starts from. Call it when the day's first
// period begins, before its signal is written.
func Midnight(ctx contract.Context, day uint32, measured energy.WattHour) {}

// ReplanRest plans periods from .. T-1 of the day anew on the sums of the plan
// in force, from the given energy at the start of period from. It reports
// whether a new plan is in force.
func ReplanRest(ctx contract.Context, day uint32, from int, energy energy.WattHour, reason string) bool {
	return false
}

// ReplanAhead is ReplanRest from the first period that has not begun, on the
// energy that the plan in force expects there: for a changed tariff or storage.
func ReplanAhead(ctx contract.Context, day uint32, reason string) bool { return false }

// HandleReplan is ReplanAhead by transaction ("scheduling/replan").
func HandleReplan(ctx contract.Context, body Replan) error { return errors.New("not built yet") }

// InForcePlan loads the plan in force of a day.
func InForcePlan(state record.State, day uint32) (Plan, bool) {
	inForce, found := record.Load[InForce](state, InForceKey(day))
	if !found {
		return Plan{}, false
	}
	return record.Load[Plan](state, Key(day, inForce.Version))
}
