package model

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// forcedCharge is the surplus beyond export limits that cannot be switched off.
func (m *Model) forcedCharge(t int) energy.Watt {
	sum := energy.Watt(0)
	for k := range m.groups {
		if l := m.groups[k].Limits; l != nil && !m.Curtailment {
			sum += l.ForcedCharge[t]
		}
	}
	return sum
}

// forcedDischarge is the deficit beyond import limits.
func (m *Model) forcedDischarge(t int) energy.Watt {
	sum := energy.Watt(0)
	for k := range m.groups {
		if l := m.groups[k].Limits; l != nil {
			sum += l.ForcedDischarge[t]
		}
	}
	return sum
}

// Blocked says why Curve(t) has no side; nil where it has one.
func (m *Model) Blocked(t int) *Infeasible {
	into, out := m.forcedCharge(t), m.forcedDischarge(t)
	beyond := ""
	if m.LocalTrade != nil {
		e := m.exchangeOf(t)
		into, out = max(0, e.least), max(0, -e.most())
		beyond = ", beyond what parks pass to each other"
	}
	switch {
	case into > 0 && out > 0:
		return &Infeasible{t, "parks.export_limit_kw", fmt.Sprintf(
			"export limits force %d W into the storage while import limits force %d W out of it", into, out)}
	case into > m.Storage.Power:
		return &Infeasible{t, "parks.export_limit_kw", fmt.Sprintf(
			"export limits force %d W into the storage%s, more than its power of %d W", into, beyond, m.Storage.Power)}
	case out > m.Storage.Power:
		return &Infeasible{t, "parks.import_limit_kw", fmt.Sprintf(
			"import limits force %d W out of the storage%s, more than its power of %d W", out, beyond, m.Storage.Power)}
	}
	return nil
}

// Bounds is what limits of parks ask of the storage in one period, W.
type Bounds struct {
	TakenLeast, TakenMost   energy.Watt // surplus
	ServedLeast, ServedMost energy.Watt // deficit
	BoughtMost, SoldMost    energy.Watt // beyond both
}

// Limited says whether limits of parks ask anything of the storage.
func (m *Model) Limited() bool { return m.limited }

// Bounds are those of period t.
func (m *Model) Bounds(t int) Bounds {
	into := m.charging(t)
	b := Bounds{TakenLeast: into.least, TakenMost: into.most, BoughtMost: into.beyond()}
	out := m.discharging(t)
	b.ServedLeast, b.ServedMost, b.SoldMost = out.least, out.most, out.beyond()
	return b
}

// beyond is the power of all steps through the grid.
func (d *direction) beyond() energy.Watt { return d.least + total(d.steps) - d.most }
