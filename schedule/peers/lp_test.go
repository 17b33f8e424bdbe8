package peers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// lpWriter writes the full mixed integer model of a case in kW and currency.
// It knows nothing of merit orders or community sums. In period t
//
//	b_i_t, s_i_t  park i buys from and sells to the grid
//	c_i_t, d_i_t  park i gives to and takes from the storage
//	k_i_t         surplus that park i switches off, with curtailment
//	o_i_t, i_i_t  park i passes of its surplus to other parks, and takes from them for its deficit, with local trade
//	gc_t, gs_t    the storage itself buys and sells
//	ch_t, dis_t   charge and discharge, of which u_t allows one
//	peak          the highest import of the community, where it is charged
//	e_t           stored energy at the end of the period, kWh
type lpWriter struct {
	objective, rows, bounds, binaries strings.Builder

	c     *energy.Case
	m     *model.Model // for the window of the stored energy only
	hours float64
}

// writeLP gives the model in the LP format. Only the window of the stored
// energy and of its end is taken from m.
func writeLP(c *energy.Case, m *model.Model) string {
	w := &lpWriter{c: c, m: m, hours: float64(c.Horizon.Minutes) / 60}
	for t := range c.Horizon.Periods {
		for i := range c.Parks {
			w.park(i, t)
		}
		w.trade(t)
		w.imports(t)
		w.storage(t)
		w.stored(t)
	}
	return "Minimize\n cost:\n" + w.objective.String() + "Subject To\n" + w.rows.String() +
		"Bounds\n" + w.bounds.String() + "Binaries\n" + w.binaries.String() + "\nEnd\n"
}

// costs adds price x variable to the objective, the price being per kWh.
func (w *lpWriter) costs(price energy.Price, name string, index ...any) {
	fmt.Fprintf(&w.objective, " %+.12g "+name+"\n", append([]any{price.PerKilowattHour() * w.hours}, index...)...)
}

func (w *lpWriter) park(i, t int) {
	p, fee := &w.c.Parks[i], w.c.Storage.Fee
	tariff := w.c.Tariff
	if p.Tariff != nil {
		tariff = *p.Tariff
	}
	w.costs(tariff.Buy[t], "b_%d_%d", i, t)
	w.costs(-tariff.Sell[t], "s_%d_%d", i, t)
	w.costs(fee, "c_%d_%d", i, t)
	w.costs(fee, "d_%d_%d", i, t)
	local := ""
	if w.c.LocalTrade != nil {
		local = fmt.Sprintf(" + i_%[1]d_%[2]d - o_%[1]d_%[2]d", i, t)
		fmt.Fprintf(&w.bounds, " o_%[1]d_%[2]d <= %.3[3]f\n i_%[1]d_%[2]d <= %.3[4]f\n", i, t, p.Surplus(t).Kilowatt(), p.Deficit(t).Kilowatt())
	}
	if w.c.Curtailment {
		local += fmt.Sprintf(" - k_%d_%d", i, t)
		fmt.Fprintf(&w.bounds, " k_%d_%d <= %.3f\n", i, t, p.Surplus(t).Kilowatt())
		if w.c.LocalTrade != nil {
			fmt.Fprintf(&w.rows, " surplus_%[1]d_%[2]d: k_%[1]d_%[2]d + o_%[1]d_%[2]d <= %.3[3]f\n", i, t, p.Surplus(t).Kilowatt())
		}
	}
	fmt.Fprintf(&w.rows, " balance_%[1]d_%[2]d: b_%[1]d_%[2]d - s_%[1]d_%[2]d + d_%[1]d_%[2]d - c_%[1]d_%[2]d%[4]s = %.3[3]f\n",
		i, t, (p.Load[t] - p.PV[t] - p.Wind[t]).Kilowatt(), local)
	if p.ImportLimit != energy.NoLimit {
		fmt.Fprintf(&w.bounds, " b_%d_%d <= %.3f\n", i, t, p.ImportLimit.Kilowatt())
	}
	if p.ExportLimit != energy.NoLimit {
		fmt.Fprintf(&w.bounds, " s_%d_%d <= %.3f\n", i, t, p.ExportLimit.Kilowatt())
	}
}

// trade makes parks take together what they pass to each other.
func (w *lpWriter) trade(t int) {
	if w.c.LocalTrade == nil {
		return
	}
	fmt.Fprintf(&w.rows, " local_%d:", t)
	for i := range w.c.Parks {
		w.costs(w.c.LocalTrade.Fee, "i_%d_%d", i, t)
		fmt.Fprintf(&w.rows, " + i_%[1]d_%[2]d - o_%[1]d_%[2]d", i, t)
	}
	fmt.Fprintf(&w.rows, " = 0\n")
}

// imports keeps what the community buys below its cap and its peak.
func (w *lpWriter) imports(t int) {
	if w.c.Import == nil {
		return
	}
	var sum strings.Builder
	for i := range w.c.Parks {
		fmt.Fprintf(&sum, " + b_%d_%d", i, t)
	}
	if w.c.Storage.GridTrade {
		fmt.Fprintf(&sum, " + gc_%d", t)
	}
	if w.c.Import.Cap != energy.NoLimit {
		fmt.Fprintf(&w.rows, " cap_%d:%s <= %.3f\n", t, sum.String(), w.c.Import.Cap.Kilowatt())
	}
	if w.c.Import.DemandCharge > 0 {
		fmt.Fprintf(&w.rows, " peak_%d:%s - peak <= 0\n", t, sum.String())
		if t == 0 {
			fmt.Fprintf(&w.objective, " %+.12g peak\n", w.c.Import.DemandCharge.PerKilowattHour())
		}
	}
}

func (w *lpWriter) storage(t int) {
	var charge, discharge strings.Builder
	for i := range w.c.Parks {
		fmt.Fprintf(&charge, " + c_%d_%d", i, t)
		fmt.Fprintf(&discharge, " + d_%d_%d", i, t)
	}
	if w.c.Storage.GridTrade {
		w.costs(w.c.Tariff.Buy[t], "gc_%d", t)
		w.costs(-w.c.Tariff.Sell[t], "gs_%d", t)
		fmt.Fprintf(&charge, " + gc_%d", t)
		fmt.Fprintf(&discharge, " + gs_%d", t)
	}
	fmt.Fprintf(&w.rows, " charge_%[1]d:%[2]s - ch_%[1]d = 0\n discharge_%[1]d:%[3]s - dis_%[1]d = 0\n", t, charge.String(), discharge.String())
	fmt.Fprintf(&w.rows, " up_%[1]d: ch_%[1]d - %.3[2]f u_%[1]d <= 0\n down_%[1]d: dis_%[1]d + %.3[2]f u_%[1]d <= %.3[2]f\n",
		t, w.c.Storage.Power.Kilowatt())
	fmt.Fprintf(&w.binaries, " u_%d", t)
}

func (w *lpWriter) stored(t int) {
	kwh := w.m.Lattice.KilowattHours
	s := w.c.Storage
	kept := 1 - w.hours*float64(s.SelfDischarge)/float64(energy.PartsOne) // not rounded, as ours is
	fmt.Fprintf(&w.rows, " stored_%[1]d: e_%[1]d - %.12[2]g ch_%[1]d + %.12[3]g dis_%[1]d", t,
		w.hours*float64(s.ChargeEfficiency)/1e4, w.hours*1e4/float64(s.DischargeEfficiency))
	if t == 0 {
		fmt.Fprintf(&w.rows, " = %.9f\n", kept*kwh(w.m.Start))
	} else {
		fmt.Fprintf(&w.rows, " - %.12g e_%d = 0\n", kept, t-1)
	}
	low, high := w.m.Minimum, w.m.Maximum
	if t == w.c.Horizon.Periods-1 {
		low, high = w.m.EndLow, w.m.EndHigh
	}
	fmt.Fprintf(&w.bounds, " %.9f <= e_%d <= %.9f\n", kwh(low), t, kwh(high))
}

func TestFullModelOfAnHourIsWrittenAsMeant(t *testing.T) {
	c := &energy.Case{
		Name: "hour", Horizon: energy.Horizon{Minutes: 60, Periods: 1},
		Tariff: energy.Tariff{Buy: []energy.Price{800_000}, Sell: []energy.Price{300_000}},
		Parks: []energy.Park{{
			Name: "park1", Load: []energy.Watt{5000}, PV: []energy.Watt{2000}, Wind: []energy.Watt{500},
			ImportLimit: 4000, ExportLimit: energy.NoLimit,
		}},
		Storage: energy.Storage{
			Power: 1000, Maximum: 2000, Start: 1000, End: 1000, EndRule: energy.EndAtLeast,
			ChargeEfficiency: 8000, DischargeEfficiency: 5000, Fee: 10_000,
		},
	}
	const want = `Minimize
 cost:
 +0.8 b_0_0
 -0.3 s_0_0
 +0.01 c_0_0
 +0.01 d_0_0
Subject To
 balance_0_0: b_0_0 - s_0_0 + d_0_0 - c_0_0 = 2.500
 charge_0: + c_0_0 - ch_0 = 0
 discharge_0: + d_0_0 - dis_0 = 0
 up_0: ch_0 - 1.000 u_0 <= 0
 down_0: dis_0 + 1.000 u_0 <= 1.000
 stored_0: e_0 - 0.8 ch_0 + 2 dis_0 = 1.000000000
Bounds
 b_0_0 <= 4.000
 1.000000000 <= e_0 <= 2.000000000
Binaries
 u_0
End
`
	_, m := problem(t, c)
	if got := writeLP(c, m); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
