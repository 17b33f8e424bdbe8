package planfile

import (
	"encoding/base64"
	"fmt"
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
)

// Findings is what Check computed by itself.
type Findings struct {
	certificate.Verdict
	Tolerance energy.Cost
}

// Failure names the first thing in a plan file that does not hold.
type Failure struct {
	Period int    // 0-based, -1 where it concerns none
	Time   string // start of the period
	Limit  string // the limit or figure that fails
	Detail string
}

func (f *Failure) Error() string {
	if f.Period < 0 {
		return f.Limit + ": " + f.Detail
	}
	return fmt.Sprintf("period %d (%s): %s: %s", f.Period+1, f.Time, f.Limit, f.Detail)
}

// Check judges a plan file for a case and its problem: whether the storage and
// each park keep every limit, whether every figure is what it computes itself,
// to 1e-6, and whether the certificate proves the cost within the tolerance.
// A negative tolerance stands for that of whole watts. The error is a *Failure
// for the first thing that does not hold, a *FormatError where the file is not
// a plan, or that of a case that cannot be computed with.
func Check(c *energy.Case, p model.Problem, data []byte, tolerance energy.Cost) (Findings, error) {
	return CheckProving(c, p, data, tolerance, nil)
}

// CheckProving is Check for a plan that may come without a certificate, and
// without the stored energies: where there is no certificate it asks prove for
// one, which it trusts no more than one in the file. A bound and a gap that the
// file states beside no certificate rest on nothing and are passed over. A nil
// prove makes it Check.
func CheckProving(c *energy.Case, p model.Problem, data []byte, tolerance energy.Cost, prove func() ([]byte, error)) (Findings, error) {
	g, err := read(data)
	if err != nil {
		return Findings{}, err
	}
	m, err := model.New(p)
	if err != nil {
		return Findings{}, err
	}
	if tolerance < 0 {
		tolerance = m.Tolerance()
	}
	k := &check{c: c, m: m, g: g, prove: prove, found: Findings{Tolerance: tolerance}}
	k.found.Baseline = m.Baseline()
	for i := range c.Parks {
		k.prices = append(k.prices, pricesOf(c, &p, i))
	}
	for _, step := range []func() *Failure{k.shape, k.powers, k.dispatch, k.money, k.proof} {
		if failure := step(); failure != nil {
			return k.found, failure
		}
	}
	return k.found, nil
}

// check is one plan file under judgement.
type check struct {
	c     *energy.Case
	m     *model.Model
	g     *given
	prove func() ([]byte, error) // makes a certificate where there is none; nil: it fails
	found Findings
	d     model.Dispatch
	parks []*givenPark // in case order
	costs []*big.Int   // by park, energy.Cost units

	prices []energy.Tariff // by park
	peak   energy.Watt     // highest import of the community
}

func (k *check) fail(t int, limit, format string, values ...any) *Failure {
	f := &Failure{Period: t, Limit: limit, Detail: fmt.Sprintf(format, values...)}
	if t >= 0 {
		f.Time = at(k.c, t)
	}
	return f
}

// shape checks that there is a row for each period of the storage and of each
// park.
func (k *check) shape() *Failure {
	periods := k.m.Periods()
	if k.g.Status != nil && *k.g.Status == "infeasible" {
		return k.fail(-1, "status", "infeasible: there is no plan to check")
	}
	if k.g.Case != nil && *k.g.Case != k.c.Name {
		return k.fail(-1, "case", "the plan is for %q, expected %s", *k.g.Case, k.c.Name)
	}
	if k.g.Currency != nil && *k.g.Currency != k.c.Currency {
		return k.fail(-1, "currency", "is %q, expected %s", *k.g.Currency, k.c.Currency)
	}
	if k.g.Periods != nil {
		if err := near(k.g.Periods, float64(periods)); err != nil {
			return k.fail(-1, "periods", "%v", err)
		}
	}
	if len(k.g.Storage) != periods {
		return k.fail(-1, "storage", "%d rows, expected %d", len(k.g.Storage), periods)
	}
	byName := map[string]*givenPark{}
	for i := range k.g.Parks {
		park := &k.g.Parks[i]
		if park.Name == nil {
			return k.fail(-1, "parks", "entry %d has no name", i+1)
		}
		if byName[*park.Name] != nil {
			return k.fail(-1, "parks", "%q stands twice", *park.Name)
		}
		byName[*park.Name] = park
	}
	for i := range k.c.Parks {
		park := byName[k.c.Parks[i].Name]
		if park == nil {
			return k.fail(-1, "parks", "%s is missing", k.c.Parks[i].Name)
		}
		if len(park.Rows) != periods {
			return k.fail(-1, "parks", "%s has %d rows, expected %d", *park.Name, len(park.Rows), periods)
		}
		k.parks = append(k.parks, park)
	}
	if len(k.g.Parks) != len(k.c.Parks) {
		return k.fail(-1, "parks", "%d parks, expected %d", len(k.g.Parks), len(k.c.Parks))
	}
	return nil
}

// powers checks every row by itself and against the others of its period.
func (k *check) powers() *Failure {
	periods := k.m.Periods()
	k.d = model.Dispatch{
		Charge: make([]energy.Watt, periods), Discharge: make([]energy.Watt, periods),
		SurplusTaken: make([]energy.Watt, periods), DeficitServed: make([]energy.Watt, periods),
	}
	k.found.Cost = 0
	k.costs = make([]*big.Int, len(k.parks))
	for i := range k.costs {
		k.costs[i] = new(big.Int)
	}
	total, stored := new(big.Int), k.m.Start
	for t := range periods {
		row, failure := k.storageRow(t)
		if failure != nil {
			return failure
		}
		k.d.Charge[t], k.d.Discharge[t] = row.charge, row.discharge
		to, from, sold, bought := row.fromGrid, row.toGrid, energy.Watt(0), energy.Watt(0)
		imported := row.fromGrid
		for i := range k.parks {
			park, failure := k.parkRow(t, i)
			if failure != nil {
				return failure
			}
			imported += park.buy
			to, from, sold, bought = to+park.to, from+park.from, sold+park.sold, bought+park.bought
			k.d.SurplusTaken[t] += min(park.to, k.c.Parks[i].Surplus(t)-park.sold-park.off)
			k.d.DeficitServed[t] += min(park.from, k.c.Parks[i].Deficit(t)-park.bought)
			add(k.costs[i], k.prices[i].Buy[t], park.buy, -k.prices[i].Sell[t], park.sell)
			add(k.costs[i], k.m.Storage.Fee, park.to, k.m.Storage.Fee, park.from)
			if k.m.LocalTrade != nil {
				add(k.costs[i], k.m.LocalTrade.Fee, park.bought, 0, 0)
			}
		}
		if failure := k.imports(t, imported); failure != nil {
			return failure
		}
		if sold != bought {
			return k.fail(t, "to_parks_kw", "parks pass %d W to each other, but take %d W", sold, bought)
		}
		if to != row.charge {
			return k.fail(t, "charge_kw", "%d W, but parks and grid give %d W", row.charge, to)
		}
		if from != row.discharge {
			return k.fail(t, "discharge_kw", "%d W, but parks and grid take %d W", row.discharge, from)
		}
		add(total, k.m.Buy[t], row.fromGrid, -k.m.Sell[t], row.toGrid)
		stored = k.m.Keeping.Of(stored) + int64(row.charge)*k.m.Lattice.Up - int64(row.discharge)*k.m.Lattice.Down
		if failure := k.followsFrom(t, stored); failure != nil {
			return failure
		}
	}
	for _, cost := range k.costs {
		total.Add(total, cost)
	}
	total.Add(total, big.NewInt(int64(k.m.PeakCost(k.peak))))
	if !total.IsInt64() {
		return k.fail(-1, "cost", "%v is out of range", total)
	}
	k.found.Cost = energy.Cost(total.Int64())
	return nil
}

// imports checks what the community buys, and keeps the highest.
func (k *check) imports(t int, power energy.Watt) *Failure {
	if limit := k.m.Import; limit != nil && limit.Cap != energy.NoLimit && power > limit.Cap {
		return k.fail(t, "import_cap_kw", "the community buys %d W, expected at most %d W", power, limit.Cap)
	}
	k.peak = max(k.peak, power)
	return nil
}

// dispatch checks the storage's window and end by the certificate's own check;
// the parks' limits were kept row by row.
func (k *check) dispatch() *Failure {
	return k.from(certificate.KeepsStorage(k.m, k.d))
}

// from takes over a failure of package certificate.
func (k *check) from(f *certificate.Failure) *Failure {
	if f == nil {
		return nil
	}
	return k.fail(f.Period, f.Limit, "%s", f.Detail)
}

// money checks the figures in money.
func (k *check) money() *Failure {
	minutes := k.m.Minutes
	for i, park := range k.parks {
		without, worth := demandOf(&k.c.Parks[i], k.m), worthOf(k.c, &k.m.Problem, i)
		for t := range k.m.Buy {
			add(without, worth.Buy[t], k.c.Parks[i].Deficit(t), -worth.Sell[t], counted(&k.c.Parks[i], k.m, t))
		}
		if failure := k.claims("parks."+*park.Name+".baseline_cost", park.Baseline, currencyOf(without, minutes)); failure != nil {
			return failure
		}
		if failure := k.claims("parks."+*park.Name+".cost", park.Cost, currencyOf(k.costs[i], minutes)); failure != nil {
			return failure
		}
	}
	bills, err := billsOf(k.c, k.m, k.d, k.found.Cost)
	if err != nil {
		return k.fail(-1, "bill", "%v", err)
	}
	for i, park := range k.parks {
		if failure := k.claims("parks."+*park.Name+".bill", park.Bill, bills[i].Currency()); failure != nil {
			return failure
		}
	}
	if k.g.Cost == nil {
		return k.fail(-1, "cost", "missing")
	}
	_, before := k.m.BaselinePeak()
	for _, figure := range []struct {
		name     string
		claimed  *number
		computed float64
	}{
		{"peak_import_kw", k.g.Peak, k.peak.Kilowatt()},
		{"baseline_peak_import_kw", k.g.PeakBefore, before.Kilowatt()},
		{"demand_cost", k.g.DemandCost, k.m.PeakCost(k.peak).Currency(minutes)},
	} {
		if failure := k.claims(figure.name, figure.claimed, figure.computed); failure != nil {
			return failure
		}
	}
	cost, baseline := k.found.Cost, k.found.Baseline
	if failure := k.claims("baseline_cost", k.g.Baseline, baseline.Currency(minutes)); failure != nil {
		return failure
	}
	if failure := k.claims("cost", k.g.Cost, cost.Currency(minutes)); failure != nil {
		return failure
	}
	return k.claims("saving", k.g.Saving, (baseline - cost).Currency(minutes))
}

func currencyOf(cost *big.Int, minutes int) float64 {
	value, _ := new(big.Rat).SetFrac(new(big.Int).Mul(cost, big.NewInt(int64(minutes))), big.NewInt(60*1_000_000_000)).Float64()
	return value
}

// claims compares a figure, where the file has it, with the one computed.
func (k *check) claims(name string, claimed *number, computed float64) *Failure {
	if claimed == nil {
		return nil
	}
	if err := near(claimed, computed); err != nil {
		return k.fail(-1, name, "%v", err)
	}
	return nil
}

// proof checks the certificate and the figures that rest on it.
func (k *check) proof() *Failure {
	data, given, failure := k.certificate()
	if failure != nil {
		return failure
	}
	least, wrong := certificate.Proves(k.m, data)
	if wrong != nil {
		return k.from(wrong)
	}
	k.found.Bound = k.found.Baseline + least
	minutes := k.m.Minutes
	if given {
		if failure := k.claims("lower_bound", k.g.LowerBound, k.found.Bound.Currency(minutes)); failure != nil {
			return failure
		}
		if failure := k.claims("gap", k.g.Gap, k.found.Gap().Currency(minutes)); failure != nil {
			return failure
		}
	}
	if k.found.Gap() > k.found.Tolerance {
		return k.fail(-1, "gap", "the certificate leaves %.6f %s, more than the tolerance of %.6f %s",
			k.found.Gap().Currency(minutes), k.c.Currency, k.found.Tolerance.Currency(minutes), k.c.Currency)
	}
	return nil
}

// certificate is that of the file, or else one made now.
func (k *check) certificate() (data []byte, given bool, failure *Failure) {
	if k.g.Certificate != nil && *k.g.Certificate != "" {
		data, err := base64.StdEncoding.Strict().DecodeString(*k.g.Certificate)
		if err != nil {
			return nil, true, k.fail(-1, "certificate", "not base64: %v", err)
		}
		return data, true, nil
	}
	if k.prove == nil {
		return nil, false, k.fail(-1, "certificate", "there is none, so nothing is proven")
	}
	data, err := k.prove()
	if err != nil {
		return nil, false, k.fail(-1, "certificate", "there is none, and none could be computed: %v", err)
	}
	return data, false, nil
}
