package schedule_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/model"
)

// writeLP writes the full mixed integer model, park by park, as the paper has
// it (design section 2), in kW and currency, knowing nothing of merit orders
// or community sums.
func writeLP(c *energy.Case, m *model.Model) string {
	var objective, rows, bounds, binaries strings.Builder
	hours := float64(c.Horizon.Minutes) / 60
	s := c.Storage
	fee := s.Fee.PerKilowattHour()
	kwh := func(units int64) float64 { return m.Lattice.KilowattHours(units) }
	term := func(b *strings.Builder, coefficient float64, name string, i ...any) {
		fmt.Fprintf(b, " %+.12g "+name+"\n", append([]any{coefficient}, i...)...)
	}
	for t := range c.Horizon.Periods {
		buy, sell := c.Tariff.Buy[t].PerKilowattHour(), c.Tariff.Sell[t].PerKilowattHour()
		var charge, discharge strings.Builder
		for i := range c.Parks {
			p := &c.Parks[i]
			term(&objective, buy*hours, "b_%d_%d", i, t)
			term(&objective, -sell*hours, "s_%d_%d", i, t)
			term(&objective, fee*hours, "c_%d_%d", i, t)
			term(&objective, fee*hours, "d_%d_%d", i, t)
			fmt.Fprintf(&rows, " balance_%d_%d: b_%d_%d - s_%d_%d + d_%d_%d - c_%d_%d = %.3f\n", i, t, i, t, i, t, i, t, i, t,
				(p.Load[t] - p.PV[t] - p.Wind[t]).Kilowatt())
			fmt.Fprintf(&charge, " + c_%d_%d", i, t)
			fmt.Fprintf(&discharge, " + d_%d_%d", i, t)
			if p.ImportLimit != energy.NoLimit {
				fmt.Fprintf(&bounds, " b_%d_%d <= %.3f\n", i, t, p.ImportLimit.Kilowatt())
			}
			if p.ExportLimit != energy.NoLimit {
				fmt.Fprintf(&bounds, " s_%d_%d <= %.3f\n", i, t, p.ExportLimit.Kilowatt())
			}
		}
		if s.GridTrade {
			term(&objective, buy*hours, "gc_%d", t)
			term(&objective, -sell*hours, "gs_%d", t)
			fmt.Fprintf(&charge, " + gc_%d", t)
			fmt.Fprintf(&discharge, " + gs_%d", t)
		}
		fmt.Fprintf(&rows, " charge_%d:%s - ch_%d = 0\n discharge_%d:%s - dis_%d = 0\n", t, charge.String(), t, t, discharge.String(), t)
		fmt.Fprintf(&rows, " up_%d: ch_%d - %.3f u_%d <= 0\n down_%d: dis_%d + %.3f u_%d <= %.3f\n",
			t, t, s.Power.Kilowatt(), t, t, t, s.Power.Kilowatt(), t, s.Power.Kilowatt())
		stored := fmt.Sprintf(" stored_%d: e_%d - %.12g ch_%d + %.12g dis_%d", t, t,
			hours*float64(s.ChargeEfficiency)/1e4, t, hours*1e4/float64(s.DischargeEfficiency), t)
		if t == 0 {
			fmt.Fprintf(&rows, "%s = %.9f\n", stored, kwh(m.Start))
		} else {
			fmt.Fprintf(&rows, "%s - e_%d = 0\n", stored, t-1)
		}
		low, high := m.Minimum, m.Maximum
		if t == c.Horizon.Periods-1 {
			low, high = m.EndLow, m.EndHigh
		}
		fmt.Fprintf(&bounds, " %.9f <= e_%d <= %.9f\n", kwh(low), t, kwh(high))
		fmt.Fprintf(&binaries, " u_%d", t)
	}
	return "Minimize\n cost:\n" + objective.String() + "Subject To\n" + rows.String() + "Bounds\n" + bounds.String() + "Binaries\n" + binaries.String() + "\nEnd\n"
}

// oracle is an independent solver of mixed integer models.
type oracle struct {
	program string
	solve   func(t *testing.T, program, model string) (cost float64, feasible bool)
}

var oracles = []oracle{{"cbc", solveCBC}, {"glpsol", solveGLPK}}

func command(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

func solveCBC(t *testing.T, program, lp string) (float64, bool) {
	solution := lp + ".cbc"
	command(t, program, lp, "-ratioGap", "0", "-allowableGap", "0", "-seconds", "60", "-solve", "-solution", solution)
	text, err := os.ReadFile(solution)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if !strings.HasPrefix(first, "Optimal") {
		if strings.Contains(strings.ToLower(first), "infeasible") {
			return 0, false
		}
		t.Fatalf("cbc: %s", first)
	}
	_, value, _ := strings.Cut(first, "objective value")
	cost, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		t.Fatal(err)
	}
	return cost, true
}

func solveGLPK(t *testing.T, program, lp string) (float64, bool) {
	solution := lp + ".glpk"
	out := command(t, program, "--lp", lp, "--mipgap", "0", "--tmlim", "60", "--nopresol", "-w", solution)
	text, err := os.ReadFile(solution)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 6 && fields[0] == "s" && fields[1] == "mip" {
			cost, err := strconv.ParseFloat(fields[5], 64)
			if err != nil {
				t.Fatal(err)
			}
			if fields[4] == "o" {
				return cost, true
			}
			if strings.Contains(out, "NO PRIMAL FEASIBLE") || strings.Contains(out, "NO INTEGER FEASIBLE") || fields[4] == "n" {
				return 0, false
			}
			t.Fatalf("glpsol: status %s\n%s", fields[4], out)
		}
	}
	t.Fatalf("glpsol wrote no solution:\n%s", out)
	return 0, false
}

// agree solves a case with an oracle and by ourselves and compares.
func agree(t *testing.T, o oracle, c *energy.Case) (feasible bool) {
	t.Helper()
	p, err := schedule.FromCase(c, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(p)
	if err != nil {
		t.Fatal(err)
	}
	lp := filepath.Join(t.TempDir(), "case.lp")
	if err := os.WriteFile(lp, []byte(writeLP(c, m)), 0o600); err != nil {
		t.Fatal(err)
	}
	theirs, feasible := o.solve(t, o.program, lp)
	plan, err := schedule.Solve(p)
	if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
		if feasible {
			t.Fatalf("%v, but %s finds a plan of %f\n%+v", err, o.program, theirs, c)
		}
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	if !feasible {
		t.Fatalf("%s says infeasible, but there is a plan of %f\n%+v", o.program, plan.Cost.Currency(p.Minutes), c)
	}
	cost, bound := plan.Cost.Currency(p.Minutes), plan.Bound.Currency(p.Minutes)
	tolerance := schedule.Tolerance(p).Currency(p.Minutes)
	rounding := 1e-6 * (1 + math.Abs(theirs))
	if bound > theirs+rounding || cost < theirs-rounding || cost > theirs+tolerance+rounding {
		t.Fatalf("%s finds %.7f, we %.7f with a bound of %.7f (tolerance %.7f)\n%+v", o.program, theirs, cost, bound, tolerance, c)
	}
	return true
}

// randomCase draws a small case of mixed kind: parks with and without limits,
// each end rule, with and without grid trade, prices below zero.
func randomCase(r *rand.Rand) *energy.Case {
	periods := 2 + r.IntN(8)
	c := &energy.Case{Name: "random", Horizon: energy.Horizon{Minutes: []int{15, 30, 60}[r.IntN(3)], Periods: periods}}
	power := func(most int) energy.Watt { return energy.Watt(1000 * r.IntN(most)) }
	for i := range 1 + r.IntN(3) {
		p := energy.Park{Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
		if r.IntN(3) == 0 {
			p.ImportLimit = 250_000 + power(200)
		}
		if r.IntN(3) == 0 {
			p.ExportLimit = 250_000 + power(200)
		}
		for range periods {
			p.Load, p.PV, p.Wind = append(p.Load, power(400)), append(p.PV, power(300)), append(p.Wind, power(200))
		}
		c.Parks = append(c.Parks, p)
	}
	negative := energy.Price(r.IntN(2) * 200_000)
	for range periods {
		sell := energy.Price(100*r.IntN(6000)) - negative
		c.Tariff.Sell = append(c.Tariff.Sell, sell)
		c.Tariff.Buy = append(c.Tariff.Buy, sell+energy.Price(100*r.IntN(7000)))
	}
	capacity := energy.WattHour(10_000 * (1 + r.IntN(80)))
	c.Storage = energy.Storage{
		Power: power(300), Capacity: capacity, Minimum: capacity / 10, Maximum: capacity, Start: capacity / 2, End: capacity / 2,
		ChargeEfficiency: energy.Efficiency(100 * (85 + r.IntN(16))), DischargeEfficiency: energy.Efficiency(100 * (85 + r.IntN(16))),
		EndRule: energy.EndRule(r.IntN(2)), Fee: energy.Price(r.IntN(2) * 13_000), GridTrade: r.IntN(2) == 0,
	}
	if r.IntN(4) == 0 {
		c.Storage.End = capacity * energy.WattHour(2+r.IntN(9)) / 10
	}
	return c
}

func forEachOracle(t *testing.T, test func(t *testing.T, o oracle)) {
	for _, o := range oracles {
		t.Run(o.program, func(t *testing.T) {
			if _, err := exec.LookPath(o.program); err != nil {
				t.Skipf("%s is not installed; `make test` installs it from Debian", o.program)
			}
			test(t, o)
		})
	}
}

func TestIndependentSolversAgreeOnTheReferenceCase(t *testing.T) {
	c, _, err := casefile.Load("../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	forEachOracle(t, func(t *testing.T, o oracle) {
		for _, size := range [][2]int64{{300_000, 800_000}, {400_000, 1_000_000}, {800_000, 2_000_000}, {1_000_000, 20_000_000}} {
			sized := *c
			s := &sized.Storage
			s.Power, s.Maximum = energy.Watt(size[0]), energy.WattHour(size[1])
			s.Start, s.End = s.Maximum/2, s.Maximum/2
			agree(t, o, &sized)
		}
	})
}

// Law: on cases of mixed kinds an independent solver on the full per-park
// model finds the same cost, up to whole watts, and the same feasibility.
func TestIndependentSolversAgreeOnRandomCases(t *testing.T) {
	forEachOracle(t, func(t *testing.T, o oracle) {
		r := rand.New(rand.NewPCG(21, 22))
		infeasible := 0
		const cases = 60
		for range cases {
			if !agree(t, o, randomCase(r)) {
				infeasible++
			}
		}
		t.Logf("%d of %d cases infeasible by both", infeasible, cases)
	})
}
