package schedule

// slack is how far below a function its simplification may lie: everywhere
// least, and more where no plan that is worth having passes.
type slack struct {
	least int64
	past  []vertex // least cost to come to each energy, nil for none
	best  int64    // cost of the best plan known
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
	cursor := 0
	cone := newCone(start, u[1], allowed.at(u[1], &cursor))
	for i := 2; i < len(u); i++ {
		tolerance := allowed.at(u[i], &cursor)
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

// at is the slack at a vertex. Vertices must come in ascending order; cursor
// keeps the place.
func (s *slack) at(u vertex, cursor *int) int64 {
	if s.past == nil {
		return s.least
	}
	return s.least + max(0, valueFrom(s.past, u.e, cursor)+u.v-s.best)
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
	l := line{a: f[*cursor], b: f[*cursor+1]}
	return l.floor(min(e, l.b.e))
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
	// The top's run is at most e - from.e, so this carries a line on beyond
	// its second anchor; the height stays within what the points allow.
	return vertex{e, c.from.v + floorScale(c.topRise, e-c.from.e, c.topRun)}
}

// insert merges the energies of f into u, whose values it interpolates,
// floored. It appends to out.
func insert(out, u, f []vertex) []vertex {
	j, cursor := 0, 0
	for i := range u {
		for ; j < len(f) && f[j].e < u[i].e; j++ {
			if i > 0 && f[j].e > u[i-1].e {
				out = append(out, vertex{f[j].e, valueFrom(u, f[j].e, &cursor)})
			}
		}
		out = append(out, u[i])
	}
	return out
}
