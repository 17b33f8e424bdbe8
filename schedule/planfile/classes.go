package planfile

import (
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// pricesOf is what a park pays and gets: its own tariff where the problem was
// made with those, else the common one.
func pricesOf(c *energy.Case, p *model.Problem, park int) energy.Tariff {
	if p.Classes != nil && c.Parks[park].Tariff != nil {
		return *c.Parks[park].Tariff
	}
	return energy.Tariff{Buy: p.Buy, Sell: p.Sell}
}

// worthOf is the same with what surplus is worth: with curtailment never less
// than nothing.
func worthOf(c *energy.Case, p *model.Problem, park int) energy.Tariff {
	prices := pricesOf(c, p, park)
	if !p.Curtailment {
		return prices
	}
	worth := make([]energy.Price, len(prices.Sell))
	for t := range worth {
		worth[t] = max(prices.Sell[t], 0)
	}
	return energy.Tariff{Buy: prices.Buy, Sell: worth}
}

// shareByClass shares the storage's powers out to parks with tariffs of their
// own: surplus is taken and deficit served from the best classes on, within a
// class in proportion; what goes through a park beyond that goes through the
// first of the best class.
func (s *splitter) shareByClass(parks []energy.Park, m *model.Model, d model.Dispatch, f flows, t int) {
	if d.Charge[t] > 0 {
		s.byClass(m.Classes, m.ChargeOrder(t), d.SurplusTaken[t], f.to, t,
			func(class *model.Class) energy.Watt { return class.Surplus[t] },
			func(park int) energy.Watt { return parks[park].Surplus(t) })
		if class, _ := m.ThroughCharge(t); class >= 0 {
			f.to[m.Classes[class].Parks[0]][t] += d.Charge[t] - d.SurplusTaken[t]
		}
	}
	if d.Discharge[t] > 0 {
		s.byClass(m.Classes, m.DischargeOrder(t), d.DeficitServed[t], f.from, t,
			func(class *model.Class) energy.Watt { return class.Deficit[t] },
			func(park int) energy.Watt { return parks[park].Deficit(t) })
		if class, _ := m.ThroughDischarge(t); class >= 0 {
			f.from[m.Classes[class].Parks[0]][t] += d.Discharge[t] - d.DeficitServed[t]
		}
	}
}

// byClass shares a power out, class by class in the order given.
func (s *splitter) byClass(classes []model.Class, order []int, left energy.Watt, to [][]energy.Watt, t int,
	ofClass func(*model.Class) energy.Watt, ofPark func(int) energy.Watt,
) {
	given := energy.Watt(0)
	for _, k := range order {
		take := min(left, ofClass(&classes[k]))
		left -= take
		for i := range s.parts {
			s.parts[i] = part{forced: to[i][t]} // what an earlier class has stays
		}
		for _, i := range classes[k].Parks {
			s.parts[i].own = ofPark(i)
		}
		s.split(given+take, 0, to, t)
		given += take
	}
}

// fromGrid and toGrid are what the storage trades with the grid itself.
func fromGrid(m *model.Model, d model.Dispatch, t int) energy.Watt {
	if through, _ := m.ThroughCharge(t); !m.Storage.GridTrade || through >= 0 {
		return 0
	}
	return d.Charge[t] - d.SurplusTaken[t]
}

func toGrid(m *model.Model, d model.Dispatch, t int) energy.Watt {
	if through, _ := m.ThroughDischarge(t); !m.Storage.GridTrade || through >= 0 {
		return 0
	}
	return d.Discharge[t] - d.DeficitServed[t]
}
