package certificate

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Proves checks a certificate and gives what it proves: no plan changes the
// cost against the baseline by less.
func Proves(m *model.Model, certificate []byte) (energy.Cost, *Failure) {
	if len(certificate) == 0 {
		return 0, &Failure{-1, "certificate", "there is none"}
	}
	if m.Charged() {
		return provesPeaks(m, certificate)
	}
	return proves(m, certificate)
}

// proves is Proves where no peak is charged.
func proves(m *model.Model, certificate []byte) (energy.Cost, *Failure) {
	periods := m.Periods()
	w, err := decode(certificate, periods)
	if err != nil {
		return 0, &Failure{-1, "certificate", err.Error()}
	}
	curves, failure := curvesOf(m)
	if failure != nil {
		return 0, failure
	}
	low, high := ways(m, curves)
	if failure := spans(m, w, low, high); failure != nil {
		return 0, failure
	}
	for _, p := range w.at(periods) {
		if p.v > 0 {
			return 0, &Failure{periods - 1, "certificate", fmt.Sprintf("claims a cost of %d after the end, expected 0 or less", p.v)}
		}
	}
	c, lossless := checker{}, m.Keeping.All()
	var later []point
	for t := range periods {
		if lossless || t+1 == periods {
			later = w.at(t + 1)
		} else {
			later = keptLess(later[:0], w.at(t+1), m.Keeping, low[t+1], high[t+1])
		}
		for i := range curves[t].N {
			if !c.side(&curves[t].Side[i], w.at(t), later) {
				return 0, &Failure{t, "certificate", "claims more than the cost of a way through this period"}
			}
		}
	}
	return energy.Cost(w.at(0)[0].v), nil
}

// curvesOf are the costs of all periods; a period in which nothing is allowed
// fails.
func curvesOf(m *model.Model) ([]model.Curve, *Failure) {
	curves, vertices := make([]model.Curve, m.Periods()), model.Arena{}
	for t := range curves {
		if curves[t] = m.Curve(t, &vertices); curves[t].N == 0 {
			blocked := m.Blocked(t)
			return nil, &Failure{t, blocked.Limit, blocked.Reason}
		}
	}
	return curves, nil
}

// Impossible says whether no way leads from the start to the end, even with
// powers of any fraction of a watt.
func Impossible(m *model.Model) bool {
	curves, failure := curvesOf(m)
	if failure != nil {
		return true
	}
	low, high := ways(m, curves)
	for t := range low {
		if low[t] > high[t] {
			return true
		}
	}
	return false
}

// ways gives for each moment 0..T the interval of energies that lie on some way
// from the start to the window at the end, or one of them to the first moment
// that none leads to.
func ways(m *model.Model, curves []model.Curve) (low, high []int64) {
	periods := m.Periods()
	low, high = make([]int64, periods+1), make([]int64, periods+1)
	low[periods], high[periods] = m.EndLow, m.EndHigh
	for t := periods; t > 0; t-- { // where the end can be reached from
		least, most := extremes(&curves[t-1])
		low[t-1], high[t-1] = max(m.Minimum, m.Keeping.Least(low[t]-most)), min(m.Maximum, m.Keeping.Most(high[t]-least))
	}
	from, to := m.Start, m.Start
	for t := range periods + 1 { // and what can be reached from the start
		low[t], high[t] = max(low[t], from), min(high[t], to)
		if low[t] > high[t] {
			break
		}
		if t < periods {
			least, most := extremes(&curves[t])
			from, to = max(m.Minimum, m.Keeping.Of(from)+least), min(m.Maximum, m.Keeping.Of(to)+most)
		}
	}
	return low, high
}

// spans demands that each W_t is given on just the energies that lie on some way
// from the start to the window at the end, or, before the end, what is kept of them.
func spans(m *model.Model, w functions, low, high []int64) *Failure {
	for t := range low {
		f := w.at(t)
		if low[t] > high[t] {
			return &Failure{max(0, t-1), "certificate", "no way leads from the start to the end"}
		}
		from, to := low[t], high[t]
		if t < m.Periods() {
			from, to = m.Keeping.Of(from), m.Keeping.Of(to)
		}
		if f[0].e != from || f[len(f)-1].e != to {
			return &Failure{max(0, t-1), "certificate", fmt.Sprintf("function %d is given from %d to %d, expected %d to %d", t, f[0].e, f[len(f)-1].e, from, to)}
		}
	}
	return nil
}

// extremes are the least and the greatest change of energy of a curve.
func extremes(c *model.Curve) (least, most int64) {
	least, most = c.Side[0].X[0], c.Side[0].X[c.Side[0].N-1]
	for i := 1; i < c.N; i++ {
		least, most = min(least, c.Side[i].X[0]), max(most, c.Side[i].X[c.Side[i].N-1])
	}
	return least, most
}
