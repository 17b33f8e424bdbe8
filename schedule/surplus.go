package schedule

import "math/bits"

// surplus is a function together with how much more than the best way that is
// known the ways through each of its vertices cost, 0 where they may be better.
type surplus struct {
	at    []vertex
	more  []int64
	sharp bool
}

// over makes s of u, at the vertices of u and of f, which is given on the same
// energies: the costs on both sides of a moment. In between it is straight,
// values being floored.
func (s *surplus) over(u, f []vertex, best int64) {
	s.sharp = false
	s.join(u, f, best)
}

// sharply is over with vertices also where the sum of both crosses best. In
// between, what may be spent at a vertex beyond a crossing reaches some way to
// this side of it, which over bears for having fewer vertices.
func (s *surplus) sharply(u, f []vertex, best int64) {
	s.sharp = true
	s.join(u, f, best)
}

func (s *surplus) join(u, f []vertex, best int64) {
	s.at, s.more = s.at[:0], s.more[:0]
	s.add(u[0], u[0].v+f[0].v-best)
	last := u[0].v + f[0].v - best
	for i, j := 1, 1; i < len(u) && j < len(f); {
		at, other := u[i], f[j].v
		switch {
		case at.e < f[j].e:
			other = between(f[j-1], f[j], at.e)
			i++
		case at.e > f[j].e:
			at = vertex{f[j].e, between(u[i-1], at, f[j].e)}
			j++
		default:
			i++
			j++
		}
		more := at.v + other - best
		if s.sharp && (last < 0 && more > 0 || last > 0 && more < 0) {
			s.cross(at, last, more)
		}
		s.add(at, more)
		last = more
	}
}

func (s *surplus) add(v vertex, more int64) {
	s.at, s.more = append(s.at, v), append(s.more, max(0, more))
}

// cross adds the whole energy beside the crossing, between the last vertex and
// the next, at which the sum is not above best.
func (s *surplus) cross(next vertex, last, more int64) {
	from := s.at[len(s.at)-1]
	e := from.e + partOf(next.e-from.e, -last, more)
	if last > 0 {
		e = next.e - partOf(next.e-from.e, -more, last)
	}
	if e > from.e && e < next.e {
		s.add(vertex{e, between(from, next, e)}, 0)
	}
}

// partOf is floor(width below / (below + above)), all being positive.
func partOf(width, below, above int64) int64 {
	high, low := bits.Mul64(uint64(width), uint64(below))
	q, _ := bits.Div64(high, low, uint64(below)+uint64(above))
	return int64(q)
}
