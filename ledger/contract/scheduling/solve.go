package scheduling

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// answer is a plan with the problem that it solves.
type answer struct {
	problem schedule.Problem
	plan    *schedule.Plan
}

// solve solves the problem. Where its end energy is out of reach from where
// the battery really is, the nearest that can be reached takes its place;
// relaxed then says so in words.
func solve(problem schedule.Problem) (solved answer, relaxed string, err error) {
	plan, err := schedule.Solve(problem)
	var infeasible *schedule.Infeasible
	if !errors.As(err, &infeasible) {
		return answer{problem, plan}, "", err
	}
	wanted := problem.Storage.End
	problem.Storage.End = nearestEnd(problem)
	relaxed = fmt.Sprintf("an end energy of %d Wh is out of reach, planned for %d Wh", wanted, problem.Storage.End)
	plan, err = schedule.Solve(problem)
	return answer{problem, plan}, relaxed, err
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

// check judges an answer by separate code. A gap above the tolerance is no
// failure: the plan stands with its true gap.
func check(problem schedule.Problem, plan *schedule.Plan) error {
	tolerance := max(schedule.Tolerance(problem), plan.Gap())
	verdict, err := certificate.Check(problem, plan.Dispatch, plan.Certificate, tolerance)
	if err != nil {
		return fmt.Errorf("the plan failed its check: %w", err)
	}
	if verdict.Baseline != plan.Baseline || verdict.Cost != plan.Cost || verdict.Bound != plan.Bound {
		return fmt.Errorf("the plan failed its check: it says baseline %d, cost %d and bound %d, the check finds %d, %d and %d",
			plan.Baseline, plan.Cost, plan.Bound, verdict.Baseline, verdict.Cost, verdict.Bound)
	}
	return nil
}
