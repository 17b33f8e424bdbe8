package model

import (
	"fmt"
	"math/bits"

	"github.com/sesame-energy/sesame/energy"
)

// Lattice is the unit of stored energy in which every whole watt of charge or
// discharge over one period moves the energy by a whole number: with charge
// efficiency pc/qc and discharge efficiency pd/qd,
//
//	charging 1 W for one period adds     Up   = k pc pd / g
//	discharging 1 W for one period takes Down = k qc qd / g
//	one Wh is PerWattHour = k (60/minutes) qc pd / g units
//
// g being the greatest common divisor of the three numerators and k = 1, or
// the least that makes energies whole which are not whole Wh. With self-discharge
// all three are multiplied once more, so that a unit, to which what is lost is
// rounded, is far below a watt.
type Lattice struct {
	Up, Down    int64
	PerWattHour int64
}

// WattHours is e units of the lattice in Wh, floored.
func (l Lattice) WattHours(e int64) energy.WattHour {
	q := e / l.PerWattHour
	if e%l.PerWattHour < 0 {
		q--
	}
	return energy.WattHour(q)
}

// KilowattHours is e units of the lattice in kWh, for people to read.
func (l Lattice) KilowattHours(e int64) float64 {
	return float64(e) / float64(l.PerWattHour) / 1000
}

// newLattice gives the coarsest lattice on which the storage's efficiencies
// and energies are whole. The efficiencies must have been checked.
func newLattice(s energy.Storage, minutes int) (Lattice, error) {
	pc, qc := reduce(int64(s.ChargeEfficiency), int64(energy.EfficiencyOne))
	pd, qd := reduce(int64(s.DischargeEfficiency), int64(energy.EfficiencyOne))
	up, down, wattHour := pc*pd, qc*qd, qc*pd
	g := gcd(gcd(up, down), wattHour)
	lattice := Lattice{Up: up / g, Down: down / g, PerWattHour: wattHour / g * int64(60/minutes)}
	if s.SelfDischarge > 0 {
		const finest = 100_000_000 // of Down
		f := max(1, min((unitsPerWatt+lattice.Up-1)/lattice.Up, finest/lattice.Down))
		lattice = Lattice{lattice.Up * f, lattice.Down * f, lattice.PerWattHour * f}
	}
	if s.Fine == nil {
		return lattice, nil
	}
	k := int64(1)
	for _, e := range []int64{s.Fine.Minimum, s.Fine.Maximum, s.Fine.Start, s.Fine.End} {
		// e PerWattHour k / Denominator must be whole.
		left := s.Fine.Denominator / gcd(s.Fine.Denominator, lattice.PerWattHour)
		left /= gcd(left, e)
		k = k / gcd(k, left) * left
		if k > maxRefinement {
			return Lattice{}, &FieldError{"storage.energy_kwh", fmt.Sprintf(
				"stored energy given in parts of 1/%d Wh is too fine to compute with", s.Fine.Denominator)}
		}
	}
	return Lattice{lattice.Up * k, lattice.Down * k, lattice.PerWattHour * k}, nil
}

// unitsPerWatt is the least Up of a storage with self-discharge.
const unitsPerWatt = 4096

// maxRefinement bounds k of Lattice, so that Up and Down stay below 2^53.
const maxRefinement = 10_000_000

// units converts e/denominator Wh to lattice units; the lattice was made so
// that nothing is lost.
func (l Lattice) units(e, denominator int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(e), uint64(l.PerWattHour))
	if hi >= uint64(denominator) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(denominator))
	return int64(q), q < magnitude
}

// magnitude bounds stored energy, the energy moved in one period and the sum
// of all costs, so that differences stay below 2^62 and products of two below
// 2^124.
const magnitude = 1 << 60

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func reduce(p, q int64) (int64, int64) {
	g := gcd(p, q)
	return p / g, q / g
}
