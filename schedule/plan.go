package schedule

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Problem is the problem that Solve solves.
type Problem = model.Problem

// Limits is what the parks' own grid limits force and allow.
type Limits = model.Limits

// Status says what is known of a plan.
type Status string

const (
	// Optimal is a plan whose gap lies within the tolerance of whole watts.
	Optimal Status = "optimal"
	// Gapped is a plan that stands with a gap beyond that tolerance.
	Gapped Status = "gap"
	// IdleStorage is the plan in which the storage does nothing, taken where
	// no other could be had. Its bound is not known.
	IdleStorage Status = "idle"
)

// Plan is what the storage does over the horizon and what is proven of it.
type Plan struct {
	model.Dispatch

	// Energy is the stored energy at the end of each period in the units of
	// Lattice, exact.
	Energy  []int64
	Lattice model.Lattice

	// Peak is the highest import of the community, W, where it is charged.
	Peak energy.Watt

	// Baseline is what the community pays without storage, Cost what it pays
	// with this plan, Bound what no feasible plan can go below.
	Baseline, Cost, Bound energy.Cost

	Status      Status
	Certificate []byte // proves Bound, see package certificate
}

// Gap is how much dearer than the optimum the plan can be at most.
func (p *Plan) Gap() energy.Cost { return p.Cost - p.Bound }

// EnergyWh is the stored energy at the end of period t, floored to whole Wh.
func (p *Plan) EnergyWh(t int) energy.WattHour { return p.Lattice.WattHours(p.Energy[t]) }

// Infeasible says that no plan keeps all limits: it names period and limit.
type Infeasible = model.Infeasible

// FieldError says that a problem is not well formed or its numbers are too
// large to compute with: it names the field.
type FieldError = model.FieldError

// FromCase sums the parks of a case up to a problem. With ledger set it leaves
// the parks' own grid limits aside and takes stored energy in whole Wh, as the
// ledger does.
func FromCase(c *energy.Case, ledger bool) (Problem, error) { return model.FromCase(c, ledger) }

// Tolerance is the gap that whole watts may leave:
// 2 W sum_t h (max(|cb_t|, |cs_t|) + fee) / (charge x discharge efficiency).
func Tolerance(p Problem) energy.Cost { return model.Tolerance(p) }
