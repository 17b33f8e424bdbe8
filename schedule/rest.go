package schedule

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Cut is the problem of the periods from .. to-1 of p, 0 <= from < to <= T,
// with the storage of the whole. It shares p's series.
func Cut(p Problem, from, to int) Problem {
	p.Buy, p.Sell, p.Surplus, p.Deficit = p.Buy[from:to], p.Sell[from:to], p.Surplus[from:to], p.Deficit[from:to]
	p.Limits = cutLimits(p.Limits, from, to)
	classes := p.Classes
	p.Classes = nil
	for _, class := range classes {
		class.Tariff.Buy, class.Tariff.Sell = class.Tariff.Buy[from:to], class.Tariff.Sell[from:to]
		class.Surplus, class.Deficit = class.Surplus[from:to], class.Deficit[from:to]
		class.Limits = cutLimits(class.Limits, from, to)
		p.Classes = append(p.Classes, class)
	}
	return p
}

func cutLimits(l *Limits, from, to int) *Limits {
	if l == nil {
		return nil
	}
	return &Limits{
		ForcedCharge: l.ForcedCharge[from:to], ForcedDischarge: l.ForcedDischarge[from:to],
		ChargeRoom: l.ChargeRoom[from:to], DischargeRoom: l.DischargeRoom[from:to],
	}
}

// SolveRest plans the periods of p from period from (0-based) on, from the
// energy that is stored at its start: what came before is done, whatever it
// was. The plan has the rest's periods only. Energies are whole Wh, as a meter
// shows them.
//
// A demand charge counts the highest import of the rest alone.
//
// Where the end energy asked for is out of reach from there, the nearest that
// can be reached takes its place; end is the one that was planned for. Errors
// are those of Solve.
func SolveRest(p Problem, from int, stored energy.WattHour) (plan *Plan, end energy.WattHour, err error) {
	if from < 0 || from >= p.Periods() {
		return nil, 0, &FieldError{Field: "periods", Reason: fmt.Sprintf("the rest from period %d on, expected 1 to %d", from+1, p.Periods())}
	}
	if p.Charged() {
		return nil, 0, &FieldError{Field: "demand_charge_per_kw", Reason: "what is left of a horizon cannot be planned without the highest import that it has had"}
	}
	rest := Cut(p, from, p.Periods())
	rest.Storage.Start, rest.Storage.Fine = stored, nil
	plan, err = Solve(rest)
	if infeasible := new(Infeasible); errors.As(err, &infeasible) {
		rest.Storage.End = nearestEnd(rest)
		plan, err = Solve(rest)
	}
	return plan, rest.Storage.End, err
}

// nearestEnd is the end energy nearest to the one asked for that the storage
// can reach, whole Wh: the asked for, inside the window, lowered to what full
// charging gives and raised to what full discharging leaves.
func nearestEnd(p Problem) energy.WattHour {
	m, err := model.NewWithoutEnd(p)
	if err != nil {
		return p.Storage.End
	}
	highest, lowest, power := m.Start, m.Start, int64(p.Storage.Power)
	for range p.Periods() {
		highest = min(m.Maximum, m.Keeping.Of(highest)+power*m.Lattice.Up)
		lowest = max(m.Minimum, m.Keeping.Of(lowest)-power*m.Lattice.Down)
	}
	return max(min(p.Storage.End, m.Lattice.WattHours(highest)), -m.Lattice.WattHours(-lowest))
}
