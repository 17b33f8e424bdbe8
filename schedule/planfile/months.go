package planfile

import (
	"math/big"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Month is what a plan does in the periods that begin in one local month. All
// months together make the whole; a month that fills the storage pays for the
// next.
type Month struct {
	Month      string `json:"month"` // 2024-07
	Periods    int    `json:"periods"`
	Baseline   number `json:"baseline_cost"`
	Cost       number `json:"cost"`
	Saving     number `json:"saving"`
	Charged    number `json:"charged_kwh"` // at the terminals
	Discharged number `json:"discharged_kwh"`
	Energy     number `json:"energy_kwh"` // stored at its end
}

// months splits a plan by local months; nil where it lies in one. A demand
// charge counts in the month of its peak, the first where there are several;
// below is the model in which parks keep the plan's peak.
func months(c *energy.Case, m, below *model.Model, d model.Dispatch) []Month {
	var found []Month
	var baseline, cost, intoIt, outOfIt int64
	stored := m.Start
	first, before := m.BaselinePeak()
	peak := below.Peak(d)
	charged := false
	for t := range m.Periods() {
		baseline += int64(m.BaselineOf(t))
		cost += int64(below.Cost(t, d))
		if t == first {
			baseline, cost = baseline+int64(m.PeakCost(before)), cost-int64(m.PeakCost(before))
		}
		if !charged && below.Imported(t, d) == peak {
			cost, charged = cost+int64(m.PeakCost(peak)), true
		}
		intoIt, outOfIt = intoIt+int64(d.Charge[t]), outOfIt+int64(d.Discharge[t])
		stored = m.After(stored, t, d)
		last := t == m.Periods()-1
		if !last && month(c, t) == month(c, t+1) {
			continue
		}
		begun := 0
		for _, before := range found {
			begun += before.Periods
		}
		found = append(found, Month{
			Month: month(c, t), Periods: t + 1 - begun,
			Baseline: money(energy.Cost(baseline), m.Minutes), Cost: money(energy.Cost(baseline+cost), m.Minutes), Saving: money(energy.Cost(-cost), m.Minutes),
			Charged: kilowattHours(intoIt, m.Minutes), Discharged: kilowattHours(outOfIt, m.Minutes),
			Energy: real(m.Lattice.KilowattHours(stored)),
		})
		baseline, cost, intoIt, outOfIt = 0, 0, 0, 0
	}
	if len(found) < 2 {
		return nil
	}
	return found
}

func month(c *energy.Case, t int) string {
	return time.Unix(c.Horizon.At(t), 0).In(c.Location).Format("2006-01")
}

// kilowattHours writes a sum of watts over periods as kWh, exactly.
func kilowattHours(watts int64, minutes int) number {
	return decimal(new(big.Int).Mul(big.NewInt(watts), big.NewInt(int64(minutes/15)*25)), 5)
}
