package schedule

import "github.com/sesame-energy/sesame/schedule/model"

// window is an interval of stored energy, ends included, lattice units.
type window struct{ lo, hi int64 }

// backup computes U(E) = min over x of c(x) + W(E + x) for E in the window.
//
// On each convex side of c an optimal x lies at a vertex of the side, or E + x
// lies at a breakpoint of W. So U is the lower envelope of two kinds of lines:
// copies of a piece of W, shifted by a vertex of the side, and ramps, which are
// a segment of the side, reversed, at a breakpoint of W that is convex enough.
type backup struct {
	lists [4 * model.MaxVertices][]line // one for each vertex and segment of each side
	spare [4 * model.MaxVertices][]line
	ranks []int // of the pieces of W against one side
	out   []vertex
}

// run gives the vertices of U, which it owns until the next run.
func (b *backup) run(curve *model.Curve, w []vertex, domain window) []vertex {
	n := 0
	for i := range curve.N {
		n = b.addSide(&curve.Side[i], w, domain, n)
	}
	if domain.lo == domain.hi {
		return b.single(n, domain.lo)
	}
	lists, spare := b.lists[:n], b.spare[:n]
	for len(lists) > 1 {
		half := (len(lists) + 1) / 2
		for i := range half {
			if 2*i+1 < len(lists) {
				spare[i] = merge(spare[i][:0], lists[2*i], lists[2*i+1])
			} else {
				spare[i] = append(spare[i][:0], lists[2*i]...)
			}
		}
		lists, spare = spare[:half], lists[:half]
	}
	return b.vertices(lists[0])
}

// addSide fills lists n and up with the lines of one side that are not empty,
// and gives the number of lists.
func (b *backup) addSide(side *model.Side, w []vertex, domain window, n int) int {
	b.rank(side, w)
	for j := range side.N {
		if n = b.copies(side, j, w, domain, n); j+1 < side.N {
			n = b.ramps(side, j, w, domain, n)
		}
	}
	return n
}

// rank finds for each piece of W the vertex of the side at which it is copied:
// the number of segments along which moving on still pays against its slope.
// ranks[i+1] is that of the piece from breakpoint i; before the first
// breakpoint moving on always pays, behind the last it never does.
func (b *backup) rank(side *model.Side, w []vertex) {
	b.ranks = append(b.ranks[:0], side.N-1)
	for i := range len(w) - 1 {
		rise, run := w[i+1].v-w[i].v, w[i+1].e-w[i].e
		rank := 0
		for rank < side.N-1 && compareSlopes(rise, run, side.C[rank]-side.C[rank+1], side.X[rank+1]-side.X[rank]) < 0 {
			rank++
		}
		b.ranks = append(b.ranks, rank)
	}
	b.ranks = append(b.ranks, 0)
}

// copies makes a list of the pieces of W that are copied at vertex j.
func (b *backup) copies(side *model.Side, j int, w []vertex, domain window, n int) int {
	x, c := side.X[j], side.C[j]
	list := b.lists[n][:0]
	for i := range len(w) - 1 {
		if b.ranks[i+1] != j {
			continue
		}
		l := line{a: vertex{w[i].e - x, w[i].v + c}, b: vertex{w[i+1].e - x, w[i+1].v + c}}
		list = add(list, l, domain)
	}
	if len(w) == 1 && side.N == 1 {
		at := vertex{w[0].e - x, w[0].v + c}
		list = add(list, line{a: at, b: at}, domain)
	}
	b.lists[n] = list
	return count(list, n)
}

// ramps makes a list of segment j at the breakpoints of W.
func (b *backup) ramps(side *model.Side, j int, w []vertex, domain window, n int) int {
	list := b.lists[n][:0]
	for i := range w {
		if b.ranks[i+1] > j || j >= b.ranks[i] {
			continue
		}
		l := line{
			a: vertex{w[i].e - side.X[j+1], w[i].v + side.C[j+1]},
			b: vertex{w[i].e - side.X[j], w[i].v + side.C[j]},
		}
		l.lo, l.hi = max(l.a.e, domain.lo), min(l.b.e, domain.hi)
		switch {
		case domain.lo == domain.hi:
			list = add(list, l, domain)
		case l.lo < l.hi:
			list = pushRamp(list, 0, l)
		}
	}
	b.lists[n] = list
	return count(list, n)
}

// add clips a line to the window and appends it where something is left: in a
// window of one point a point, else a stretch.
func add(list []line, l line, domain window) []line {
	l.lo, l.hi = max(l.a.e, domain.lo), min(l.b.e, domain.hi)
	if l.lo < l.hi || l.lo == l.hi && domain.lo == domain.hi {
		return append(list, l)
	}
	return list
}

func count(list []line, n int) int {
	if len(list) == 0 {
		return n
	}
	return n + 1
}

// single is U on a window of one point.
func (b *backup) single(n int, e int64) []vertex {
	least := int64(1<<63 - 1)
	for _, list := range b.lists[:n] {
		for i := range list {
			least = min(least, list[i].floor(e))
		}
	}
	b.out = append(b.out[:0], vertex{e, least})
	return b.out
}

// vertices floors the ends of an envelope's lines. Where two lines meet the
// lower value counts, so that the result never exceeds the envelope.
func (b *backup) vertices(list []line) []vertex {
	out := b.out[:0]
	for i := range list {
		l := &list[i]
		at := l.floor(l.lo)
		if n := len(out); n > 0 && out[n-1].e == l.lo {
			out[n-1].v = min(out[n-1].v, at)
		} else {
			out = append(out, vertex{l.lo, at})
		}
		out = append(out, vertex{l.hi, l.floor(l.hi)})
	}
	b.out = out
	return out
}
