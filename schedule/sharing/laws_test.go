package sharing_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
	"github.com/sesame-energy/sesame/schedule/scheduletest"
)

// coalition draws one park or two.
func coalition(t *rapid.T, parks int) []int {
	first, second := rapid.IntRange(0, parks-1).Draw(t, "park"), rapid.IntRange(0, parks-1).Draw(t, "other park")
	if first == second {
		return []int{first}
	}
	return []int{first, second}
}

// of is what some parks pay together.
func of(parks []int, bills []*big.Int) *big.Int {
	total := new(big.Int)
	for _, i := range parks {
		total.Add(total, bills[i])
	}
	return total
}

// wholeWatts is by how much the plan on a true forecast may fall short of the
// most that can be saved, in 2^-40 of a cost unit: the tolerance of whole
// watts, the value of what one watt of discharge takes (the width of the end
// window), and the flooring of rho.
func wholeWatts(t rapid.TB, c *energy.Case, d *day) *big.Int {
	t.Helper()
	p, err := schedule.FromCase(c, true)
	if err != nil {
		t.Fatal(err)
	}
	slack := big.NewInt(int64(schedule.Tolerance(p)))
	perWatt := int64(energy.EfficiencyOne)/int64(c.Storage.DischargeEfficiency) + 1
	slack.Add(slack, big.NewInt(int64(c.Sharing.Reference)*perWatt))
	slack.Lsh(slack, 40)
	for i := range d.surplus {
		slack.Add(slack, d.terms.Use(d.surplus[i], d.deficit[i]))
	}
	return slack
}

// tell replaces what a park says of itself, in one of the ways in which it
// could hope to gain: much more or less than true, moved in time, or anything.
func tell(p *energy.Park, kind, factor int, r *rand.Rand) {
	for _, series := range []*[]energy.Watt{&p.Load, &p.PV} {
		told := slices.Clone(*series)
		for t := range told {
			switch kind {
			case 0:
				told[t] *= energy.Watt(factor)
			case 1:
				told[t] = (*series)[(t+factor)%len(told)]
			case 2:
				told[t] += energy.Watt(r.IntN(400_000))
			default:
				told[t] = energy.Watt(r.IntN(1_000_000))
			}
		}
		*series = told
		if kind == 0 && factor%2 == 1 {
			return // the load alone
		}
	}
}

// Law: a false forecast, by one park or by two together, does not lower what
// those who gave it pay: the saving, and with it every rebate, is greatest when
// the plan rests on what comes true.
func TestLiesInForecastsDoNotHelp(t *testing.T) {
	law := func(rt *rapid.T, c *energy.Case) {
		d := planned(rt, c, nil)
		slack := wholeWatts(rt, c, d)
		_, honest := d.settle(rt)
		liars := coalition(rt, len(c.Parks))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		kinds, factors := rapid.IntRange(0, 3), rapid.IntRange(0, 6)
		_, bills := planned(rt, c, func(c *energy.Case) {
			for _, i := range liars {
				tell(&c.Parks[i], kinds.Draw(rt, "lie"), factors.Draw(rt, "factor"), r)
			}
		}).settle(rt)
		if gain := new(big.Int).Sub(of(liars, honest), of(liars, bills)); gain.Cmp(slack) > 0 {
			rt.Fatalf("parks %v gain %.6f by a false forecast, whole watts explain %.6f", liars, currency(gain, c.Horizon.Minutes), currency(slack, c.Horizon.Minutes))
		}
	}
	t.Run("reference", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) { law(rt, reference(rt, 400_000, 1_000_000)) })
	})
	t.Run("random", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) { law(rt, scheduletest.Case(rt)) })
	})
}

// Law: moving energy over the meters from one park of an owner to another in
// any periods never lowers what the owner pays.
func TestWheelingNeverPays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDay(rt)
		taker, giver := rapid.IntRange(0, len(d.surplus)-1).Draw(rt, "taker"), rapid.IntRange(0, len(d.surplus)-1).Draw(rt, "giver")
		owned := []int{taker}
		if giver != taker {
			owned = append(owned, giver)
		}
		_, before := d.settle(t)
		for period := range d.terms.Buy {
			wheeled := energy.Watt(rapid.Int64Range(0, 1_000_000).Draw(rt, "wheeled"))
			d.deficit[taker][period] += wheeled
			d.surplus[giver][period] += wheeled
		}
		_, after := d.settle(t)
		neverLower(rt, d, owned, of(owned, before), of(owned, after))
	})
}

// neverLower fails where an owner of parks pays less than before, but for the
// flooring of rho to 2^-40, which moves a bill by less than U.
func neverLower(t *rapid.T, d *day, owned []int, before, after *big.Int) {
	t.Helper()
	slack := new(big.Int)
	for _, i := range owned {
		slack.Add(slack, d.terms.Use(d.surplus[i], d.deficit[i]))
	}
	if slack.Add(slack, after).Cmp(before) < 0 {
		t.Fatalf("the owner of parks %v paid %v and now pays %v", owned, before, after)
	}
}

// Law: one site behind two meters, with any part of its net power behind the
// one and the rest behind the other, never pays less than behind one meter.
func TestSplittingASiteNeverPays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDay(rt)
		site := rapid.IntRange(0, len(d.surplus)-1).Draw(rt, "site")
		_, before := d.settle(t)
		var surplus, deficit [2][]energy.Watt
		for period := range d.terms.Buy {
			net := d.surplus[site][period] - d.deficit[site][period]
			behind := energy.Watt(rapid.Int64Range(-2_000_000, 2_000_000).Draw(rt, "behind the first meter"))
			for k, power := range []energy.Watt{behind, net - behind} {
				surplus[k], deficit[k] = append(surplus[k], max(power, 0)), append(deficit[k], max(-power, 0))
			}
		}
		d.surplus[site], d.deficit[site] = surplus[0], deficit[0]
		d.surplus, d.deficit = append(d.surplus, surplus[1]), append(d.deficit, deficit[1])
		_, after := d.settle(t)
		owned := []int{site, len(d.surplus) - 1}
		neverLower(rt, d, owned, before[site], of(owned, after))
	})
}

// equalPlans gives plans of the same cost as d's, which differ in when the
// storage works: it moves power between two periods with the same prices, as
// often as it is told, and goes on from what is feasible, costs no other unit
// and is wanted.
func equalPlans(t rapid.TB, c *energy.Case, d *day, moves int, r *rand.Rand, wanted func(model.Dispatch) bool) []model.Dispatch {
	t.Helper()
	p, err := schedule.FromCase(c, true)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(p)
	if err != nil {
		t.Fatal(err)
	}
	at := dispatchOf(m, d.metered.Charge, d.metered.Discharge)
	first, periods := m.Total(at), p.Periods()
	var plans []model.Dispatch
	for range moves {
		from, to := r.IntN(periods), r.IntN(periods)
		charge, discharge := slices.Clone(at.Charge), slices.Clone(at.Discharge)
		series := charge
		if r.IntN(2) == 0 {
			series = discharge
		}
		if from == to || series[from] == 0 || p.Buy[from] != p.Buy[to] || p.Sell[from] != p.Sell[to] {
			continue
		}
		moved := 1 + energy.Watt(r.Int64N(int64(series[from])))
		series[from] -= moved
		series[to] += moved
		next := dispatchOf(m, charge, discharge)
		if certificate.KeepsLimits(m, next) == nil && m.Total(next) == first && wanted(next) {
			at, plans = next, append(plans, next)
		}
	}
	return plans
}

// dispatchOf completes what the storage does with what of it comes from
// surplus and serves deficit.
func dispatchOf(m *model.Model, charge, discharge []energy.Watt) model.Dispatch {
	whole := model.Dispatch{Charge: charge, Discharge: discharge}
	for t := range charge {
		whole.SurplusTaken = append(whole.SurplusTaken, m.Take(t, charge[t]))
		whole.DeficitServed = append(whole.DeficitServed, m.Serve(t, discharge[t]))
	}
	return whole
}

// Law: plans of equal cost that leave the same energy give the same bills, to
// the last unit, whenever their storage works.
func TestEqualPlansGiveEqualBills(t *testing.T) {
	tried := 0
	law := func(t rapid.TB, c *energy.Case, seed uint64) {
		d := planned(t, c, nil)
		_, want := d.settle(t)
		for _, plan := range equalPlans(t, c, d, 200, rand.New(rand.NewPCG(seed, 2)), func(model.Dispatch) bool { return true }) {
			d.metered.Charge, d.metered.Discharge = plan.Charge, plan.Discharge
			_, bills := d.settle(t)
			for i := range bills {
				if bills[i].Cmp(want[i]) != 0 {
					t.Fatalf("park %d pays %v under one plan and %v under another of equal cost", i, want[i], bills[i])
				}
			}
			tried++
		}
	}
	law(t, reference(t, 400_000, 1_000_000), 1)
	rapid.Check(t, func(rt *rapid.T) { law(rt, scheduletest.Case(rt), rapid.Uint64().Draw(rt, "seed")) })
	if tried < 100 {
		t.Errorf("%d plans of equal cost were found: the test does not tell", tried)
	}
}
