package planfile

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// sellable is the surplus of a park that it could sell: with curtailment not
// more than its export limit, else all.
func sellable(park *energy.Park, p *model.Problem, t int) energy.Watt {
	if p.Curtailment && p.Limits != nil && park.ExportLimit != energy.NoLimit {
		return min(park.Surplus(t), park.ExportLimit)
	}
	return park.Surplus(t)
}

// takeCurtailed shares surplus taken out to the parks: first what they cannot
// sell, then the rest, both in proportion.
func (s *splitter) takeCurtailed(parks []energy.Park, p *model.Problem, taken energy.Watt, to [][]energy.Watt, t int) {
	beyond := energy.Watt(0)
	for i := range parks {
		s.parts[i] = part{own: parks[i].Surplus(t) - sellable(&parks[i], p, t)}
		beyond += s.parts[i].own
	}
	s.split(min(taken, beyond), 0, to, t)
	for i := range parks {
		s.parts[i] = part{forced: to[i][t], own: sellable(&parks[i], p, t)}
	}
	s.split(taken, 0, to, t)
}

// curtail splits what a park is left with into what it sells and what it
// switches off: what would be sold at a loss, or beyond its limit.
func curtail(park *energy.Park, p *model.Problem, left energy.Watt, t int) (sell, off energy.Watt) {
	switch {
	case !p.Curtailment:
		return left, 0
	case p.Sell[t] < 0:
		off = min(left, park.Surplus(t))
	case p.Limits != nil && park.ExportLimit != energy.NoLimit:
		off = max(0, left-park.ExportLimit)
	}
	return left - off, off
}
