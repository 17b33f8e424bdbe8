package scheduling

import (
	"errors"
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
)

// solve solves the problem. Where its end energy is out of reach from where
// the battery really is, the nearest that can be reached takes its place; end
// is the one that was planned for.
func solve(problem schedule.Problem) (plan *schedule.Plan, end energy.WattHour, err error) {
	plan, err = schedule.Solve(problem)
	var infeasible *schedule.Infeasible
	if errors.As(err, &infeasible) {
		problem.Storage.End = nearestEnd(problem)
		plan, err = schedule.Solve(problem)
	}
	return plan, problem.Storage.End, err
}

// nearestEnd is the end energy nearest to the one asked for that the battery
// can reach, whole Wh: the asked for, inside the window, lowered to what full
// charging gives and raised to what full discharging leaves.
func nearestEnd(problem schedule.Problem) energy.WattHour {
	s := problem.Storage
	full := new(big.Int).Mul(big.NewInt(int64(s.Power)), big.NewInt(int64(problem.Minutes)*int64(problem.Periods())))
	gain := new(big.Int).Mul(full, big.NewInt(int64(s.ChargeEfficiency)))
	gain.Quo(gain, big.NewInt(60*int64(energy.EfficiencyOne)))
	loss := new(big.Int).Mul(full, big.NewInt(int64(energy.EfficiencyOne)))
	loss.Quo(loss, big.NewInt(60*int64(s.DischargeEfficiency)))

	highest, lowest := s.Maximum, s.Minimum
	if room := int64(s.Maximum - s.Start); gain.Cmp(big.NewInt(room)) < 0 {
		highest = s.Start + energy.WattHour(gain.Int64())
	}
	if room := int64(s.Start - s.Minimum); loss.Cmp(big.NewInt(room)) < 0 {
		lowest = s.Start - energy.WattHour(loss.Int64())
	}
	return max(min(s.End, highest), lowest)
}
