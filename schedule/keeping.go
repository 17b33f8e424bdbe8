package schedule

// With self-discharge the value functions and the certificate speak of the
// energy that is kept at the start of a period, V_t, and not of the one stored at
// the end of the period before, W_t; at the end of the horizon both are one. What
// is kept is floor(k E), which is no straight line on whole energies. So a
// function is carried over from one to the other at its vertices, and lowered by
// what one unit of energy can make: docs/planning.md has the proof.

// kept is what is kept of the energies of moment t.
func (s *solver) kept(t int) window {
	d := s.domains[t]
	return window{s.keeping.Of(d.lo), s.keeping.Of(d.hi)}
}

// remains is a value function of the energy stored at moment t, no higher than
// what f says of the energy that is kept. It owns the result until the next call.
func (s *solver) remains(f *functions, t int) []vertex {
	v := f.get(t)
	if s.keeping.All() || t == len(s.curves) {
		return v
	}
	domain := s.domains[t]
	s.remaining = s.remaining[:0]
	for i := range v {
		e := s.keeping.Least(v[i].e)
		if i == 0 {
			e = domain.lo
		} else if i == len(v)-1 {
			e = domain.hi
		}
		s.remaining = append(s.remaining, vertex{e, v[i].v - unitAround(v, i)})
	}
	if len(v) == 1 && domain.hi > domain.lo { // the same is kept of all
		s.remaining = append(s.remaining, vertex{domain.hi, v[0].v})
	}
	return s.remaining
}

// come is about the least cost to come to an energy that is kept, made of past, the
// least cost to come to the energy stored at moment t. It owns the result until the next call.
func (s *solver) come(past *functions, t int) []vertex {
	f := past.get(t)
	if s.keeping.All() {
		return f
	}
	perKept := (s.keeping.Whole + s.keeping.Part - 1) / s.keeping.Part
	s.coming = s.coming[:0]
	for i := range f {
		at := vertex{s.keeping.Of(f[i].e), f[i].v - unitAround(f, i)*perKept}
		if n := len(s.coming); n > 0 && s.coming[n-1].e == at.e {
			s.coming[n-1].v = min(s.coming[n-1].v, at.v)
		} else {
			s.coming = append(s.coming, at)
		}
	}
	return s.coming
}

// unitAround is the most that one unit of energy makes on the pieces beside vertex
// i of f, rounded up.
func unitAround(f []vertex, i int) int64 {
	most := int64(0)
	for j := max(i, 1); j <= min(i+1, len(f)-1); j++ {
		rise, run := f[j].v-f[j-1].v, f[j].e-f[j-1].e
		most = max(most, (max(rise, -rise)+run-1)/run)
	}
	return most
}

// before is an energy of moment t of which just that much is kept.
func (s *solver) before(t int, kept int64) int64 {
	return max(s.domains[t].lo, s.keeping.Least(kept))
}
