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
	lists [][]line // one for each vertex and segment of each side
	spare [][]line
	out   []vertex
}

// run gives the vertices of U, which it owns until the next run.
func (b *backup) run(curve *model.Curve, w []vertex, domain window) []vertex {
	b.makeLists(curve)
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
				spare[i], lists[2*i] = lists[2*i], spare[i]
			}
		}
		lists, spare = spare[:half], lists[:half]
	}
	return b.vertices(lists[0])
}

// makeLists sees to it that there is a list for each vertex and segment.
func (b *backup) makeLists(curve *model.Curve) {
	need := 0
	for i := range curve.N {
		need += 2*curve.Side[i].N - 1
	}
	for len(b.lists) < need {
		b.lists, b.spare = append(b.lists, nil), append(b.spare, nil)
	}
}

// addSide fills lists n and up with the lines of one side that are not empty,
// and gives the number of lists: first those of vertex 0, then those of segment
// 0, and so on.
//
// It goes once over the breakpoints of W. The rank of a piece is the vertex of
// the side at which it is copied: the number of segments along which moving on
// still pays against its slope. Before the first breakpoint moving on always
// pays, behind the last it never does; at a breakpoint the segments between the
// ranks of both pieces are ramps.
func (b *backup) addSide(side *model.Side, w []vertex, domain window, n int) int {
	lists := b.lists[n : n+2*side.N-1]
	for i := range lists {
		lists[i] = lists[i][:0]
	}
	rank := side.N - 1
	for i := range w {
		next := 0
		if i+1 < len(w) {
			next = rankOf(side, w[i+1].v-w[i].v, w[i+1].e-w[i].e, rank)
		}
		for j := next; j < rank; j++ {
			lists[2*j+1] = addRamp(lists[2*j+1], side, j, w[i], domain)
		}
		rank = next
		if i+1 < len(w) {
			x, c := side.X[rank], side.C[rank]
			lists[2*rank] = add(lists[2*rank], vertex{w[i].e - x, w[i].v + c}, vertex{w[i+1].e - x, w[i+1].v + c}, domain)
		}
	}
	if len(w) == 1 && side.N == 1 {
		at := vertex{w[0].e - side.X[0], w[0].v + side.C[0]}
		lists[0] = add(lists[0], at, at, domain)
	}
	for i := range lists {
		if len(lists[i]) > 0 {
			b.lists[n], lists[i] = lists[i], b.lists[n]
			n++
		}
	}
	return n
}

// rankOf is the rank of a piece of that slope, searched from the rank of the
// piece before, since the side is convex.
func rankOf(side *model.Side, rise, run int64, rank int) int {
	pays := func(j int) bool {
		return compareSlopes(rise, run, side.C[j]-side.C[j+1], side.X[j+1]-side.X[j]) < 0
	}
	if rank > 0 && !pays(rank-1) {
		rank--
		for rank > 0 && !pays(rank-1) {
			rank--
		}
		return rank
	}
	for rank < side.N-1 && pays(rank) {
		rank++
	}
	return rank
}

// addRamp appends segment j at a breakpoint of W.
func addRamp(list []line, side *model.Side, j int, at vertex, domain window) []line {
	l := line{
		a: vertex{at.e - side.X[j+1], at.v + side.C[j+1]},
		b: vertex{at.e - side.X[j], at.v + side.C[j]},
	}
	l.lo, l.hi = max(l.a.e, domain.lo), min(l.b.e, domain.hi)
	switch {
	case domain.lo == domain.hi:
		return add(list, l.a, l.b, domain)
	case l.lo < l.hi:
		return pushRamp(list, &l)
	}
	return list
}

// add clips the line from a to b to the window and appends it where something
// is left: in a window of one point a point, else a stretch.
func add(list []line, a, b vertex, domain window) []line {
	lo, hi := max(a.e, domain.lo), min(b.e, domain.hi)
	if lo < hi || lo == hi && domain.lo == domain.hi {
		return append(list, line{lo, hi, a, b})
	}
	return list
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
