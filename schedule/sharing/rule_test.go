package sharing_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// day is a community with its storage's day: profiles by park, what was
// dispatched, and the rule.
type day struct {
	terms            sharing.Terms
	surplus, deficit [][]energy.Watt // by park
	metered          sharing.Metered
}

// settle applies the rule to the profiles and gives each park's bill, exact.
func (d *day) settle(t rapid.TB) (sharing.Settlement, []*big.Int) {
	t.Helper()
	sumU, sumB := new(big.Int), new(big.Int)
	d.metered.Surplus, d.metered.Deficit = sum(d.surplus), sum(d.deficit)
	for i := range d.surplus {
		sumU.Add(sumU, d.terms.Use(d.surplus[i], d.deficit[i]))
		sumB.Add(sumB, d.terms.WithoutStorage(d.surplus[i], d.deficit[i]))
	}
	settled, err := d.terms.Settle(d.metered, sumU, sumB)
	if err != nil {
		t.Fatal(err)
	}
	bills := make([]*big.Int, len(d.surplus))
	for i := range bills {
		bills[i] = d.terms.Bill(settled.Rho, d.surplus[i], d.deficit[i])
	}
	return settled, bills
}

func sum(series [][]energy.Watt) []energy.Watt {
	total := make([]energy.Watt, len(series[0]))
	for _, s := range series {
		for t := range s {
			total[t] += s[t]
		}
	}
	return total
}

// reference is the reference case with another size of storage.
func reference(t rapid.TB, power energy.Watt, capacity energy.WattHour) *energy.Case {
	t.Helper()
	c, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	s := &c.Storage
	s.Power, s.Maximum, s.Start, s.End = power, capacity, capacity/2, capacity/2
	return c
}

// planned is a case's day, its readings equal to the case's series and the
// storage as planned on the forecast given, nil for the series themselves.
func planned(t rapid.TB, c *energy.Case, forecast func(c *energy.Case)) *day {
	t.Helper()
	s := &c.Storage
	d := &day{terms: sharing.Terms{
		Minutes: c.Horizon.Minutes, Buy: c.Tariff.Buy, Sell: c.Tariff.Sell, Fee: s.Fee, GridTrade: s.GridTrade, EndRule: s.EndRule, Sharing: c.Sharing,
	}}
	for _, p := range c.Parks {
		surplus, deficit := energy.CommunitySums([]energy.Park{p}, c.Horizon.Periods)
		d.surplus, d.deficit = append(d.surplus, surplus), append(d.deficit, deficit)
	}
	d.metered.Surplus, d.metered.Deficit = sum(d.surplus), sum(d.deficit)
	if forecast != nil {
		forecast(c)
	}
	p, err := schedule.FromCase(c, true)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := schedule.Solve(p)
	if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.metered.Charge, d.metered.Discharge = plan.Charge, plan.Discharge
	last := plan.Energy[len(plan.Energy)-1]
	d.metered.Stored = sharing.Stored{
		Start: int64(s.Start) * plan.Lattice.PerWattHour, End: last, Target: int64(s.End) * plan.Lattice.PerWattHour, PerWattHour: plan.Lattice.PerWattHour,
	}
	return d
}

// currency converts an exact amount for comparison with published figures.
func currency(exact *big.Int, minutes int) float64 {
	value, _ := new(big.Rat).SetFrac(exact, big.NewInt(sharing.RhoOne)).Float64()
	return value * float64(minutes) / 60 / 1e9
}

func TestReferenceCaseIsSharedAsTheDesignSays(t *testing.T) {
	d := planned(t, reference(t, 400_000, 1_000_000), nil)
	settled, bills := d.settle(t)
	without, rebates := []float64{4165.43, 2270.32, -1714.67}, []float64{614.7, 584.3, 574.6}
	for i := range bills {
		b := d.terms.WithoutStorage(d.surplus[i], d.deficit[i])
		before := currency(b.Lsh(b, 40), 60)
		if math.Abs(before-without[i]) > 0.005 {
			t.Errorf("park %d pays %.3f without storage, want %.2f", i+1, before, without[i])
		}
		if rebate := before - currency(bills[i], 60); math.Abs(rebate-rebates[i]) > 0.05 {
			t.Errorf("park %d has a rebate of %.3f, want %.1f", i+1, rebate, rebates[i])
		}
	}
	if rho := float64(settled.Rho) / float64(sharing.RhoOne); math.Abs(rho-0.456) > 0.0005 {
		t.Errorf("rho %.4f, want 0.456", rho)
	}
	if left := currency(settled.Operator, 60); math.Abs(left-48.81) > 0.005 {
		t.Errorf("the operator keeps %.3f, want its fee of 48.81", left)
	}
}

func TestRhoIsAtMostOne(t *testing.T) {
	settled, _ := planned(t, reference(t, 1_000_000, 20_000_000), nil).settle(t)
	if settled.Rho != sharing.RhoOne {
		t.Errorf("rho %d of %d, want 1 with 20 MWh", settled.Rho, sharing.RhoOne)
	}
}

// drawDay draws profiles, prices and a dispatch without any plan behind it.
func drawDay(t *rapid.T) *day {
	periods, parks := rapid.IntRange(1, 6).Draw(t, "periods"), rapid.IntRange(1, 4).Draw(t, "parks")
	power := rapid.Map(rapid.Int64Range(0, 2_000_000), func(w int64) energy.Watt { return energy.Watt(w) })
	d := &day{}
	d.terms = sharing.Terms{
		Minutes: rapid.SampledFrom([]int{15, 30, 60}).Draw(t, "minutes"), Fee: energy.Price(rapid.IntRange(0, 60_000).Draw(t, "fee")),
		GridTrade: rapid.Bool().Draw(t, "grid trade"), EndRule: energy.EndRule(rapid.IntRange(0, 1).Draw(t, "end rule")),
		Sharing: energy.Sharing{
			Reference: energy.Price(rapid.IntRange(0, 1_000_000).Draw(t, "v")), OperatorShare: energy.Parts(rapid.IntRange(0, 1_000_000).Draw(t, "theta")),
		},
	}
	for range periods {
		sell := energy.Price(rapid.IntRange(-100_000, 700_000).Draw(t, "sell"))
		d.terms.Sell = append(d.terms.Sell, sell)
		d.terms.Buy = append(d.terms.Buy, sell+energy.Price(rapid.IntRange(0, 900_000).Draw(t, "spread")))
		charge, discharge := power.Draw(t, "charge"), energy.Watt(0)
		if rapid.Bool().Draw(t, "discharges") {
			charge, discharge = 0, charge
		}
		d.metered.Charge, d.metered.Discharge = append(d.metered.Charge, charge), append(d.metered.Discharge, discharge)
	}
	for range parks {
		var surplus, deficit []energy.Watt
		for range periods {
			s, w := power.Draw(t, "power"), energy.Watt(0)
			if rapid.Bool().Draw(t, "lacks") {
				s, w = 0, s
			}
			surplus, deficit = append(surplus, s), append(deficit, w)
		}
		d.surplus, d.deficit = append(d.surplus, surplus), append(d.deficit, deficit)
	}
	energyOf := rapid.Int64Range(0, 3_000_000)
	d.metered.Stored = sharing.Stored{Start: energyOf.Draw(t, "start"), End: energyOf.Draw(t, "end"), Target: energyOf.Draw(t, "target"), PerWattHour: 1}
	return d
}

// Law: no park pays more than without storage, whatever was metered.
func TestNobodyPaysMoreThanWithoutStorage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDay(rt)
		_, bills := d.settle(t)
		for i := range bills {
			without := d.terms.WithoutStorage(d.surplus[i], d.deficit[i])
			if bills[i].Cmp(without.Lsh(without, 40)) > 0 {
				rt.Fatalf("park %d pays %v, without storage %v", i, bills[i], without)
			}
		}
	})
}

// Law: what the parks pay is, to the last unit, what the grid company and the
// operator get, and the operator gets its fee and what of the saving the parks
// do not, less the value of energy left in the storage.
func TestBooksBalanceToTheLastUnit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDay(rt)
		settled, bills := d.settle(t)
		total := new(big.Int)
		for _, bill := range bills {
			total.Add(total, bill)
		}
		if total.Cmp(settled.Bills) != 0 {
			rt.Fatalf("bills add up to %v, settled %v", total, settled.Bills)
		}
		if paid := new(big.Int).Add(settled.GridDue, settled.Operator); paid.Cmp(total) != 0 {
			rt.Fatalf("parks pay %v, grid company and operator get %v", total, paid)
		}
		if settled.GridDue.Cmp(metersDue(d)) != 0 {
			rt.Fatalf("grid company is due %v, its meters say %v", settled.GridDue, metersDue(d))
		}
	})
}

// metersDue is the grid company's due from the community's exchange with it,
// in 2^-40 of a cost unit, straight from the formula with D and S in it.
func metersDue(d *day) *big.Int {
	due := new(big.Int)
	for t := range d.terms.Buy {
		m := d.metered
		a, b := d.terms.SurplusTaken(t, m.Charge[t], m.Surplus[t]), d.terms.DeficitServed(t, m.Discharge[t], m.Deficit[t])
		bought, sold := m.Deficit[t]-b+m.Charge[t]-a, m.Surplus[t]-a+m.Discharge[t]-b
		due.Add(due, new(big.Int).Mul(big.NewInt(int64(d.terms.Buy[t])), big.NewInt(int64(bought))))
		due.Sub(due, new(big.Int).Mul(big.NewInt(int64(d.terms.Sell[t])), big.NewInt(int64(sold))))
	}
	return due.Lsh(due, 40)
}

// Law: the public weights give the same bill as the rule.
func TestBillWeightsGiveTheBill(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDay(rt)
		settled, bills := d.settle(t)
		for i := range bills {
			byWeights := new(big.Int)
			for period := range d.terms.Buy {
				onSurplus, onDeficit := d.terms.BillWeights(period, settled.Rho)
				byWeights.Add(byWeights, onSurplus.Mul(onSurplus, big.NewInt(int64(d.surplus[i][period]))))
				byWeights.Add(byWeights, onDeficit.Mul(onDeficit, big.NewInt(int64(d.deficit[i][period]))))
			}
			if byWeights.Cmp(bills[i]) != 0 {
				rt.Fatalf("park %d: by weights %v, by the rule %v", i, byWeights, bills[i])
			}
		}
	})
}

func TestBillsAreFlooredToTheFinestMoney(t *testing.T) {
	terms := sharing.Terms{Minutes: 15}
	unit := new(big.Int).Lsh(big.NewInt(4000), 40) // 1e-6 currency in quarter hours
	for _, c := range []struct {
		add  int64
		want energy.Money
	}{{0, 1}, {-1, 0}, {1, 1}} {
		if got := terms.Floor(new(big.Int).Add(unit, big.NewInt(c.add))); got != c.want {
			t.Errorf("floor of one unit %+d is %d, want %d", c.add, got, c.want)
		}
	}
	if got := terms.Floor(big.NewInt(-1)); got != -1 {
		t.Errorf("floor of a little below 0 is %d, want -1", got)
	}
}

func TestSettleRefusesWhatIsNotWellFormed(t *testing.T) {
	good := sharing.Terms{Minutes: 60, Buy: []energy.Price{2}, Sell: []energy.Price{1}}
	metered := sharing.Metered{
		Charge: []energy.Watt{1}, Discharge: []energy.Watt{0}, Surplus: []energy.Watt{1}, Deficit: []energy.Watt{0},
		Stored: sharing.Stored{PerWattHour: 1},
	}
	if _, err := good.Settle(metered, new(big.Int), new(big.Int)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(r *sharing.Terms, m *sharing.Metered){
		"other length":    func(_ *sharing.Terms, m *sharing.Metered) { m.Charge = nil },
		"negative power":  func(_ *sharing.Terms, m *sharing.Metered) { m.Surplus = []energy.Watt{-1} },
		"no unit":         func(_ *sharing.Terms, m *sharing.Metered) { m.Stored.PerWattHour = 0 },
		"odd period":      func(r *sharing.Terms, _ *sharing.Metered) { r.Minutes = 7 },
		"negative value":  func(r *sharing.Terms, _ *sharing.Metered) { r.Sharing.Reference = -1 },
		"share above one": func(r *sharing.Terms, _ *sharing.Metered) { r.Sharing.OperatorShare = energy.PartsOne + 1 },
	} {
		r, m := good, metered
		change(&r, &m)
		if _, err := r.Settle(m, new(big.Int), new(big.Int)); err == nil {
			t.Errorf("%s: settled", name)
		}
	}
	if _, err := good.Settle(metered, big.NewInt(-1), new(big.Int)); err == nil {
		t.Error("negative sum of U: settled")
	}
}
