package schedule

import "math/bits"

// An envelope is a list of lines with ascending, disjoint ranges (ends may
// touch, gaps may be left).

// push appends a line to an envelope, joining it to the last one where it goes
// on on the same anchors.
func push(list []line, l *line, lo, hi int64) []line {
	if lo >= hi {
		return list
	}
	if n := len(list); n > 0 && list[n-1].hi == lo && list[n-1].a == l.a && list[n-1].b == l.b {
		list[n-1].hi = hi
		return list
	}
	if n := len(list); n < cap(list) { // in place: append copies through the stack
		list = list[:n+1]
		last := &list[n]
		last.lo, last.hi, last.a, last.b = lo, hi, l.a, l.b
		return list
	}
	return append(list, line{lo, hi, l.a, l.b})
}

// pushRamp appends one of several parallel lines of equal length, given in
// ascending order, keeping the lower where two overlap. All of them run from
// a.e to b.e; lo and hi of the line given are its clipped range.
func pushRamp(list []line, ramp *line) []line {
	lo := ramp.lo
	for len(list) > 0 {
		last := &list[len(list)-1]
		if last.hi <= lo {
			break
		}
		if last.parallelBelow(ramp) {
			lo = last.hi
			break
		}
		if last.lo >= lo {
			list = list[:len(list)-1]
			continue
		}
		last.hi = lo
		break
	}
	return push(list, ramp, lo, ramp.hi)
}

// parallelBelow says whether k lies below or on l, which is parallel and has
// anchors further right: l's first anchor against k carried on to there.
func (k *line) parallelBelow(l *line) bool {
	// k(l.a.e) <= l.a.v, with slope (b.v - a.v) / (b.e - a.e).
	return !steeper(k.b.v-k.a.v, k.b.e-k.a.e, l.a.v-k.a.v, l.a.e-k.a.e)
}

// merge appends to out the lower envelope of two envelopes.
func merge(out, first, second []line) []line {
	if first[len(first)-1].hi <= second[0].lo {
		return beside(out, first, second)
	}
	if second[len(second)-1].hi <= first[0].lo {
		return beside(out, second, first)
	}
	i, j := 0, 0
	const before = -1 << 63
	done := int64(before)
	for i < len(first) && j < len(second) {
		f, s := &first[i], &second[j]
		if f.hi <= done {
			i++
			continue
		}
		if s.hi <= done {
			j++
			continue
		}
		fl, sl := max(f.lo, done), max(s.lo, done)
		switch {
		case fl < sl:
			done = min(f.hi, sl)
			out = push(out, f, fl, done)
		case sl < fl:
			done = min(s.hi, fl)
			out = push(out, s, sl, done)
		default:
			done = min(f.hi, s.hi)
			out = lower(out, f, s, fl, done)
		}
	}
	for ; i < len(first); i++ {
		out = push(out, &first[i], max(first[i].lo, done), first[i].hi)
	}
	for ; j < len(second); j++ {
		out = push(out, &second[j], max(second[j].lo, done), second[j].hi)
	}
	return out
}

// beside appends two envelopes of which the second lies right of the first.
func beside(out, first, second []line) []line {
	out = append(out, first...)
	out = push(out, &second[0], second[0].lo, second[0].hi)
	return append(out, second[1:]...)
}

// lower appends the lower of two lines from lo to hi.
func lower(out []line, f, s *line, lo, hi int64) []line {
	atLow, atHigh := f.compare(s, lo), f.compare(s, hi)
	switch {
	case atLow <= 0 && atHigh <= 0:
		return push(out, f, lo, hi)
	case atLow >= 0 && atHigh >= 0:
		return push(out, s, lo, hi)
	case atLow > 0:
		f, s = s, f
	}
	left, right := crossing(f, s, lo, hi)
	out = push(out, f, lo, left.e)
	out = push(out, &line{a: left, b: right}, left.e, right.e)
	return push(out, s, right.e, hi)
}

// crossing finds two whole points around the crossing of f and s, f being
// lower at lo and s at hi, such that f is not above s at the left one nor s
// above f at the right one. The chord between them, whose ends it returns
// floored, lies on or below both lines' minimum, and at most two units below.
func crossing(f, s *line, lo, hi int64) (left, right vertex) {
	left, right = vertex{lo, f.floor(lo)}, vertex{hi, s.floor(hi)}
	leftGap, rightGap := s.floor(lo)-left.v, f.floor(hi)-right.v
	const closeEnough = 1
	for step := 0; right.e-left.e > 1 && min(leftGap, rightGap) > closeEnough; step++ {
		width := uint64(right.e - left.e)
		guess := width / 2
		if step%3 != 2 { // every third step halves, so that the search ends soon
			high, low := bits.Mul64(width, uint64(leftGap))
			guess, _ = bits.Div64(high, low, uint64(leftGap)+uint64(rightGap))
			guess = min(max(guess, 1), width-1)
		}
		e := left.e + int64(guess)
		fv, sv := f.floor(e), s.floor(e)
		if f.compare(s, e) <= 0 {
			left, leftGap = vertex{e, fv}, sv-fv
		} else {
			right, rightGap = vertex{e, sv}, fv-sv
		}
	}
	return left, right
}
