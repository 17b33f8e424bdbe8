package scheduling

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// basis is what a plan is made on: community sums and where they come from.
type basis struct {
	source, round    string
	parks            []string
	surplus, deficit []energy.Watt
}

// lastSums are the last opened sums of an earlier day of the same kind, and
// that day's date; idle where there are none. A plan that was made on opened
// sums holds them.
func lastSums(state record.State, t tariff.Tariff) (basis, string) {
	for _, day := range tariff.EarlierOfKind(state, t.Kind, t.Day) {
		plan, found := InForcePlan(state, day)
		source, _ := tariff.Load(state, day)
		if !found || plan.Source != SourceRound {
			continue
		}
		return basis{
			source: SourceFallback, round: plan.Round, parks: plan.Parks,
			surplus: mapDay(plan.Surplus, source, t), deficit: mapDay(plan.Deficit, source, t),
		}, source.Date
	}
	periods := len(t.Starts)
	return basis{source: SourceIdle, surplus: make([]energy.Watt, periods), deficit: make([]energy.Watt, periods)}, ""
}

// beforeChange is how long after midnight no clock is changed yet, seconds.
const beforeChange = 2 * 3600

// mapDay carries a series over from one day to another by local time. The
// ledger knows no time zone, but both days begin and end at midnight, and
// clocks are changed between two and three: the first two hours are counted
// from the day's beginning, all others back from its end. An hour that the
// clocks repeat takes the sums of its neighbour in some zones.
func mapDay(series []energy.Watt, from, to tariff.Tariff) []energy.Watt {
	first := int(beforeChange / (to.End - to.Starts[len(to.Starts)-1]))
	shift := len(from.Starts) - len(to.Starts)
	mapped := make([]energy.Watt, len(to.Starts))
	for t := range mapped {
		source := t
		if t >= first {
			source = max(t+shift, first)
		}
		mapped[t] = series[min(max(source, 0), len(series)-1)]
	}
	return mapped
}
