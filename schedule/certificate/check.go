package certificate

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Verdict is what the checker found by its own computing.
type Verdict struct {
	Baseline energy.Cost // cost without storage
	Cost     energy.Cost // cost of the plan
	Bound    energy.Cost // no feasible plan costs less, by the certificate
}

// Gap is how much dearer than the optimum the plan can be at most.
func (v Verdict) Gap() energy.Cost { return v.Cost - v.Bound }

// Failure names the first thing that is wrong with a plan or certificate.
type Failure struct {
	Period int    // 0-based period, -1 where it concerns none
	Limit  string // the limit or inequality that fails
	Detail string // the figures
}

func (f *Failure) Error() string {
	if f.Period < 0 {
		return f.Limit + ": " + f.Detail
	}
	return fmt.Sprintf("period %d: %s: %s", f.Period+1, f.Limit, f.Detail)
}

// Check recomputes whether the dispatch keeps every limit of the problem, what
// it costs, and whether the certificate proves that no plan costs less than
// that by more than the tolerance. The error is a *Failure where something is
// wrong with dispatch or certificate (the verdict then holds what was found so
// far), another error where the problem itself cannot be computed with.
func Check(p model.Problem, d model.Dispatch, certificate []byte, tolerance energy.Cost) (Verdict, error) {
	m, err := model.New(p)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Baseline: m.Baseline()}
	verdict.Cost = verdict.Baseline
	if failure := KeepsLimits(m, d); failure != nil {
		return verdict, failure
	}
	verdict.Cost = m.Total(d)
	least, failure := Proves(m, certificate)
	if failure != nil {
		return verdict, failure
	}
	verdict.Bound = verdict.Baseline + least
	if verdict.Gap() > tolerance {
		return verdict, &Failure{-1, "gap", fmt.Sprintf("the certificate leaves a gap of %.6f, more than the tolerance of %.6f",
			verdict.Gap().Currency(m.Minutes), tolerance.Currency(m.Minutes))}
	}
	return verdict, nil
}

// KeepsLimits says what the dispatch does not keep, nil where it keeps all.
func KeepsLimits(m *model.Model, d model.Dispatch) *Failure {
	if failure := KeepsStorage(m, d); failure != nil || !m.Limited() {
		return failure
	}
	for t := range m.Periods() {
		if failure := bounds(m, d, t); failure != nil {
			return failure
		}
	}
	return nil
}

// KeepsStorage is KeepsLimits without the limits of parks, for those who know
// what each park does.
func KeepsStorage(m *model.Model, d model.Dispatch) *Failure {
	periods := m.Periods()
	if len(d.Charge) != periods || len(d.Discharge) != periods || len(d.SurplusTaken) != periods || len(d.DeficitServed) != periods {
		return &Failure{-1, "periods", fmt.Sprintf("%d charges, %d discharges, %d surpluses taken, %d deficits served, expected %d of each",
			len(d.Charge), len(d.Discharge), len(d.SurplusTaken), len(d.DeficitServed), periods)}
	}
	stored := m.Start
	for t := range periods {
		if failure := powers(m, d, t); failure != nil {
			return failure
		}
		stored = m.After(stored, t, d)
		switch {
		case stored < m.Minimum:
			return storedFailure(m, t, "storage.soc_min", stored, "at least", m.Minimum)
		case stored > m.Maximum:
			return storedFailure(m, t, "storage.soc_max", stored, "at most", m.Maximum)
		}
	}
	switch {
	case stored < m.EndLow:
		return storedFailure(m, periods-1, "storage.soc_end", stored, "at least", m.EndLow)
	case stored > m.EndHigh:
		return storedFailure(m, periods-1, "storage.soc_end", stored, "at most", m.EndHigh)
	}
	return nil
}

func storedFailure(m *model.Model, t int, limit string, stored int64, relation string, bound int64) *Failure {
	return &Failure{t, limit, fmt.Sprintf("the storage would hold %.6f kWh, expected %s %.6f kWh",
		m.Lattice.KilowattHours(stored), relation, m.Lattice.KilowattHours(bound))}
}

// powers checks the powers of one period against each other and the limits.
func powers(m *model.Model, d model.Dispatch, t int) *Failure {
	charge, discharge, taken, served := d.Charge[t], d.Discharge[t], d.SurplusTaken[t], d.DeficitServed[t]
	fail := func(limit, format string, values ...any) *Failure {
		return &Failure{t, limit, fmt.Sprintf(format, values...)}
	}
	switch {
	case min(charge, discharge, taken, served) < 0:
		return fail("power", "charge %d W, discharge %d W, surplus taken %d W, deficit served %d W, expected none below 0", charge, discharge, taken, served)
	case charge > m.Storage.Power:
		return fail("storage.power_kw", "charge of %d W, expected at most %d W", charge, m.Storage.Power)
	case discharge > m.Storage.Power:
		return fail("storage.power_kw", "discharge of %d W, expected at most %d W", discharge, m.Storage.Power)
	case charge > 0 && discharge > 0:
		return fail("direction", "charge of %d W and discharge of %d W at once", charge, discharge)
	case taken > min(charge, m.Surplus[t]):
		return fail("surplus taken", "%d W, expected at most the charge of %d W and the surplus of %d W", taken, charge, m.Surplus[t])
	case served > min(discharge, m.Deficit[t]):
		return fail("deficit served", "%d W, expected at most the discharge of %d W and the deficit of %d W", served, discharge, m.Deficit[t])
	}
	return nil
}

// bounds checks the powers of one period against what limits of parks force
// and allow.
func bounds(m *model.Model, d model.Dispatch, t int) *Failure {
	charge, discharge, taken, served := d.Charge[t], d.Discharge[t], d.SurplusTaken[t], d.DeficitServed[t]
	fail := func(limit, format string, values ...any) *Failure {
		return &Failure{t, limit, fmt.Sprintf(format, values...)}
	}
	b := m.Bounds(t, charge-taken)
	switch {
	case taken < b.TakenLeast:
		return fail("parks.export_limit_kw", "surplus taken %d W, expected at least the %d W beyond the parks' limits", taken, b.TakenLeast)
	case served < b.ServedLeast:
		return fail("parks.import_limit_kw", "deficit served %d W, expected at least the %d W beyond the parks' limits", served, b.ServedLeast)
	case taken > b.TakenMost:
		return fail("parks.import_limit_kw", "surplus taken %d W, expected at most the %d W that parks beyond their limits leave", taken, b.TakenMost)
	case served > b.ServedMost:
		return fail("parks.export_limit_kw", "deficit served %d W, expected at most the %d W that parks beyond their limits leave", served, b.ServedMost)
	case charge-taken > b.BoughtMost:
		return fail("parks.import_limit_kw", "%d W bought for the storage, expected at most %d W", charge-taken, b.BoughtMost)
	case discharge-served > b.SoldMost:
		return fail("parks.export_limit_kw", "%d W sold from the storage, expected at most %d W", discharge-served, b.SoldMost)
	}
	return nil
}
