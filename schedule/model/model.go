package model

import (
	"fmt"
	"math/bits"

	"github.com/sesame-energy/sesame/energy"
)

// Model is a problem that was found fit to compute with, and its stored energy
// on the lattice. It has working memory: one goroutine may use it at a time.
type Model struct {
	Problem
	Lattice Lattice
	Keeping Keeping // what self-discharge leaves of the stored energy in a period

	Minimum, Maximum, Start int64 // window of the stored energy and its start, lattice units
	Target                  int64 // end energy asked for
	EndLow, EndHigh         int64 // window of the energy at the end, inside the former two

	groups  []Class // the classes, or all
	all     [1]Class
	limited bool // some park has a grid limit

	scratch []step // for the merit order of one period
	few     [8]step
}

// New checks a problem. The error is a *FieldError, or an *Infeasible where
// the end energy asked for lies outside the storage's window.
func New(p Problem) (*Model, error) {
	m, err := NewWithoutEnd(p)
	if err != nil {
		return nil, err
	}
	if err := m.placeEnd(); err != nil {
		return nil, err
	}
	return m, nil
}

// NewWithoutEnd checks a problem as New does but for the end energy, whose
// window stays empty.
func NewWithoutEnd(p Problem) (*Model, error) {
	if err := checkSeries(p); err != nil {
		return nil, err
	}
	if err := checkStorage(p.Storage); err != nil {
		return nil, err
	}
	lattice, err := newLattice(p.Storage, p.Minutes)
	if err != nil {
		return nil, err
	}
	m := &Model{Problem: p, Lattice: lattice, Keeping: keepingOf(int64(p.Storage.SelfDischarge), int64(p.Minutes))}
	m.group()
	m.scratch = m.few[:0]
	if err := m.placeEnergies(); err != nil {
		return nil, err
	}
	if err := m.guardMoney(); err != nil {
		return nil, err
	}
	if err := m.guardPeak(); err != nil {
		return nil, err
	}
	return m, nil
}

func checkSeries(p Problem) error {
	if p.Minutes != 15 && p.Minutes != 30 && p.Minutes != 60 {
		return &FieldError{"period", fmt.Sprintf("%d minutes, expected 15, 30 or 60", p.Minutes)}
	}
	periods := len(p.Buy)
	if periods < 1 || periods > energy.MaxPeriods {
		return &FieldError{"periods", fmt.Sprintf("%d, expected 1 to %d", periods, energy.MaxPeriods)}
	}
	if len(p.Sell) != periods || len(p.Surplus) != periods || len(p.Deficit) != periods {
		return &FieldError{"periods", fmt.Sprintf("%d buying prices, %d selling prices, %d surpluses, %d deficits, expected as many of each",
			periods, len(p.Sell), len(p.Surplus), len(p.Deficit))}
	}
	for t := range periods {
		if p.Buy[t] < p.Sell[t] {
			return &FieldError{"tariff.buy", fmt.Sprintf("period %d: %d is below the selling price %d", t+1, p.Buy[t], p.Sell[t])}
		}
		if p.Surplus[t] < 0 || p.Deficit[t] < 0 {
			return &FieldError{"series", fmt.Sprintf("period %d: surplus %d W, deficit %d W, expected none below 0", t+1, p.Surplus[t], p.Deficit[t])}
		}
	}
	if p.LocalTrade != nil && p.LocalTrade.Fee < 0 {
		return &FieldError{"local_trade.fee_per_kwh", fmt.Sprintf("%d, expected 0 or more", p.LocalTrade.Fee)}
	}
	if err := checkImport(p); err != nil {
		return err
	}
	if err := checkClasses(p); err != nil {
		return err
	}
	if p.Limits != nil {
		return p.Limits.check(p.Surplus, p.Deficit)
	}
	return nil
}

func (l *Limits) check(surplus, deficit []energy.Watt) error {
	periods := len(surplus)
	if len(l.ForcedCharge) != periods || len(l.ForcedDischarge) != periods || len(l.ChargeRoom) != periods || len(l.DischargeRoom) != periods {
		return &FieldError{"parks.import_limit_kw", fmt.Sprintf("limits do not have %d periods", periods)}
	}
	for t := range periods {
		if l.ForcedCharge[t] < 0 || l.ForcedCharge[t] > surplus[t] || l.ChargeRoom[t] < energy.NoLimit {
			return &FieldError{"parks.export_limit_kw", fmt.Sprintf("period %d: limits do not fit the surplus", t+1)}
		}
		if l.ForcedDischarge[t] < 0 || l.ForcedDischarge[t] > deficit[t] || l.DischargeRoom[t] < energy.NoLimit {
			return &FieldError{"parks.import_limit_kw", fmt.Sprintf("period %d: limits do not fit the deficit", t+1)}
		}
	}
	return nil
}

func checkStorage(s energy.Storage) error {
	if s.Power < 0 {
		return &FieldError{"storage.power_kw", fmt.Sprintf("%d W, expected 0 or more", s.Power)}
	}
	if s.ChargeEfficiency < 1 || s.ChargeEfficiency > energy.EfficiencyOne {
		return &FieldError{"storage.charge_efficiency", fmt.Sprintf("%d of 10000, expected 1 to 10000", s.ChargeEfficiency)}
	}
	if s.DischargeEfficiency < 1 || s.DischargeEfficiency > energy.EfficiencyOne {
		return &FieldError{"storage.discharge_efficiency", fmt.Sprintf("%d of 10000, expected 1 to 10000", s.DischargeEfficiency)}
	}
	if s.Fee < 0 {
		return &FieldError{"storage.fee_per_kwh", fmt.Sprintf("%d, expected 0 or more", s.Fee)}
	}
	if s.SelfDischarge < 0 || s.SelfDischarge >= energy.PartsOne {
		return &FieldError{"storage.self_discharge_per_hour", fmt.Sprintf("%d of 1000000, expected 0 or more and below 1000000", s.SelfDischarge)}
	}
	if s.Fine != nil && s.Fine.Denominator < 1 {
		return &FieldError{"storage.energy_kwh", fmt.Sprintf("denominator %d, expected 1 or more", s.Fine.Denominator)}
	}
	return nil
}

// placeEnergies converts the storage's energies to lattice units.
func (m *Model) placeEnergies() error {
	s := m.Storage
	low, high, start, denominator := int64(s.Minimum), int64(s.Maximum), int64(s.Start), int64(1)
	if s.Fine != nil {
		low, high, start, denominator = s.Fine.Minimum, s.Fine.Maximum, s.Fine.Start, s.Fine.Denominator
	}
	if low < 0 || high < low {
		return &FieldError{"storage.soc_min", fmt.Sprintf("window of %d to %d Wh, expected 0 <= minimum <= maximum", s.Minimum, s.Maximum)}
	}
	if start < low || start > high {
		return &FieldError{"storage.soc_start", fmt.Sprintf("%d Wh, expected inside the window of %d to %d Wh", s.Start, s.Minimum, s.Maximum)}
	}
	var ok bool
	if m.Maximum, ok = m.Lattice.units(high, denominator); !ok {
		return &FieldError{"storage.energy_kwh", fmt.Sprintf(
			"%d Wh with these efficiencies is too large for exact arithmetic (at most %d Wh); efficiencies with fewer decimals allow more", s.Maximum, magnitude/m.Lattice.PerWattHour)}
	}
	m.Minimum, _ = m.Lattice.units(low, denominator)
	m.Start, _ = m.Lattice.units(start, denominator)
	if over(uint64(s.Power), uint64(m.Lattice.Down)) {
		return &FieldError{"storage.power_kw", fmt.Sprintf(
			"%d W with these efficiencies is too large for exact arithmetic (at most %d W)", s.Power, magnitude/m.Lattice.Down)}
	}
	return nil
}

// placeEnd finds the window of the energy at the end. Whole watts reach an
// exact energy in general never, so EndEqual allows what one watt of discharge
// takes in a period, from the energy asked for upwards, and at a full storage
// the window slides down.
func (m *Model) placeEnd() error {
	end, denominator := int64(m.Storage.End), int64(1)
	if m.Storage.Fine != nil {
		end, denominator = m.Storage.Fine.End, m.Storage.Fine.Denominator
	}
	last := m.Periods() - 1
	target, ok := int64(-1), true
	if end >= 0 {
		target, ok = m.Lattice.units(end, denominator)
	}
	if !ok || target > m.Maximum {
		return &Infeasible{last, "storage.soc_end", fmt.Sprintf("an end energy of %d Wh lies above the window's %d Wh", m.Storage.End, m.Storage.Maximum)}
	}
	if m.Storage.EndRule == energy.EndEqual && target < m.Minimum {
		return &Infeasible{last, "storage.soc_end", fmt.Sprintf("an end energy of %d Wh lies below the window's %d Wh", m.Storage.End, m.Storage.Minimum)}
	}
	m.Target = target
	m.EndLow = max(m.Minimum, min(target, m.Maximum-(m.Lattice.Down-1)))
	m.EndHigh = m.Maximum
	if m.Storage.EndRule == energy.EndEqual {
		m.EndHigh = min(m.Maximum, m.EndLow+m.Lattice.Down-1)
	}
	return nil
}

// maxPrice bounds a price with its fee, in 1e-6 currency per kWh.
const maxPrice = 1 << 40

// guardMoney makes sure that no sum of costs leaves 60 bits: neither what the
// storage can turn over, and what parks can trade, nor what the parks pay
// without it.
func (m *Model) guardMoney() error {
	turnover, baseline := uint64(0), uint64(0)
	for t := range m.Buy {
		price := uint64(m.steepest(t))
		if price >= maxPrice || over(uint64(m.Storage.Power), price) {
			return &FieldError{"tariff", fmt.Sprintf("period %d: a price of %d and a fee of %d 1e-6/kWh with %d W are too large for exact arithmetic",
				t+1, m.Buy[t], m.Storage.Fee, m.Storage.Power)}
		}
		turnover += uint64(m.Storage.Power) * price
		local := uint64(0)
		if m.LocalTrade != nil {
			local = uint64(m.LocalTrade.Fee)
		}
		exchange := uint64(m.Surplus[t]) + uint64(m.Deficit[t])
		if exchange >= magnitude || local >= maxPrice || over(exchange, price+local+1) {
			return &FieldError{"series", fmt.Sprintf("period %d: surplus of %d W and deficit of %d W are too large for exact arithmetic", t+1, m.Surplus[t], m.Deficit[t])}
		}
		baseline += exchange * price
		if m.LocalTrade != nil {
			turnover += exchange * (price + local)
		}
		if turnover >= magnitude {
			return &FieldError{"storage.power_kw", fmt.Sprintf("%d W at these prices turns over too much money in %d periods for exact arithmetic", m.Storage.Power, t+1)}
		}
		if baseline >= magnitude {
			return &FieldError{"series", fmt.Sprintf("the parks' power at these prices costs too much in %d periods for exact arithmetic", t+1)}
		}
	}
	return nil
}

// steepest is the largest cost that one W in period t can make. Limits can
// force parks to trade whatever the fee of local trade, and where trade makes
// room below a cap a W of surplus, of deficit and of what is bought move at once.
func (m *Model) steepest(t int) energy.Price {
	most := max(m.Buy[t], -m.Buy[t], m.Sell[t], -m.Sell[t])
	for k := range m.Classes {
		buy, sell := m.Classes[k].Tariff.Buy[t], m.Classes[k].Tariff.Sell[t]
		most = max(most, buy, -buy, sell, -sell)
	}
	switch {
	case m.LocalTrade != nil && m.Import != nil:
		most = 3*most + m.LocalTrade.Fee
	case m.LocalTrade != nil && m.limited:
		most += m.LocalTrade.Fee
	}
	return most + m.Storage.Fee
}

// over says whether a times b reaches the bound of magnitudes.
func over(a, b uint64) bool {
	hi, lo := bits.Mul64(a, b)
	return hi != 0 || lo >= magnitude
}

// Tolerance is the gap that whole watts may leave:
// 2 W sum_t h (max(|cb_t|, |cs_t|) + fee) / (charge x discharge efficiency),
// rounded up, and 2 W of demand charge; 0 where the problem is not well formed.
func Tolerance(p Problem) energy.Cost {
	m, err := NewWithoutEnd(p)
	if err != nil {
		return 0
	}
	return m.Tolerance()
}

// Tolerance is the gap that whole watts may leave.
func (m *Model) Tolerance() energy.Cost {
	sum := uint64(0)
	for t := range m.Buy {
		sum += uint64(m.steepest(t))
	}
	const scale = uint64(energy.EfficiencyOne) * uint64(energy.EfficiencyOne)
	losses := uint64(m.Storage.ChargeEfficiency) * uint64(m.Storage.DischargeEfficiency)
	hi, lo := bits.Mul64(2*sum, scale)
	lo, carry := bits.Add64(lo, losses-1, 0)
	hi += carry
	if hi >= losses {
		return magnitude
	}
	q, _ := bits.Div64(hi, lo, losses)
	return energy.Cost(min(q, magnitude)) + 2*m.PeakPrice()
}
