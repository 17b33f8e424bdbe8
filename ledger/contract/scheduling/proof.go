package scheduling

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Problem is the problem that the plan answers: its periods from From on.
func (p Plan) Problem() schedule.Problem { return schedule.Cut(p.wholeDay(), p.From, len(p.Buy)) }

// wholeDay is the problem of all periods of the day, with the storage that the
// rest begins with.
func (p Plan) wholeDay() schedule.Problem {
	s := p.Storage
	return schedule.Problem{
		Minutes: p.Minutes, Buy: p.Buy, Sell: p.Sell, Surplus: p.Surplus, Deficit: p.Deficit,
		Storage: energy.Storage{
			Power: s.Power, Capacity: s.Capacity, Minimum: s.Minimum, Maximum: s.Maximum,
			Start: s.Start, End: s.End, EndRule: s.EndRule,
			ChargeEfficiency: s.ChargeEfficiency, DischargeEfficiency: s.DischargeEfficiency,
			Fee: s.Fee, GridTrade: s.GridTrade,
		},
	}
}

// Dispatch is what the storage does in the plan's periods from From on.
func (p Plan) Dispatch() model.Dispatch {
	return model.Dispatch{
		Charge: p.Charge[p.From:], Discharge: p.Discharge[p.From:],
		SurplusTaken: p.SurplusTaken[p.From:], DeficitServed: p.DeficitServed[p.From:],
	}
}

// Prove checks a recorded plan from nothing but its record: that it keeps all
// limits, stores and costs what it says, and cannot be undercut by more than
// its gap. The contract runs it on its own plan before that is final. An idle
// plan has nothing to prove and fails.
func (p Plan) Prove() (certificate.Verdict, error) {
	if err := p.checkForm(); err != nil {
		return certificate.Verdict{}, fmt.Errorf("plan %d of day %d: %w", p.Version, p.Day, err)
	}
	verdict, err := certificate.Check(p.Problem(), p.Dispatch(), p.Certificate, max(p.Tolerance, p.Gap()))
	if err == nil {
		err = p.checkFigures(verdict)
	}
	if err != nil {
		return verdict, fmt.Errorf("plan %d of day %d: %w", p.Version, p.Day, err)
	}
	return verdict, nil
}

// checkForm checks that the plan is one of a whole day, so that its parts can
// be taken.
func (p Plan) checkForm() error {
	periods := len(p.Energy)
	for _, length := range []int{
		len(p.Buy), len(p.Sell), len(p.Surplus), len(p.Deficit),
		len(p.Charge), len(p.Discharge), len(p.SurplusTaken), len(p.DeficitServed),
	} {
		if length != periods {
			return fmt.Errorf("series of %d and of %d periods, expected as many of each", length, periods)
		}
	}
	if p.From < 0 || p.From >= periods {
		return fmt.Errorf("planned from period %d, the day has %d", p.From, periods)
	}
	if len(p.Certificate) == 0 {
		return fmt.Errorf("no certificate: %s", p.Reason)
	}
	return nil
}

// checkFigures holds the figures of the record against what the check found
// and what follows from the dispatch.
func (p Plan) checkFigures(verdict certificate.Verdict) error {
	if verdict.Baseline != p.Baseline || verdict.Cost != p.Cost || verdict.Bound != p.Bound {
		return fmt.Errorf("it says baseline %d, cost %d and bound %d, the check finds %d, %d and %d",
			p.Baseline, p.Cost, p.Bound, verdict.Baseline, verdict.Cost, verdict.Bound)
	}
	m, err := model.New(p.Problem())
	if err != nil {
		return err
	}
	stored := m.Start
	for t := p.From; t < len(p.Energy); t++ {
		stored += int64(p.Charge[t])*m.Lattice.Up - int64(p.Discharge[t])*m.Lattice.Down
		if wattHours := m.Lattice.WattHours(stored); p.Energy[t] != wattHours {
			return fmt.Errorf("it says that %d Wh are stored after period %d, the dispatch makes it %d Wh", p.Energy[t], t+1, wattHours)
		}
	}
	return nil
}
