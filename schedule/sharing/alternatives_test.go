package sharing_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Money of alternatives to the rule is computed in floats, CNY: they are here
// to be shown wrong, on the reference day, with the figures of docs/planning.md.

func kilowatthours(power energy.Watt) float64 { return float64(power) / 1000 } // of one hour

func money(price energy.Price) float64 { return float64(price) / 1e6 }

// byThePaper is what each park pays by the paper's accounting: its own cost
// with the grid and its own fees, its part of the storage's power given to it;
// what the storage trades with the grid is nobody's.
func byThePaper(d *day) []float64 {
	pays := make([]float64, len(d.surplus))
	for t := range d.terms.Buy {
		taken := d.terms.SurplusTaken(t, d.metered.Charge[t], d.metered.Surplus[t])
		served := d.terms.DeficitServed(t, d.metered.Discharge[t], d.metered.Deficit[t])
		for i := range pays {
			to := share(taken, d.surplus[i][t], d.metered.Surplus[t])
			from := share(served, d.deficit[i][t], d.metered.Deficit[t])
			pays[i] += money(d.terms.Buy[t])*(kilowatthours(d.deficit[i][t])-from) - money(d.terms.Sell[t])*(kilowatthours(d.surplus[i][t])-to)
			pays[i] += money(d.terms.Fee) * (to + from)
		}
	}
	return pays
}

func share(power, own, all energy.Watt) float64 {
	if all == 0 {
		return 0
	}
	return kilowatthours(power) * float64(own) / float64(all)
}

func TestByThePapersAccountingAParkLoses(t *testing.T) {
	d := planned(t, reference(t, 400_000, 1_000_000), nil)
	const park3 = 2
	without := currency(d.terms.Bill(0, d.surplus[park3], d.deficit[park3]), 60)
	near(t, "what park3 loses by the paper's accounting", byThePaper(d)[park3]-without, 399.75)
}

// furthest goes along plans of equal cost, in a direction, as far as a park's
// cost by the paper's accounting rises (or, below 0, falls).
func furthest(t *testing.T, d *day, park int, direction float64) float64 {
	found := byThePaper(d)[park]
	equalPlans(t, reference(t, 400_000, 1_000_000), d, 20_000, rand.New(rand.NewPCG(1, 3)), func(plan model.Dispatch) bool {
		other := *d
		other.metered.Charge, other.metered.Discharge = plan.Charge, plan.Discharge
		pays := byThePaper(&other)[park]
		if direction*(pays-found) < 0 {
			return false
		}
		found = pays
		return true
	})
	return found
}

func TestByThePapersAccountingEqualPlansAreNotEqualToAPark(t *testing.T) {
	d := planned(t, reference(t, 400_000, 1_000_000), nil)
	const park1 = 0
	near(t, "between plans of equal cost that were found, by the paper's accounting, park1 pays more or less by",
		furthest(t, d, park1, 1)-furthest(t, d, park1, -1), 32.66)
}

// near holds a figure of docs/planning.md, CNY.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	t.Logf("%s: %.2f", what, got)
	if math.Abs(got-want) > 0.005 {
		t.Errorf("%s is %.4f, expected %.2f", what, got, want)
	}
}

// perPlannedKilowatthour is what each park pays where the plan promises it a
// part of the storage's power in proportion to its forecast, and it pays the
// reference value and the fee for each kWh it takes of that, and is paid the
// reference value less the fee for each it gives.
func perPlannedKilowatthour(d *day, surplus, deficit [][]energy.Watt) []float64 {
	pays := make([]float64, len(d.surplus))
	v, fee := money(d.terms.Sharing.Reference), money(d.terms.Fee)
	sumS, sumD := sum(surplus), sum(deficit)
	for t := range d.terms.Buy {
		taken := d.terms.SurplusTaken(t, d.metered.Charge[t], sumS[t])
		served := d.terms.DeficitServed(t, d.metered.Discharge[t], sumD[t])
		for i := range pays {
			lacks, has := kilowatthours(d.deficit[i][t]), kilowatthours(d.surplus[i][t])
			to := min(has, share(taken, surplus[i][t], sumS[t]))
			from := min(lacks, share(served, deficit[i][t], sumD[t]))
			pays[i] += money(d.terms.Buy[t])*(lacks-from) - money(d.terms.Sell[t])*(has-to) + (v+fee)*from - (v-fee)*to
		}
	}
	return pays
}

func TestPricesPerPlannedKilowatthourRewardLies(t *testing.T) {
	d := planned(t, reference(t, 400_000, 1_000_000), nil)
	honest := perPlannedKilowatthour(d, d.surplus, d.deficit)
	lie := planned(t, reference(t, 400_000, 1_000_000), func(c *energy.Case) {
		for h := range c.Horizon.Periods {
			c.Parks[0].Load[h] += 4 * c.Parks[0].Deficit(h)
		}
	})
	deficit := [][]energy.Watt{make([]energy.Watt, 24), d.deficit[1], d.deficit[2]}
	for h := range deficit[0] {
		deficit[0][h] = 5 * d.deficit[0][h]
	}
	pays := perPlannedKilowatthour(lie, d.surplus, deficit)
	near(t, "what park1 gains by telling five times its deficit", honest[0]-pays[0], 111.31)
	near(t, "what park2 loses by it", pays[1]-honest[1], 228.94)
}

// withoutClamps is what each park pays by the rule without the clamps of kappa
// by cs and of sigma by cb.
func withoutClamps(d *day, saving float64) []float64 {
	v, fee := money(d.terms.Sharing.Reference), money(d.terms.Fee)
	pays, use, all := make([]float64, len(d.surplus)), make([]float64, len(d.surplus)), 0.0
	for i := range pays {
		for t := range d.terms.Buy {
			buy, sell := money(d.terms.Buy[t]), money(d.terms.Sell[t])
			lacks, has := kilowatthours(d.deficit[i][t]), kilowatthours(d.surplus[i][t])
			pays[i] += buy*lacks - sell*has
			use[i] += max(0, buy-fee-v)*lacks + max(0, v-sell-fee)*has
		}
		all += use[i]
	}
	for i := range pays {
		pays[i] -= min(1, saving/all) * use[i]
	}
	return pays
}

func TestWithoutClampsWheelingPays(t *testing.T) {
	d := planned(t, reference(t, 400_000, 1_000_000), nil)
	const park1, park3, wheeled = 0, 2, energy.Watt(100_000)
	settled, before := d.settle(t)
	saving, _ := settled.Saving.Float64()
	saving /= 1e9 // energy.Cost units of hours
	unclamped := withoutClamps(d, saving)
	for h := range d.terms.Buy {
		if d.terms.Buy[h] == d.terms.Sell[h] { // at night both ways cost the same
			d.deficit[park1][h] += wheeled
			d.surplus[park3][h] += wheeled
		}
	}
	_, after := d.settle(t)
	now := withoutClamps(d, saving)
	near(t, "what parks 1 and 3 gain without the clamps by wheeling 100 kW through the night", unclamped[park1]+unclamped[park3]-now[park1]-now[park3], 28.92)
	owned := []int{park1, park3}
	near(t, "what they gain by the rule", currency(new(big.Int).Sub(of(owned, before), of(owned, after)), 60), 0)
}
