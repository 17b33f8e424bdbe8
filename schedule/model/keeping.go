package model

import "math/bits"

// Keeping is self-discharge: of e units of stored energy floor(e Part / Whole)
// are kept at the start of a period, whole units, the loss being rounded up.
// The zero Keeping keeps everything.
type Keeping struct{ Part, Whole int64 }

// keepingOf gives the fraction kept over one period, in lowest terms, from the
// fraction lost in an hour, in 1e-6.
func keepingOf(lostPerHour, minutes int64) Keeping {
	if lostPerHour == 0 {
		return Keeping{}
	}
	const perHour = 60 * 1_000_000
	part, whole := reduce(perHour-lostPerHour*minutes, perHour)
	return Keeping{part, whole}
}

// All says whether everything is kept.
func (k Keeping) All() bool { return k.Whole == 0 }

// Of is what is kept of e >= 0 units.
func (k Keeping) Of(e int64) int64 {
	if k.All() {
		return e
	}
	high, low := bits.Mul64(uint64(e), uint64(k.Part))
	q, _ := bits.Div64(high, low, uint64(k.Whole))
	return int64(q)
}

// Least is the least energy of which y units or more are kept. From 0 on it is
// the least of which just y are kept, since less than a unit more is kept of one
// unit more. What would pass the bound of magnitudes ends there.
func (k Keeping) Least(y int64) int64 {
	if k.All() {
		return y
	}
	if y <= 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(y), uint64(k.Whole))
	low, carry := bits.Add64(low, uint64(k.Part)-1, 0)
	if high += carry; high >= uint64(k.Part) {
		return magnitude
	}
	q, _ := bits.Div64(high, low, uint64(k.Part))
	return int64(min(q, magnitude))
}

// Most is the greatest energy of which y units or fewer are kept, -1 where y is
// below 0.
func (k Keeping) Most(y int64) int64 {
	if k.All() {
		return y
	}
	if y < 0 {
		return -1
	}
	return k.Least(y+1) - 1
}

// After is the energy stored at the end of a period that begins with stored
// units, lattice units.
func (m *Model) After(stored int64, t int, d Dispatch) int64 {
	return m.Keeping.Of(stored) + int64(d.Charge[t])*m.Lattice.Up - int64(d.Discharge[t])*m.Lattice.Down
}
