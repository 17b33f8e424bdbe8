// Package daily plans a long horizon day by day, as a ledger lives it: each day
// by itself to the case's end condition, the next from the energy that the one
// before left, exact to the lattice. Its plan is a plan for the whole horizon,
// but none of least cost: what it costs above the bound of the whole horizon is
// the price of not looking beyond midnight.
package daily

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Solve plans the problem in runs of periods of the given lengths, one run a
// day, which must add up to its periods. The error is a *schedule.Infeasible
// with the period of the whole horizon where a day has no plan.
func Solve(p schedule.Problem, lengths []int) (model.Dispatch, error) {
	m, err := model.New(p)
	if err != nil {
		return model.Dispatch{}, err
	}
	var d model.Dispatch
	stored, from := m.Start, 0
	for _, length := range lengths {
		if length < 1 || length > p.Periods()-from {
			return model.Dispatch{}, fmt.Errorf("days of %v periods, expected %d in all", lengths, p.Periods())
		}
		plan, err := schedule.Solve(cut(m, from, from+length, stored))
		if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
			infeasible.Period += from
			return model.Dispatch{}, infeasible
		}
		if err != nil {
			return model.Dispatch{}, err
		}
		d.Charge, d.Discharge = append(d.Charge, plan.Charge...), append(d.Discharge, plan.Discharge...)
		d.SurplusTaken, d.DeficitServed = append(d.SurplusTaken, plan.SurplusTaken...), append(d.DeficitServed, plan.DeficitServed...)
		// A day's lattice may be coarser than that of the whole, by a whole factor.
		stored = plan.Energy[length-1] * (m.Lattice.PerWattHour / plan.Lattice.PerWattHour)
		from += length
	}
	if from != p.Periods() {
		return model.Dispatch{}, fmt.Errorf("days of %d periods in all, expected %d", from, p.Periods())
	}
	return d, nil
}

// cut is the problem of the periods from..to-1 that begins with so much stored
// energy, lattice units.
func cut(m *model.Model, from, to int, stored int64) schedule.Problem {
	p := schedule.Cut(m.Problem, from, to)
	p.Storage.Fine = &energy.FineEnergy{
		Denominator: m.Lattice.PerWattHour, Minimum: m.Minimum, Maximum: m.Maximum, Start: stored, End: m.Target,
	}
	return p
}
