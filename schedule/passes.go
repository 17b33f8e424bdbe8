package schedule

import "github.com/sesame-energy/sesame/schedule/model"

// known is what a pass knows beforehand: the functions of a pass in the other
// direction (nil for none), the cost of a way that can be had, and what the
// certificate may give away.
type known struct {
	other *functions
	best  int64
	spare sparing
}

// backward computes W_T .. W_0, with at most so many vertices each. Where costs
// to come are known it spends slack where past and future together cost more
// than the best.
func (s *solver) backward(w *functions, m *model.Model, most int, k known) {
	periods := m.Periods()
	s.end(w, periods)
	for t := periods - 1; t >= 0; t-- {
		u := s.backup.run(&s.curves[t], s.remains(w, t+1), s.kept(t))
		allowed := slack{least: leastSlack - k.spare.less}
		if k.other != nil {
			s.surplus.over(u, s.come(k.other, t), k.best-k.spare.gap/int64(periods)*int64(periods-t))
			u, allowed.more = s.surplus.at, s.surplus.more
		}
		s.store(w, t, u, allowed, most)
	}
	w.bound = w.get(0)[0].v
}

// sketch computes W_T .. W_0 with very few vertices each, as near as they allow.
func (s *solver) sketch(m *model.Model, most int) {
	periods := m.Periods()
	s.end(&s.ahead, periods)
	least := int64(m.Tolerance()) / int64(periods)
	for t := periods - 1; t >= 0; t-- {
		u := s.backup.run(&s.curves[t], s.remains(&s.ahead, t+1), s.kept(t))
		least = s.store(&s.ahead, t, u, slack{least: max(leastSlack, least/2)}, most)
	}
}

// end begins value functions: W_T is 0 on the window of the end.
func (s *solver) end(w *functions, periods int) {
	w.reset(periods)
	window := s.domains[periods]
	w.all = append(w.all, vertex{window.lo, 0})
	if window.hi > window.lo {
		w.all = append(w.all, vertex{window.hi, 0})
	}
	w.at[periods] = [2]int{0, len(w.all)}
}

// forward computes F_0 .. F_T, the least cost to come to each energy: the same
// recursion in reversed time, with every change of energy reversed. Where costs
// of what remains are known, it spends half of what past and future together
// cost more than the best; the other half is for the value functions. It ends
// early, and says so, when a function has more than many vertices.
func (s *solver) forward(m *model.Model, most, many int, k known) (done bool) {
	f := &s.behind
	periods := m.Periods()
	f.reset(periods)
	f.all = append(f.all, vertex{m.Start, 0})
	f.at[0] = [2]int{0, 1}
	for t := range periods {
		mirror(&s.mirrored, &s.curves[t])
		u := s.backup.run(&s.mirrored, s.come(f, t), s.domains[t+1])
		allowed := slack{least: leastSlack}
		if k.other != nil {
			s.surplus.sharply(u, s.remains(k.other, t+1), k.best)
			u, allowed.more = s.surplus.at, s.surplus.more
			for i := range allowed.more {
				allowed.more[i] /= 2
			}
		}
		s.store(f, t+1, u, allowed, most)
		if len(f.get(t+1)) > many {
			return false
		}
	}
	return true
}

// store keeps a simplified u as the function of moment t, doubling the slack
// until it has few enough vertices. It gives the slack that was enough.
func (s *solver) store(f *functions, t int, u []vertex, allowed slack, most int) int64 {
	s.simple = simplify(s.simple[:0], u, allowed, most)
	for len(s.simple) > most {
		allowed.least = 2*allowed.least + 1
		s.simple = simplify(s.simple[:0], u, allowed, most)
	}
	from := len(f.all)
	f.all = append(f.all, s.simple...)
	f.at[t] = [2]int{from, len(f.all)}
	return allowed.least
}

// mirror makes out c(-x).
func mirror(out, c *model.Curve) {
	out.N = c.N
	for i := range c.N {
		from, to := &c.Side[i], &out.Side[c.N-1-i]
		to.N, to.X, to.C = from.N, resize(to.X, from.N), resize(to.C, from.N)
		for j := range from.N {
			to.X[j], to.C[j] = -from.X[from.N-1-j], from.C[from.N-1-j]
		}
	}
}
