package interior

import (
	"fmt"
	"math"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Variables of one period, in this order: surplus taken and what else is
// charged, deficit served and what else is discharged, power left unused,
// stored energy at the end of the period.
const (
	taken = iota
	bought
	served
	sold
	unused
	stored
	perPeriod
)

// program is the linear programme
//
//	minimise c x   subject to   A x = b,   0 <= x <= u
//
// where lower bounds have been moved to 0. A has two rows for each period:
//
//	stored_t - kept stored_{t-1} - up (taken + bought) + down (served + sold) = ...
//	taken + bought + served + sold + unused = power
//
// the second being charge <= P u_t and discharge <= P (1 - u_t) with u_t
// anywhere between 0 and 1. Powers are in kW, energy in kWh, money in currency.
type program struct {
	periods  int
	up, down float64 // kWh stored per kW of charge, taken per kW of discharge
	kept     float64 // part of the stored energy that self-discharge leaves in a period
	c, u     []float64
	lower    []float64 // what was moved to 0
	b        []float64
	constant float64 // cost at the lower bounds
}

func newProgram(m *model.Model) *program {
	periods := m.Periods()
	hours := float64(m.Minutes) / 60
	p := &program{
		periods: periods, kept: 1 - hours*float64(m.Storage.SelfDischarge)/float64(energy.PartsOne),
		up:   hours * float64(m.Storage.ChargeEfficiency) / float64(energy.EfficiencyOne),
		down: hours * float64(energy.EfficiencyOne) / float64(m.Storage.DischargeEfficiency),
		c:    make([]float64, perPeriod*periods), u: make([]float64, perPeriod*periods), lower: make([]float64, perPeriod*periods),
		b: make([]float64, 2*periods),
	}
	power := m.Storage.Power.Kilowatt()
	for t := range periods {
		buy, sell, fee := hours*m.Buy[t].PerKilowattHour(), hours*m.Sell[t].PerKilowattHour(), hours*m.Storage.Fee.PerKilowattHour()
		rest := 0.0
		if !m.Storage.GridTrade {
			rest = fee
		}
		room := roomOf(m, t)
		low, high := m.Minimum, m.Maximum
		if t == periods-1 {
			low, high = m.EndLow, m.EndHigh
		}
		p.set(t, taken, sell+fee, room.forcedCharge, m.Surplus[t].Kilowatt())
		p.set(t, bought, buy+rest, 0, min(power, room.charge))
		p.set(t, served, fee-buy, room.forcedDischarge, m.Deficit[t].Kilowatt())
		p.set(t, sold, rest-sell, 0, min(power, room.discharge))
		p.set(t, unused, 0, 0, math.Inf(1))
		least, most := p.reachable(m, t, m.Lattice.KilowattHours(low), m.Lattice.KilowattHours(high))
		p.set(t, stored, 0, least, most)
		p.b[2*t+1] = power
	}
	p.b[0] = p.kept * m.Lattice.KilowattHours(m.Start)
	moved := make([]float64, 2*periods)
	p.times(moved, p.lower)
	for i := range p.b {
		p.b[i] -= moved[i]
	}
	for i := range p.c {
		p.constant += p.c[i] * p.lower[i]
	}
	return p
}

// reachable narrows the window of the energy at the end of period t to what
// full power can reach from the start and reach the end from, so that an
// energy far beyond what the horizon moves does not spoil the numbers.
func (p *program) reachable(m *model.Model, t int, low, high float64) (least, most float64) {
	before, after := float64(t+1)*m.Storage.Power.Kilowatt(), float64(p.periods-t-1)*m.Storage.Power.Kilowatt()
	start, endLow, endHigh := m.Lattice.KilowattHours(m.Start), m.Lattice.KilowattHours(m.EndLow), m.Lattice.KilowattHours(m.EndHigh)
	// What is lost by then makes less of the start, and asks for more before the end.
	least = max(low, start*math.Pow(p.kept, float64(t+1))-before*p.down, endLow-after*p.up)
	most = min(high, start+before*p.up, (endHigh+after*p.down)/math.Pow(p.kept, float64(p.periods-t-1)))
	if least > most {
		return low, high // infeasible; check says why
	}
	return least, most
}

func (p *program) set(t, variable int, cost, low, high float64) {
	i := perPeriod*t + variable
	p.c[i], p.lower[i], p.u[i] = cost, low, high-low
}

// room is what limits of the parks force and allow, kW.
type room struct{ forcedCharge, forcedDischarge, charge, discharge float64 }

func roomOf(m *model.Model, t int) room {
	r := room{charge: math.Inf(1), discharge: math.Inf(1)}
	if m.Limits == nil {
		return r
	}
	r.forcedCharge, r.forcedDischarge = m.Limits.ForcedCharge[t].Kilowatt(), m.Limits.ForcedDischarge[t].Kilowatt()
	if w := m.Limits.ChargeRoom[t]; w != energy.NoLimit && !m.Storage.GridTrade {
		r.charge = w.Kilowatt()
	}
	if w := m.Limits.DischargeRoom[t]; w != energy.NoLimit && !m.Storage.GridTrade {
		r.discharge = w.Kilowatt()
	}
	return r
}

// column gives the entries of A in a variable's column: at most two rows of
// its own period, and for stored energy the balance of the next.
func (p *program) column(i int) (rows [2]int, entries [2]float64, n int) {
	t, variable := i/perPeriod, i%perPeriod
	balance, power := 2*t, 2*t+1
	switch variable {
	case taken, bought:
		return [2]int{balance, power}, [2]float64{-p.up, 1}, 2
	case served, sold:
		return [2]int{balance, power}, [2]float64{p.down, 1}, 2
	case unused:
		return [2]int{power}, [2]float64{1}, 1
	}
	if t+1 == p.periods {
		return [2]int{balance}, [2]float64{1}, 1
	}
	return [2]int{balance, balance + 2}, [2]float64{1, -p.kept}, 2
}

// times is out = A x.
func (p *program) times(out, x []float64) {
	clear(out)
	for i, v := range x {
		rows, entries, n := p.column(i)
		for k := range n {
			out[rows[k]] += entries[k] * v
		}
	}
}

// transposed is A' y at variable i.
func (p *program) transposed(y []float64, i int) float64 {
	rows, entries, n := p.column(i)
	sum := 0.0
	for k := range n {
		sum += entries[k] * y[rows[k]]
	}
	return sum
}

// check finds what no point can satisfy, by what can be reached in time order.
func (p *program) check(m *model.Model) error {
	low, high := p.b[0], p.b[0]
	for t := range p.periods {
		forced := p.lower[perPeriod*t+taken] + p.lower[perPeriod*t+served]
		power := m.Storage.Power.Kilowatt()
		if forced > power {
			return &model.Infeasible{Period: t, Limit: "storage.power_kw", Reason: fmt.Sprintf("park limits force %.3f kW through the storage, more than its %.3f kW", forced, power)}
		}
		if t == 0 {
			low = m.Lattice.KilowattHours(m.Start)
			high = low
		}
		low, high = p.kept*low, p.kept*high
		at := func(v int) (least, most float64) {
			i := perPeriod*t + v
			return p.lower[i], p.lower[i] + p.u[i]
		}
		takenLow, takenHigh := at(taken)
		_, boughtHigh := at(bought)
		servedLow, servedHigh := at(served)
		_, soldHigh := at(sold)
		charge, discharge := min(takenHigh+boughtHigh, power-servedLow), min(servedHigh+soldHigh, power-takenLow)
		least, most := at(stored)
		low = max(least, low+p.up*takenLow-p.down*discharge)
		high = min(most, high+p.up*charge-p.down*servedLow)
		if low > high+1e-9 {
			return &model.Infeasible{Period: t, Limit: "storage.energy_kwh", Reason: fmt.Sprintf("stored energy would have to be at least %.3f and at most %.3f kWh", low, high)}
		}
	}
	return nil
}
