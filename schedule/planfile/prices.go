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

// counted is the surplus of a park that counts without storage: with
// curtailment what it could sell, else all.
func counted(park *energy.Park, m *model.Model, t int) energy.Watt {
	if m.Curtailment {
		return sellable(park, m, t)
	}
	return park.Surplus(t)
}
