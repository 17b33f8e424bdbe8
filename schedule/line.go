package schedule

import "math/bits"

// vertex is a point of a piecewise linear function: stored energy in lattice
// units, value in energy.Cost units.
type vertex struct{ e, v int64 }

// line is a straight piece between two whole anchors, of which the part from
// lo to hi counts. Clipping moves lo and hi and never the anchors, so that it
// rounds nothing.
type line struct {
	lo, hi int64
	a, b   vertex // a.e < b.e, or a == b for a single point
}

// at is the value of the line at e, as a floor and a remainder over b.e - a.e.
// It goes up from the lower anchor.
func (l *line) at(e int64) (floor int64, remainder, over uint64) {
	over = uint64(l.b.e - l.a.e)
	base, rise, offset := l.a.v, l.b.v-l.a.v, uint64(e-l.a.e)
	if rise < 0 {
		base, rise, offset = l.b.v, -rise, over-offset
	}
	switch offset {
	case 0:
		return base, 0, over
	case over:
		return base + rise, 0, over
	}
	high, low := bits.Mul64(uint64(rise), offset)
	q, r := bits.Div64(high, low, over)
	return base + int64(q), r, over
}

// floor is the value of the line at e, rounded down.
func (l *line) floor(e int64) int64 {
	f, _, _ := l.at(e)
	return f
}

// compare is negative, 0 or positive as k lies below, on or above l at e,
// exactly. Mostly e is an anchor of one of them, and nothing is divided.
func (k *line) compare(l *line, e int64) int {
	switch e {
	case l.a.e:
		return k.against(l.a)
	case l.b.e:
		return k.against(l.b)
	case k.a.e:
		return -l.against(k.a)
	case k.b.e:
		return -l.against(k.b)
	}
	kf, kr, ko := k.at(e)
	lf, lr, lo := l.at(e)
	switch {
	case kf < lf:
		return -1
	case kf > lf:
		return 1
	}
	return compareUnsigned(kr, lo, lr, ko)
}

// against is negative, 0 or positive as k lies below, on or above p, which lies
// between its anchors.
func (k *line) against(p vertex) int {
	return compareSlopes(k.b.v-k.a.v, k.b.e-k.a.e, p.v-k.a.v, p.e-k.a.e)
}

// compareUnsigned is the sign of a b - c d.
func compareUnsigned(a, b, c, d uint64) int {
	high, low := bits.Mul64(a, b)
	otherHigh, otherLow := bits.Mul64(c, d)
	switch {
	case high < otherHigh || high == otherHigh && low < otherLow:
		return -1
	case high > otherHigh || low > otherLow:
		return 1
	}
	return 0
}

// steeper says whether rise/run > otherRise/otherRun for positive runs, exactly.
func steeper(rise, run, otherRise, otherRun int64) bool {
	return compareSlopes(rise, run, otherRise, otherRun) > 0
}

// compareSlopes is the sign of rise/run - otherRise/otherRun for positive
// runs, exactly.
func compareSlopes(rise, run, otherRise, otherRun int64) int {
	h, l := signedProduct(rise, otherRun)
	oh, ol := signedProduct(otherRise, run)
	switch {
	case h < oh || h == oh && l < ol:
		return -1
	case h > oh || l > ol:
		return 1
	}
	return 0
}

// signedProduct is a times b, b >= 0, as a signed number of 128 bits.
func signedProduct(a, b int64) (high int64, low uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	if a < 0 {
		h -= uint64(b)
	}
	return int64(h), l
}

// floorScale is floor(a b / c) for b >= 0, c > 0, where the result fits.
func floorScale(a, b, c int64) int64 {
	if a >= 0 {
		h, l := bits.Mul64(uint64(a), uint64(b))
		q, _ := bits.Div64(h, l, uint64(c))
		return int64(q)
	}
	h, l := bits.Mul64(uint64(-a), uint64(b))
	q, r := bits.Div64(h, l, uint64(c))
	if r != 0 {
		q++
	}
	return -int64(q)
}
