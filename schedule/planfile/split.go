package planfile

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// flows is what each park does, W, by park and period.
type flows struct {
	to, from     [][]energy.Watt // passes to and takes from the storage
	sold, bought [][]energy.Watt // passes to and takes from other parks
	buy, sell    [][]energy.Watt // with the grid
	off          [][]energy.Watt // switches off

	fromGrid, toGrid []energy.Watt // of the storage itself, by period
}

// share shares the storage's powers, and what parks pass to each other, out to
// the parks: to their groups as the model finds best, in a group what limits
// force, and then in proportion to what each park has or lacks. What goes
// through parks is given to them in case order within their limits.
func share(parks []energy.Park, m *model.Model, d model.Dispatch) flows {
	periods := m.Periods()
	f := flows{fromGrid: make([]energy.Watt, periods), toGrid: make([]energy.Watt, periods)}
	for _, series := range []*[][]energy.Watt{&f.to, &f.from, &f.sold, &f.bought, &f.buy, &f.sell, &f.off} {
		*series = make([][]energy.Watt, len(parks))
		for i := range *series {
			(*series)[i] = make([]energy.Watt, periods)
		}
	}
	s := sharer{m: m, parks: parks, parkFlows: make([]parkFlow, len(parks)), groups: m.Groups()}
	s.all = make([]int, len(parks))
	for i := range parks {
		s.all[i] = i
	}
	for t := range periods {
		s.period(t, d)
		f.fromGrid[t], f.toGrid[t] = s.best.FromGrid, s.best.ToGrid
		for i := range parks {
			s.parkFlows[i].enter(&f, i, t)
		}
	}
	return f
}

// parkFlow is what one park does in one period, W.
type parkFlow struct {
	surplus, deficit energy.Watt
	used, served     energy.Watt // surplus that the storage or parks take, deficit that they serve
	give, get        energy.Watt // the storage's part of both
	buys, sells      energy.Watt // for the storage
	off              energy.Watt
}

func (p *parkFlow) enter(f *flows, i, t int) {
	f.to[i][t], f.from[i][t] = p.give+p.buys, p.get+p.sells
	f.sold[i][t], f.bought[i][t] = p.used-p.give, p.served-p.get
	f.buy[i][t] = p.deficit - p.served + p.buys
	f.sell[i][t] = p.surplus - p.used + p.sells - p.off
	f.off[i][t] = p.off
}

// sharer shares out one period after the other.
type sharer struct {
	m         *model.Model
	parks     []energy.Park
	groups    []model.Class
	all       []int // every park
	best      model.Flows
	parkFlows []parkFlow
	parts     []part
	ranked    []int
}

func (s *sharer) period(t int, d model.Dispatch) {
	for i := range s.parks {
		s.parkFlows[i] = parkFlow{surplus: s.parks[i].Surplus(t), deficit: s.parks[i].Deficit(t)}
	}
	s.m.Flows(t, d, &s.best)
	for k := range s.groups {
		s.group(t, k)
	}
	s.begin(s.all, func(i int) part { return part{own: s.parkFlows[i].used} })
	s.split(d.SurplusTaken[t])
	s.end(s.all, func(p *parkFlow) *energy.Watt { return &p.give })
	s.begin(s.all, func(i int) part { return part{own: s.parkFlows[i].served} })
	s.split(d.DeficitServed[t])
	s.end(s.all, func(p *parkFlow) *energy.Watt { return &p.get })
}

// members are the parks of a group.
func (s *sharer) members(k int) []int {
	if s.groups[k].Parks == nil {
		return s.all
	}
	return s.groups[k].Parks
}

// group shares the flows of group k out to its parks.
func (s *sharer) group(t, k int) {
	members, curtailed := s.members(k), s.m.Curtailment
	if used := s.best.Used[k]; used > 0 {
		s.begin(members, func(i int) part {
			rest := sellable(&s.parks[i], s.m, t)
			return part{first: s.parkFlows[i].surplus - rest, own: rest}
		})
		s.split(used)
		s.end(members, func(p *parkFlow) *energy.Watt { return &p.used })
	}
	if served := s.best.Served[k]; served > 0 {
		s.begin(members, func(i int) part {
			rest := within(s.parkFlows[i].deficit, s.importLimit(i))
			return part{first: s.parkFlows[i].deficit - rest, own: rest}
		})
		s.split(served)
		s.end(members, func(p *parkFlow) *energy.Watt { return &p.served })
	}
	bought, displaced := s.best.Bought[k], s.best.Displaced[k]
	sold := s.best.Sold[k] - displaced
	for _, i := range members {
		p := &s.parkFlows[i]
		p.buys = room(bought, s.importLimit(i), p.deficit)
		p.sells = room(sold, s.exportLimit(i), p.surplus)
		bought, sold = bought-p.buys, sold-p.sells
		if displaced > 0 {
			more := min(displaced, sellable(&s.parks[i], s.m, t))
			p.sells += more
			displaced -= more
		}
		if left := p.surplus - p.used + p.sells; curtailed && s.groups[k].Tariff.Sell[t] < 0 {
			p.off = min(left, p.surplus-p.used)
		} else if limit := s.exportLimit(i); curtailed && limit != energy.NoLimit {
			p.off = max(0, left-limit)
		}
	}
}

// importLimit and exportLimit are a park's limits where the problem was made
// with them.
func (s *sharer) importLimit(i int) energy.Watt {
	if !s.m.LimitedParks() {
		return energy.NoLimit
	}
	return s.parks[i].ImportLimit
}

func (s *sharer) exportLimit(i int) energy.Watt {
	if !s.m.LimitedParks() {
		return energy.NoLimit
	}
	return s.parks[i].ExportLimit
}

// within is a power as far as a limit lets it pass.
func within(power, limit energy.Watt) energy.Watt {
	if limit == energy.NoLimit {
		return power
	}
	return min(power, limit)
}

// room is a power as far as a limit lets it pass beside another.
func room(power, limit, other energy.Watt) energy.Watt {
	if limit == energy.NoLimit {
		return power
	}
	return min(power, max(0, limit-other))
}

// sellable is the surplus of a park that its export limit lets it sell.
func sellable(park *energy.Park, m *model.Model, t int) energy.Watt {
	if !m.LimitedParks() {
		return park.Surplus(t)
	}
	return within(park.Surplus(t), park.ExportLimit)
}

// part is one park in the sharing of one power: what goes first, what more it
// has, and what it gets.
type part struct {
	first, own, gets energy.Watt
	left             uint64 // what flooring left of its proportional part
}

// begin takes the parts of the parks for the next split.
func (s *sharer) begin(parks []int, of func(park int) part) {
	s.parts = s.parts[:0]
	for _, i := range parks {
		s.parts = append(s.parts, of(i))
	}
}

// end gives what each of the parks got.
func (s *sharer) end(parks []int, to func(*parkFlow) *energy.Watt) {
	for n, i := range parks {
		*to(&s.parkFlows[i]) = s.parts[n].gets
	}
}

// split shares a power out: what goes first in proportion as far as the power
// goes, then the rest in proportion. Watts left over by flooring go by largest
// remainder, ties in the order of the parts.
func (s *sharer) split(power energy.Watt) {
	first := energy.Watt(0)
	for n := range s.parts {
		first += s.parts[n].first
	}
	s.proportional(min(power, first), first, func(p *part) energy.Watt { return p.first })
	if power > first {
		total := energy.Watt(0)
		for n := range s.parts {
			total += s.parts[n].own
		}
		s.proportional(power-first, total, func(p *part) energy.Watt { return p.own })
	}
}

func (s *sharer) proportional(power, total energy.Watt, of func(*part) energy.Watt) {
	if total == 0 || power == 0 {
		return
	}
	left := power
	s.ranked = s.ranked[:0]
	for n := range s.parts {
		p := &s.parts[n]
		high, low := bits.Mul64(uint64(power), uint64(of(p)))
		whole, remains := bits.Div64(high, low, uint64(total))
		p.gets += energy.Watt(whole)
		p.left = remains
		left -= energy.Watt(whole)
		s.ranked = append(s.ranked, n)
	}
	slices.SortStableFunc(s.ranked, func(a, b int) int { return cmp.Compare(s.parts[b].left, s.parts[a].left) })
	for _, n := range s.ranked[:left] {
		s.parts[n].gets++
	}
}
