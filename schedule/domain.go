package schedule

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// reach finds for each moment 0..T the interval of stored energies that can be
// reached from the start and from which the window at the end can be reached,
// if power could take any value. It sets the solver's curves and domains.
func (s *solver) reach(m *model.Model) error {
	periods := m.Periods()
	s.keeping = m.Keeping
	s.curves, s.domains = resize(s.curves, periods), resize(s.domains, periods+1)
	s.vertices.Reset()
	s.domains[0] = window{m.Start, m.Start}
	for t := range periods {
		s.curves[t] = m.Curve(t, &s.vertices)
		if s.curves[t].N == 0 {
			return m.Blocked(t)
		}
		least, most := extent(&s.curves[t])
		from := s.kept(t)
		to := window{max(m.Minimum, from.lo+least), min(m.Maximum, from.hi+most)}
		if to.lo > to.hi {
			return overrun(m, t, from, least, most)
		}
		s.domains[t+1] = to
	}
	last := s.domains[periods]
	end := window{max(last.lo, m.EndLow), min(last.hi, m.EndHigh)}
	if end.lo > end.hi {
		return endOutOfReach(m, last)
	}
	s.domains[periods] = end
	for t := periods - 1; t >= 0; t-- {
		least, most := extent(&s.curves[t])
		to := s.domains[t+1]
		s.domains[t].lo = max(s.domains[t].lo, m.Keeping.Least(to.lo-most))
		s.domains[t].hi = min(s.domains[t].hi, m.Keeping.Most(to.hi-least))
	}
	return nil
}

// extent is the least and the greatest change of stored energy that a curve
// allows.
func extent(c *model.Curve) (least, most int64) {
	last := &c.Side[c.N-1]
	return c.Side[0].X[0], last.X[last.N-1]
}

func overrun(m *model.Model, t int, from window, least, most int64) *Infeasible {
	if least > 0 {
		return &Infeasible{Period: t, Limit: "storage.soc_max", Reason: fmt.Sprintf(
			"the parks' export limits force energy into the storage, which would hold at least %.3f kWh, more than %.3f kWh",
			m.Lattice.KilowattHours(from.lo+least), m.Lattice.KilowattHours(m.Maximum))}
	}
	if most >= 0 {
		return &Infeasible{Period: t, Limit: "storage.self_discharge_per_hour", Reason: fmt.Sprintf(
			"self-discharge leaves at most %.3f kWh, and full charge makes less than %.3f kWh of it",
			m.Lattice.KilowattHours(from.hi), m.Lattice.KilowattHours(m.Minimum))}
	}
	forcing := "the parks' import limits force"
	switch {
	case m.Import != nil && m.LimitedParks():
		forcing = "the parks' import limits and the cap on the community's import force"
	case m.Import != nil:
		forcing = "the cap on the community's import forces"
	}
	return &Infeasible{Period: t, Limit: "storage.soc_min", Reason: fmt.Sprintf(
		"%s energy out of the storage, of which at most %.3f kWh would be there",
		forcing, m.Lattice.KilowattHours(from.hi-m.Minimum))}
}

func endOutOfReach(m *model.Model, last window) *Infeasible {
	relation, nearest := "at most", last.hi
	if last.lo > m.EndHigh {
		relation, nearest = "at least", last.lo
	}
	asked := fmt.Sprintf("%.3f kWh", m.Lattice.KilowattHours(m.EndLow))
	if m.Storage.EndRule == energy.EndAtLeast {
		asked += " or more"
	}
	return &Infeasible{Period: m.Periods() - 1, Limit: "storage.soc_end", Reason: fmt.Sprintf(
		"the storage ends with %s %.3f kWh, asked for %s", relation, m.Lattice.KilowattHours(nearest), asked)}
}

// resize gives a slice of n entries, reusing the memory where it is enough.
func resize[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}
