package certificate

import "github.com/sesame-energy/sesame/schedule/model"

// With self-discharge the function of a moment t < T is claimed of the energy that
// is kept of the one stored, y = floor(k e). keptLess makes of it, given between the
// kept of low and of high, a function of the energy stored from low to high that is
// nowhere more, for every whole e.
//
// Take energies e_i of which just the breakpoints y_i are kept, and the straight
// lines through (e_i, f(y_i)). With r = k e - floor(k e), which lies from 0 to
// below 1, the kept of an e between e_i and e_{i+1} differs from the straight line
// between y_i and y_{i+1} by a mean of r_i and r_{i+1}, less r: by less than one
// unit. So f differs there by less than what one unit makes on that piece, and by
// so much, rounded up, both its ends are lowered.
func keptLess(into, f []point, k model.Keeping, low, high int64) []point {
	last := len(f) - 1
	for i, p := range f {
		e, most := k.Least(p.e), int64(0)
		switch i {
		case 0:
			e = low
		case last:
			e = high
		}
		if i > 0 {
			most = oneUnit(f[i-1], p)
		}
		if i < last {
			most = max(most, oneUnit(p, f[i+1]))
		}
		into = append(into, point{e, p.v - most})
	}
	if last == 0 && low < high { // the same is kept of all
		into = append(into, point{high, f[0].v})
	}
	return into
}

// oneUnit is what one unit of energy makes between two points at most, rounded up.
func oneUnit(a, b point) int64 {
	rise, run := b.v-a.v, b.e-a.e
	return (max(rise, -rise) + run - 1) / run
}
