package schedule

// slack is how far below a function its simplification may lie: everywhere
// least, and more where no way that is worth having passes.
type slack struct {
	least int64
	more  []int64 // for each vertex of the function, nil for none
}

// simplify appends to out a function with few vertices that lies nowhere above
// u and, at the vertices of u, not more than the slack below. It is a swing
// filter: from each vertex it keeps the cone of lines that satisfy both, as
// long as there are any, and then takes the highest. With more than most
// vertices it ends early, unfinished.
func simplify(out, u []vertex, allowed slack, most int) []vertex {
	start := u[0]
	out = append(out, start)
	if len(u) == 1 {
		return out
	}
	cone := newCone(start, u[1], allowed.at(1))
	for i := 2; i < len(u); i++ {
		tolerance := allowed.at(i)
		if cone.narrow(u[i], tolerance) {
			continue
		}
		start = cone.highest(u[i-1].e)
		if out = append(out, start); len(out) > most {
			return out
		}
		cone = newCone(start, u[i], tolerance)
	}
	return append(out, cone.highest(u[len(u)-1].e))
}

func (s *slack) at(i int) int64 {
	if s.more == nil {
		return s.least
	}
	return s.least + s.more[i]
}

// between is the line from a to b at e, floored.
func between(a, b vertex, e int64) int64 {
	l := line{a: a, b: b}
	return l.floor(e)
}

// valueFrom is the value of f at e, floored, f being searched from the cursor
// on. Outside f's range its end counts.
func valueFrom(f []vertex, e int64, cursor *int) int64 {
	for *cursor+2 < len(f) && f[*cursor+1].e <= e {
		*cursor++
	}
	if e <= f[*cursor].e || len(f) == 1 {
		return f[*cursor].v
	}
	return between(f[*cursor], f[*cursor+1], min(e, f[*cursor+1].e))
}

// cone is the set of slopes of lines through a vertex that pass below a number
// of points, but not too far below.
type cone struct {
	from            vertex
	topRise, topRun int64
	lowRise, lowRun int64
}

func newCone(from, through vertex, tolerance int64) cone {
	run := through.e - from.e
	return cone{from, through.v - from.v, run, through.v - tolerance - from.v, run}
}

// narrow takes one more point in; false, and no change, where no line is left.
func (c *cone) narrow(u vertex, tolerance int64) bool {
	run := u.e - c.from.e
	top, low := u.v-c.from.v, u.v-tolerance-c.from.v
	lessTop := steeper(c.topRise, c.topRun, top, run)
	moreLow := steeper(low, run, c.lowRise, c.lowRun)
	// A slope that does not narrow its own side cannot cross the other.
	if lessTop && steeper(c.lowRise, c.lowRun, top, run) || moreLow && steeper(low, run, c.topRise, c.topRun) {
		return false
	}
	if lessTop {
		c.topRise, c.topRun = top, run
	}
	if moreLow {
		c.lowRise, c.lowRun = low, run
	}
	return true
}

// highest is the end of the highest line at e, floored.
func (c *cone) highest(e int64) vertex {
	if e-c.from.e == c.topRun {
		return vertex{e, c.from.v + c.topRise}
	}
	// The top's run is at most e - from.e, so this carries a line on beyond
	// its second anchor; the height stays within what the points allow.
	return vertex{e, c.from.v + floorScale(c.topRise, e-c.from.e, c.topRun)}
}
