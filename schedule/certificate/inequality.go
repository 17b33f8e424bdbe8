package certificate

import (
	"math/bits"

	"github.com/sesame-energy/sesame/schedule/model"
)

// checker has the memory that the inequality of one side needs.
type checker struct {
	queue []int // breakpoints of the later function that may be the least
}

// side checks earlier(E) <= c(x) + later(E + x) for all E and x with x on the
// side and both functions defined. The difference is piecewise linear in
// (E, x), so it is enough to look where two of the lines
//
//	E = breakpoint of earlier,  x = vertex of the side,  E + x = breakpoint of later
//
// cross. Both functions' ends are breakpoints of theirs.
func (c *checker) side(side *model.Side, earlier, later []point) bool {
	for j := range side.N {
		if !atVertex(side.X[j], side.C[j], earlier, later) {
			return false
		}
	}
	for j := range side.N - 1 {
		if !c.alongSegment(side, j, earlier, later) {
			return false
		}
	}
	return true
}

// atVertex checks earlier(E) <= cost + later(E + x) where E is a breakpoint of
// the earlier or E + x one of the later function, by one walk over both.
func atVertex(x, cost int64, earlier, later []point) bool {
	i, j := 0, 0
	for i < len(earlier) && j < len(later) {
		e, l := earlier[i], later[j]
		at := l.e - x // where the later breakpoint lies for the earlier function
		switch {
		case e.e < at:
			// Between two breakpoints of the later function, or before it.
			if j > 0 && !below(e.v-cost, later[j-1], l, e.e+x) {
				return false
			}
			i++
		case e.e > at:
			if i > 0 && !above(l.v+cost, earlier[i-1], e, at) {
				return false
			}
			j++
		default:
			if e.v > cost+l.v {
				return false
			}
			i++
			j++
		}
	}
	return true
}

// below says whether v <= the line from a to b at e.
func below(v int64, a, b point, e int64) bool {
	// (v - a.v) (b.e - a.e) <= (b.v - a.v) (e - a.e)
	return !greater(v-a.v, b.e-a.e, b.v-a.v, e-a.e)
}

// above says whether v >= the line from a to b at e.
func above(v int64, a, b point, e int64) bool {
	return !greater(b.v-a.v, e-a.e, v-a.v, b.e-a.e)
}

// alongSegment checks earlier(u) <= c(v - u) + later(v) for breakpoints u of
// the earlier and v of the later function with v - u on segment j. For each u
// the v with the least later(v) + slope v decides; as u ascends the range of v
// moves up, and a queue keeps the candidates.
func (c *checker) alongSegment(side *model.Side, j int, earlier, later []point) bool {
	from, to := side.X[j], side.X[j+1]
	rise, run := side.C[j+1]-side.C[j], to-from
	queue, head, next := c.queue[:0], 0, 0
	for _, u := range earlier {
		for ; next < len(later) && later[next].e <= u.e+to; next++ {
			for len(queue) > head && !costsLess(later[queue[len(queue)-1]], later[next], rise, run) {
				queue = queue[:len(queue)-1]
			}
			queue = append(queue, next)
		}
		for head < len(queue) && later[queue[head]].e < u.e+from {
			head++
		}
		if head == len(queue) {
			continue
		}
		v := later[queue[head]]
		// (earlier(u) - later(v) - c_j) run <= rise (v - u - x_j)
		if greater(u.v-v.v-side.C[j], run, rise, v.e-u.e-from) {
			c.queue = queue
			return false
		}
	}
	c.queue = queue
	return true
}

// costsLess says whether a.v + slope a.e < b.v + slope b.e, for a.e < b.e.
func costsLess(a, b point, rise, run int64) bool {
	return greater(rise, b.e-a.e, a.v-b.v, run)
}

// greater says whether a b > c d, for b, d >= 0, in 128 bits.
func greater(a, b, c, d int64) bool {
	ah, al := wide(a, b)
	ch, cl := wide(c, d)
	return ah > ch || ah == ch && al > cl
}

func wide(a, b int64) (high int64, low uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	if a < 0 {
		h -= uint64(b)
	}
	return int64(h), l
}
