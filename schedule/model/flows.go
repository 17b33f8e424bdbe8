package model

import "github.com/sesame-energy/sesame/energy"

// Flows is what a plan means for the groups of parks in one period, W, by
// their place in Groups.
type Flows struct {
	Used   []energy.Watt // surplus that goes into the storage or to other parks
	Served []energy.Watt // deficit that the storage or other parks serve

	// Bought is what parks buy for the storage, Sold what they sell for it;
	// Displaced is the part of Sold for which they switch surplus off.
	Bought, Sold, Displaced []energy.Watt

	FromGrid, ToGrid energy.Watt // the storage's own trade
}

// reset makes room for so many groups.
func (f *Flows) reset(groups int) {
	for _, series := range []*[]energy.Watt{&f.Used, &f.Served, &f.Bought, &f.Sold, &f.Displaced} {
		if cap(*series) < groups {
			*series = make([]energy.Watt, groups)
		}
		*series = (*series)[:groups]
		clear(*series)
	}
	f.FromGrid, f.ToGrid = 0, 0
}

// Flows puts into f how the powers of period t are best shared out to the
// groups; ties go to the first. Charge and discharge may both be above 0 only
// where there is no local trade, as in a relaxation.
func (m *Model) Flows(t int, d Dispatch, f *Flows) {
	f.reset(len(m.groups))
	taken, served := d.SurplusTaken[t], d.DeficitServed[t]
	if m.LocalTrade != nil {
		f.exchange(m, t, taken-served, d.Charge[t]-taken)
	} else {
		f.take(m, t, taken)
		f.serve(m, t, served)
	}
	steps := m.purchaseSteps(t, m.scratch[:0])
	ascending(steps)
	f.pass(steps, d.Charge[t]-taken, f.Bought, &f.FromGrid)
	steps = m.saleSteps(t, m.scratch[:0])
	descending(steps)
	f.pass(steps, d.Discharge[t]-served, f.Sold, &f.ToGrid)
}

// take shares out surplus that goes into the storage.
func (f *Flows) take(m *Model, t int, left energy.Watt) {
	if left == 0 {
		return
	}
	if !m.Curtailment {
		left -= f.forceUsed(m, t)
	}
	steps := m.surplusSteps(t, m.scratch[:0])
	ascending(steps)
	f.pass(steps, left, nil, nil)
}

// serve shares out deficit that the storage serves.
func (f *Flows) serve(m *Model, t int, left energy.Watt) {
	if left == 0 {
		return
	}
	for k := range m.groups {
		f.Served[k] = m.groups[k].limit(t).forcedDischarge
		left -= f.Served[k]
	}
	steps := m.deficitSteps(t, m.scratch[:0])
	descending(steps)
	f.pass(steps, left, nil, nil)
}

// forceUsed uses the surplus that limits force, and gives its sum.
func (f *Flows) forceUsed(m *Model, t int) energy.Watt {
	sum := energy.Watt(0)
	for k := range m.groups {
		f.Used[k] = m.groups[k].limit(t).forcedCharge
		sum += f.Used[k]
	}
	return sum
}

// exchange shares out what parks use and are served, so much more being used
// than served, and so much bought for the storage.
func (f *Flows) exchange(m *Model, t int, more, bought energy.Watt) {
	e := m.exchangeOf(t, m.beside(bought))
	if !m.Curtailment {
		f.forceUsed(m, t)
	}
	for k := range m.groups {
		f.Served[k] = m.groups[k].Deficit[t]
	}
	f.pass(e.steps, more-e.least, nil, nil)
}

// pass goes along steps for so many watts; what goes through the grid counts
// with the group that it passes, or as the storage's own.
func (f *Flows) pass(steps []step, left energy.Watt, passing []energy.Watt, own *energy.Watt) {
	for _, s := range steps {
		power := max(0, min(s.power, left))
		left -= power
		switch s.kind {
		case given:
			f.Served[s.class] -= power
		case surplus:
			f.Used[s.class] += power
		case deficit:
			f.Served[s.class] += power
		case grid:
			*own += power
		case displaced:
			f.Displaced[s.class] += power
			passing[s.class] += power
		case through:
			passing[s.class] += power
		}
	}
}
