package model

import (
	"errors"
	"testing"

	"github.com/sesame-energy/sesame/energy"
)

// hour is a problem of one hour with 5 kW of surplus and 3 kW of deficit.
func hour(change func(*Problem)) Problem {
	p := Problem{
		Minutes: 60, Buy: []energy.Price{600_000}, Sell: []energy.Price{200_000},
		Surplus: []energy.Watt{5000}, Deficit: []energy.Watt{3000},
		Storage: energy.Storage{
			Power: 8000, Maximum: 20_000, Start: 10_000, End: 10_000,
			ChargeEfficiency: 9600, DischargeEfficiency: 9600, Fee: 10_000, GridTrade: true,
		},
	}
	if change != nil {
		change(&p)
	}
	return p
}

func TestLatticeMakesEveryWattWhole(t *testing.T) {
	m, err := New(hour(nil))
	if err != nil {
		t.Fatal(err)
	}
	// 0.96 = 24/25: 576, 625 and 600 have no common factor.
	if want := (Lattice{Up: 576, Down: 625, PerWattHour: 600}); m.Lattice != want {
		t.Errorf("lattice %+v, want %+v", m.Lattice, want)
	}
	if m.Start != 6_000_000 || m.EndLow != 6_000_000 || m.EndHigh != 6_000_624 {
		t.Errorf("start %d, end %d to %d", m.Start, m.EndLow, m.EndHigh)
	}
	if got := m.Lattice.WattHours(-1); got != -1 {
		t.Errorf("one unit below 0 is %d Wh, want -1", got)
	}
}

func TestLatticeRefinesForPartsOfWattHours(t *testing.T) {
	m, err := New(hour(func(p *Problem) {
		p.Storage.ChargeEfficiency, p.Storage.DischargeEfficiency = 10_000, 10_000
		p.Storage.Fine = &energy.FineEnergy{Denominator: 1000, Maximum: 20_000_000, Start: 10_000_500, End: 10_000_250}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Lattice{Up: 4, Down: 4, PerWattHour: 4}); m.Lattice != want || m.Start != 40_002 || m.EndLow != 40_001 || m.EndHigh != 40_004 {
		t.Errorf("lattice %+v, start %d, end %d to %d", m.Lattice, m.Start, m.EndLow, m.EndHigh)
	}
}

func TestEndWindowSlidesDownAtAFullStorage(t *testing.T) {
	m, err := New(hour(func(p *Problem) { p.Storage.End = 20_000 }))
	if err != nil {
		t.Fatal(err)
	}
	if m.EndHigh != m.Maximum || m.EndLow != m.Maximum-624 {
		t.Errorf("end %d to %d of %d", m.EndLow, m.EndHigh, m.Maximum)
	}
}

// vertices lists a curve's vertices as power and cost per side.
func vertices(m *Model, curve Curve) (all [][][2]int64) {
	for i := range curve.N {
		var side [][2]int64
		for j := range curve.Side[i].N {
			x := curve.Side[i].X[j]
			power := x / m.Lattice.Up
			if x < 0 {
				power = x / m.Lattice.Down
			}
			side = append(side, [2]int64{power, curve.Side[i].C[j]})
		}
		all = append(all, side)
	}
	return all
}

func TestMeritOrderIsThatOfTheDesign(t *testing.T) {
	type sides = [][][2]int64
	for name, c := range map[string]struct {
		change func(*Problem)
		want   sides
	}{
		"surplus and deficit do not meet convexly": {nil, sides{
			{{-8000, -3000*590_000 - 5000*200_000}, {-3000, -3000 * 590_000}, {0, 0}},
			{{0, 0}, {5000, 5000 * 210_000}, {8000, 5000*210_000 + 3000*600_000}},
		}},
		"without deficit one convex curve": {func(p *Problem) { p.Deficit[0] = 0 }, sides{
			{{-8000, -8000 * 200_000}, {0, 0}, {5000, 5000 * 210_000}, {8000, 5000*210_000 + 3000*600_000}},
		}},
		"a fee above the spread leaves the grid only": {func(p *Problem) { p.Storage.Fee = 500_000 }, sides{
			{{-8000, -8000 * 200_000}, {0, 0}, {8000, 8000 * 600_000}},
		}},
		"without grid trade the rest goes through the parks": {func(p *Problem) { p.Storage.GridTrade = false }, sides{
			{{-8000, -3000*590_000 - 5000*190_000}, {-3000, -3000 * 590_000}, {0, 0}},
			{{0, 0}, {5000, 5000 * 210_000}, {8000, 5000*210_000 + 3000*610_000}},
		}},
		"as far as they have room": {func(p *Problem) {
			p.Storage.GridTrade = false
			p.Limits = &Limits{[]energy.Watt{0}, []energy.Watt{0}, []energy.Watt{1000}, []energy.Watt{0}}
		}, sides{
			{{-3000, -3000 * 590_000}, {0, 0}},
			{{0, 0}, {5000, 5000 * 210_000}, {6000, 5000*210_000 + 1000*610_000}},
		}},
		"forced charge leaves no other direction": {func(p *Problem) {
			p.Limits = &Limits{[]energy.Watt{2000}, []energy.Watt{0}, []energy.Watt{-1}, []energy.Watt{-1}}
		}, sides{
			{{2000, 2000 * 210_000}, {5000, 5000 * 210_000}, {8000, 5000*210_000 + 3000*600_000}},
		}},
		"curtailment frees surplus beyond the limits": {func(p *Problem) {
			p.Curtailment = true
			p.Limits = &Limits{[]energy.Watt{2000}, []energy.Watt{0}, []energy.Watt{-1}, []energy.Watt{-1}}
		}, sides{
			{{-8000, -3000*590_000 - 5000*200_000}, {-3000, -3000 * 590_000}, {0, 0}},
			{{0, 0}, {2000, 2000 * 10_000}, {5000, 2000*10_000 + 3000*210_000}, {8000, 2000*10_000 + 3000*210_000 + 3000*600_000}},
		}},
		"surplus that sells at a loss is free": {func(p *Problem) { p.Curtailment, p.Sell[0] = true, -50_000 }, sides{
			{{-8000, -3000*590_000 + 5000*50_000}, {-3000, -3000 * 590_000}, {0, 0}},
			{{0, 0}, {5000, 5000 * 10_000}, {8000, 5000*10_000 + 3000*600_000}},
		}},
		"local trade puts serving surplus behind sold surplus": {func(p *Problem) {
			p.LocalTrade, p.Storage.Fee = &energy.LocalTrade{Fee: 50_000}, 10_000
		}, sides{
			{{-8000, -3000*350_000 - 3000*240_000 - 5000*200_000}, {-3000, -3000*350_000 - 3000*240_000}, {0, -3000 * 350_000}},
			{
				{0, -3000 * 350_000},
				{2000, -3000*350_000 + 2000*210_000},
				{5000, -3000*350_000 + 2000*210_000 + 3000*560_000},
				{8000, -3000*350_000 + 2000*210_000 + 3000*560_000 + 3000*600_000},
			},
		}},
		"local trade meets what limits force": {func(p *Problem) {
			p.LocalTrade = &energy.LocalTrade{Fee: 50_000}
			p.Limits = &Limits{[]energy.Watt{4000}, []energy.Watt{0}, []energy.Watt{-1}, []energy.Watt{0}}
		}, sides{
			{
				{1000, 4000*200_000 - 3000*550_000 + 1000*10_000},
				{2000, 4000*200_000 - 3000*550_000 + 1000*10_000 + 1000*210_000},
				{5000, 4000*200_000 - 3000*550_000 + 1000*10_000 + 1000*210_000 + 3000*560_000},
				{8000, 4000*200_000 - 3000*550_000 + 1000*10_000 + 1000*210_000 + 3000*560_000 + 3000*600_000},
			},
		}},
		"own surplus switched off lets energy out": {func(p *Problem) {
			p.Curtailment, p.Storage.GridTrade = true, false
			p.Limits = &Limits{[]energy.Watt{1000}, []energy.Watt{0}, []energy.Watt{1000}, []energy.Watt{0}}
		}, sides{
			{{-7000, -3000*590_000 + 4000*10_000}, {-3000, -3000 * 590_000}, {0, 0}},
			{{0, 0}, {1000, 1000 * 10_000}, {5000, 1000*10_000 + 4000*210_000}, {6000, 1000*10_000 + 4000*210_000 + 1000*610_000}},
		}},
		"no power, no change": {func(p *Problem) { p.Storage.Power = 0 }, sides{{{0, 0}}}},
	} {
		m, err := New(hour(c.change))
		if err != nil {
			t.Fatal(name, err)
		}
		got := vertices(m, m.Curve(0, new(Arena)))
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if len(got[i]) != len(c.want[i]) {
				t.Errorf("%s: side %d is %v, want %v", name, i, got[i], c.want[i])
				continue
			}
			for j := range got[i] {
				if got[i][j] != c.want[i][j] {
					t.Errorf("%s: side %d is %v, want %v", name, i, got[i], c.want[i])
				}
			}
		}
	}
}

func TestBlockedPeriodNamesTheLimit(t *testing.T) {
	for limit, limits := range map[string]*Limits{
		"parks.export_limit_kw": {[]energy.Watt{1000}, []energy.Watt{1000}, []energy.Watt{0}, []energy.Watt{0}},
		"parks.import_limit_kw": {[]energy.Watt{0}, []energy.Watt{2500}, []energy.Watt{0}, []energy.Watt{0}},
	} {
		m, err := New(hour(func(p *Problem) { p.Limits, p.Storage.Power = limits, 2000 }))
		if err != nil {
			t.Fatal(err)
		}
		if blocked := m.Blocked(0); m.Curve(0, new(Arena)).N != 0 || blocked == nil || blocked.Limit != limit || blocked.Period != 0 {
			t.Errorf("%s: blocked %v", limit, m.Blocked(0))
		}
	}
}

func TestLocalTradeForcesOnlyWhatNoParkTakes(t *testing.T) {
	limits := &Limits{[]energy.Watt{5000}, []energy.Watt{1000}, []energy.Watt{0}, []energy.Watt{0}}
	m, err := New(hour(func(p *Problem) {
		p.Limits, p.LocalTrade, p.Storage.Power = limits, new(energy.LocalTrade), 1999
	}))
	if err != nil {
		t.Fatal(err)
	}
	if blocked := m.Blocked(0); m.Curve(0, new(Arena)).N != 0 || blocked == nil || blocked.Limit != "parks.export_limit_kw" {
		t.Errorf("2000 W beyond what parks take through 1999 W: %v", blocked)
	}
	m.Storage.Power = 2000
	if curve := m.Curve(0, new(Arena)); curve.N != 1 || m.Blocked(0) != nil {
		t.Errorf("2000 W are blocked: %v", m.Blocked(0))
	}
}

func TestACapThatCannotBeKeptIsNamed(t *testing.T) {
	for name, change := range map[string]func(*Problem){
		"more than the storage's power": func(p *Problem) { p.Storage.Power = 1999 },
		"with trade": func(p *Problem) {
			p.LocalTrade, p.Surplus[0], p.Storage.Power = new(energy.LocalTrade), 500, 1499
		},
		"while surplus must be taken": func(p *Problem) {
			p.Limits = &Limits{[]energy.Watt{1}, []energy.Watt{0}, []energy.Watt{0}, []energy.Watt{0}}
		},
	} {
		m, err := New(hour(func(p *Problem) { p.Import = &energy.Import{Cap: 1000}; change(p) }))
		if err != nil {
			t.Fatal(err)
		}
		if blocked := m.Blocked(0); m.Curve(0, new(Arena)).N != 0 || blocked == nil || blocked.Limit != "import_cap_kw" {
			t.Errorf("%s: blocked %v", name, blocked)
		}
	}
}

// With a cap of 4 kW, local trade and a storage that buys more cheaply than the
// dearest deficit less both fees, charge goes on on surplus that serves deficit.
func TestTradeMakesRoomBelowACap(t *testing.T) {
	m, err := New(hour(func(p *Problem) {
		p.Surplus[0], p.Deficit[0], p.Storage.Fee = 2000, 5000, 100_000
		p.LocalTrade, p.Import = &energy.LocalTrade{Fee: 450_000}, &energy.Import{Cap: 4000}
	}))
	if err != nil {
		t.Fatal(err)
	}
	// Trade does not pay (0.6 - 0.45 < 0.2), but 1 kW of deficit is beyond the
	// cap. Then 1 kW of surplus is left: a watt of it serves a deficit (0.2 lost,
	// 0.45 of fee, 0.6 not bought) and the storage buys (0.6), or goes into it
	// (0.2 and 0.1).
	rest := int64(1000 * (200_000 + 450_000 - 600_000))
	want := [][2]int64{{0, rest}, {1000, rest + 1000*300_000}}
	got := vertices(m, m.Curve(0, new(Arena)))
	charge := got[len(got)-1]
	if len(charge) != len(want) || charge[0] != want[0] || charge[1] != want[1] {
		t.Errorf("%v, want %v", got, want)
	}
	m.Storage.Fee = 500_000 // now the storage's own purchase is better
	got = vertices(m, m.Curve(0, new(Arena)))
	if charge = got[len(got)-1]; charge[len(charge)-1] != [2]int64{1000, rest + 1000*650_000} {
		t.Errorf("%v, want 0.65 per kWh of charge", got)
	}
}

func TestEndOutsideTheWindowIsInfeasible(t *testing.T) {
	for _, end := range []energy.WattHour{20_001, -1} {
		_, err := New(hour(func(p *Problem) { p.Storage.End = end }))
		if infeasible := new(Infeasible); !errors.As(err, &infeasible) || infeasible.Limit != "storage.soc_end" {
			t.Errorf("end %d: %v", end, err)
		}
	}
}

func TestToleranceIsTwoWattsOfTheDearestPrice(t *testing.T) {
	// 2 (0.6 + 0.01) / 0.96^2 = 1.323784722.. in 1e-6 currency per kW.
	if got := Tolerance(hour(nil)); got != 1_323_785 {
		t.Errorf("tolerance %d, want 1323785", got)
	}
}
