package model

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// forcedCharge is the surplus beyond export limits that cannot be switched off.
func (m *Model) forcedCharge(t int) energy.Watt {
	sum := energy.Watt(0)
	if !m.limited || m.Curtailment {
		return sum
	}
	for k := range m.groups {
		if l := m.groups[k].Limits; l != nil {
			sum += l.ForcedCharge[t]
		}
	}
	return sum
}

// forcedDischarge is the deficit beyond import limits.
func (m *Model) forcedDischarge(t int) energy.Watt {
	sum := energy.Watt(0)
	if !m.limited {
		return sum
	}
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
	limit, whose, beyond := "parks.import_limit_kw", "import limits", ""
	if cap := m.beyondCap(t); cap > out && m.LocalTrade == nil {
		out, limit, whose = cap, "import_cap_kw", "the cap on the community's import"
	}
	if m.LocalTrade != nil {
		e := m.exchangeOf(t, m.capped())
		most := e.most()
		into, out = max(0, e.least), max(0, -most)
		beyond = ", beyond what parks pass to each other"
		if free := m.exchangeOf(t, energy.NoLimit); free.most() > most {
			limit, whose = "import_cap_kw", "the cap on the community's import"
		}
	}
	verb := "force"
	if limit == "import_cap_kw" {
		verb = "forces"
	}
	switch {
	case into > 0 && out > 0 && limit == "import_cap_kw":
		return &Infeasible{t, limit, fmt.Sprintf("the cap on the community's import forces %d W out of the storage while export limits force %d W into it", out, into)}
	case into > 0 && out > 0:
		return &Infeasible{t, "parks.export_limit_kw", fmt.Sprintf(
			"export limits force %d W into the storage while import limits force %d W out of it", into, out)}
	case into > m.Storage.Power:
		return &Infeasible{t, "parks.export_limit_kw", fmt.Sprintf(
			"export limits force %d W into the storage%s, more than its power of %d W", into, beyond, m.Storage.Power)}
	case out > m.Storage.Power:
		return &Infeasible{t, limit, fmt.Sprintf(
			"%s %s %d W out of the storage%s, more than its power of %d W", whose, verb, out, beyond, m.Storage.Power)}
	}
	return nil
}

// Bounds is what limits of parks and the cap on the community's import ask of
// the storage in one period, W.
type Bounds struct {
	TakenLeast, TakenMost   energy.Watt // surplus
	ServedLeast, ServedMost energy.Watt // deficit
	BoughtMost, SoldMost    energy.Watt // beyond both
}

// Limited says whether limits of parks or a cap ask anything of the storage.
func (m *Model) Limited() bool { return m.limited || m.capped() != energy.NoLimit }

// LimitedParks says whether the problem has grid limits of parks.
func (m *Model) LimitedParks() bool { return m.limited }

// Bounds are those of period t where so much is bought for the storage.
func (m *Model) Bounds(t int, bought energy.Watt) Bounds {
	b := Bounds{BoughtMost: total(m.purchaseSteps(t, m.scratch[:0])), SoldMost: total(m.saleSteps(t, m.scratch[:0]))}
	if m.LocalTrade != nil {
		if limit := m.capped(); limit != energy.NoLimit {
			b.BoughtMost = min(b.BoughtMost, limit)
		}
		e := m.exchangeOf(t, m.beside(bought))
		b.TakenLeast, b.TakenMost = max(0, e.least), max(0, e.most())
		b.ServedLeast, b.ServedMost = max(0, -e.most()), max(0, -e.least)
		return b
	}
	b.TakenLeast, b.TakenMost = m.forcedCharge(t), m.Surplus[t]
	b.ServedLeast, b.ServedMost = max(m.forcedDischarge(t), m.beyondCap(t)), m.Deficit[t]
	if room := m.beside(m.Deficit[t]); room != energy.NoLimit {
		b.BoughtMost = min(b.BoughtMost, room)
	}
	return b
}
