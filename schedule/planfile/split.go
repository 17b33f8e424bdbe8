package planfile

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// flows is what each park passes to and takes from the storage, W, by park and
// period.
// Bought and sold is what it passes to and takes from other parks.
type flows struct{ to, from, bought, sold [][]energy.Watt }

// share shares the storage's powers out to the parks: surplus taken and
// deficit served in proportion to what each park has beyond what its own
// limits force, and, where the storage does not trade with the grid itself,
// the rest in case order within the limits.
func share(parks []energy.Park, m *model.Model, d model.Dispatch) flows {
	p := m.Problem
	periods := p.Periods()
	var f flows
	for _, series := range []*[][]energy.Watt{&f.to, &f.from, &f.bought, &f.sold} {
		*series = make([][]energy.Watt, len(parks))
		for i := range *series {
			(*series)[i] = make([]energy.Watt, periods)
		}
	}
	s := splitter{parts: make([]part, len(parks))}
	for t := range periods {
		if m.Classes != nil {
			s.shareByClass(parks, m, d, f, t)
			continue
		}
		if p.Curtailment && d.Charge[t] > 0 {
			s.takeCurtailed(parks, &p, d.SurplusTaken[t], f.to, t)
		} else if d.Charge[t] > 0 {
			for i := range parks {
				s.parts[i] = partOf(parks[i].Surplus(t), parks[i].Deficit(t), limit(p, parks[i].ExportLimit), limit(p, parks[i].ImportLimit))
			}
			s.split(d.SurplusTaken[t], rest(p, d.Charge[t]-d.SurplusTaken[t]), f.to, t)
		}
		if d.Discharge[t] > 0 {
			for i := range parks {
				s.parts[i] = partOf(parks[i].Deficit(t), parks[i].Surplus(t), limit(p, parks[i].ImportLimit), limit(p, parks[i].ExportLimit))
			}
			s.split(d.DeficitServed[t], rest(p, d.Discharge[t]-d.DeficitServed[t]), f.from, t)
		}
		if p.LocalTrade != nil && p.Buy[t]-p.Sell[t] > p.LocalTrade.Fee {
			s.trade(parks, f, t)
		}
	}
	return f
}

// limit is a park's limit where the problem was made with limits.
func limit(p model.Problem, w energy.Watt) energy.Watt {
	if p.Limits == nil {
		return energy.NoLimit
	}
	return w
}

// rest is what goes through the parks beyond their own surplus or deficit.
func rest(p model.Problem, power energy.Watt) energy.Watt {
	if p.Storage.GridTrade {
		return 0
	}
	return power
}

// part is one park in the sharing of one power: what it must give, what more
// it has, and how much beyond that it can pass through.
type part struct {
	forced, own energy.Watt
	room        energy.Watt // NoLimit for any
}

// partOf makes a part of what a park has on the side in question, with the
// grid limit that forces some of it into the storage, and of what it has on
// the other side, with the limit on passing power through.
func partOf(own, other, forcing, passing energy.Watt) part {
	p := part{own: own, room: energy.NoLimit}
	if forcing != energy.NoLimit {
		p.forced = max(0, own-forcing)
		p.own -= p.forced
	}
	if passing != energy.NoLimit {
		p.room = max(0, passing-other)
	}
	return p
}

// splitter shares one power out to the parks.
type splitter struct {
	parts      []part
	remainders []remainder
}

// remainder is what flooring left of a park's proportional part.
type remainder struct {
	park int
	left uint64
}

// trade lets the surplus that the storage leaves serve the deficit that it
// leaves, both in proportion.
func (s *splitter) trade(parks []energy.Park, f flows, t int) {
	surplus, deficit := energy.Watt(0), energy.Watt(0)
	for i := range parks {
		surplus += max(0, parks[i].Surplus(t)-f.to[i][t])
		deficit += max(0, parks[i].Deficit(t)-f.from[i][t])
	}
	traded := min(surplus, deficit)
	for i := range parks {
		s.parts[i] = part{own: max(0, parks[i].Surplus(t)-f.to[i][t])}
	}
	s.split(traded, 0, f.sold, t)
	for i := range parks {
		s.parts[i] = part{own: max(0, parks[i].Deficit(t)-f.from[i][t])}
	}
	s.split(traded, 0, f.bought, t)
}

func (s *splitter) split(own, through energy.Watt, to [][]energy.Watt, t int) {
	total := energy.Watt(0)
	for i, p := range s.parts {
		to[i][t] = p.forced
		own -= p.forced
		total += p.own
	}
	left := own
	s.remainders = s.remainders[:0]
	for i, p := range s.parts {
		if total == 0 || own <= 0 {
			break
		}
		high, low := bits.Mul64(uint64(own), uint64(p.own))
		whole, remains := bits.Div64(high, low, uint64(total))
		to[i][t] += energy.Watt(whole)
		left -= energy.Watt(whole)
		s.remainders = append(s.remainders, remainder{i, remains})
	}
	slices.SortStableFunc(s.remainders, func(a, b remainder) int { return cmp.Compare(b.left, a.left) })
	for k := range max(0, left) {
		to[s.remainders[k].park][t]++
	}
	for i, p := range s.parts {
		pass := through
		if p.room != energy.NoLimit {
			pass = min(pass, p.room)
		}
		to[i][t] += pass
		through -= pass
	}
}
