package model

import "github.com/sesame-energy/sesame/energy"

// Lattice is the unit of stored energy in which every whole watt of charge or
// discharge over one period moves the energy by a whole number: with charge
// efficiency pc/qc and discharge efficiency pd/qd,
//
//	charging 1 W for one period adds    Up   = pc pd / g
//	discharging 1 W for one period takes Down = qc qd / g
//	one Wh is PerWattHour = (60/minutes) qc pd / g units
//
// g being the greatest common divisor of the three numerators.
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

// Tolerance is the gap that whole watts may leave:
// 2 W sum_t h (max(|cb_t|, |cs_t|) + fee) / (charge x discharge efficiency),
// rounded up.
func Tolerance(p Problem) energy.Cost { return 0 }

// FieldError says that a problem cannot be computed with: a field is out of
// its range, or so large that exact arithmetic would overflow.
type FieldError struct {
	Field  string // name of the field, as in the case format
	Reason string // value and expectation
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason }
