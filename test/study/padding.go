package main

import (
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// padded raises surplus and deficit of each park and hour by the same fresh
// random power, as a park's node does.
func (c community) padded(most energy.Watt, random *rand.Rand) community {
	out := community{make([][]energy.Watt, len(c.surplus)), make([][]energy.Watt, len(c.surplus))}
	for i := range c.surplus {
		out.surplus[i], out.deficit[i] = slices.Clone(c.surplus[i]), slices.Clone(c.deficit[i])
		for t := range out.surplus[i] {
			raised := energy.Watt(random.Int64N(int64(most) + 1))
			out.surplus[i][t] += raised
			out.deficit[i][t] += raised
		}
	}
	return out
}

// plans is what the storage does in each hour of a year.
type plans struct{ charge, discharge []energy.Watt }

// plan plans each day of a year by itself, with the case's tariff and storage.
func plan(c community, from *energy.Case) (plans, error) {
	var year plans
	for day := range hours / 24 {
		problem, err := problemOf(c, from, day)
		if err != nil {
			return plans{}, err
		}
		solved, err := schedule.Solve(problem)
		if err != nil {
			return plans{}, fmt.Errorf("day %d: %w", day, err)
		}
		year.charge, year.discharge = append(year.charge, solved.Charge...), append(year.discharge, solved.Discharge...)
	}
	return year, nil
}

// problemOf is a day of a community as the ledger plans it. The case's storage
// is for its own parks, and grows with their number.
func problemOf(c community, from *energy.Case, day int) (schedule.Problem, error) {
	problem, err := schedule.FromCase(from, true)
	if err != nil {
		return schedule.Problem{}, err
	}
	grow := func(figure int64) int64 { return figure * int64(len(c.surplus)) / int64(len(from.Parks)) }
	storage := &problem.Storage
	storage.Power = energy.Watt(grow(int64(storage.Power)))
	for _, energies := range []*energy.WattHour{&storage.Capacity, &storage.Minimum, &storage.Maximum, &storage.Start, &storage.End} {
		*energies = energy.WattHour(grow(int64(*energies)))
	}
	problem.Surplus, problem.Deficit = make([]energy.Watt, 24), make([]energy.Watt, 24)
	for t := range 24 {
		problem.Surplus[t], problem.Deficit[t] = sum(c.surplus, 24*day+t), sum(c.deficit, 24*day+t)
	}
	return problem, nil
}

// saving is what the storage saves by the rule of settlement, in the case's
// currency, where it follows the plan and the parks have surplus and deficit.
func saving(from *energy.Case, problem schedule.Problem, plan *schedule.Plan, surplus, deficit []energy.Watt) (float64, error) {
	terms := sharing.Terms{
		Minutes: problem.Minutes, Buy: problem.Buy, Sell: problem.Sell,
		Fee: problem.Storage.Fee, GridTrade: problem.Storage.GridTrade, EndRule: problem.Storage.EndRule, Sharing: from.Sharing,
	}
	settled, err := terms.Settle(sharing.Metered{
		Charge: plan.Charge, Discharge: plan.Discharge, Surplus: surplus, Deficit: deficit,
		Stored: sharing.Stored{
			Start: int64(problem.Storage.Start), End: int64(plan.EnergyWh(problem.Periods() - 1)), Target: int64(problem.Storage.End), PerWattHour: 1,
		},
	}, terms.Use(surplus, deficit), terms.WithoutStorage(surplus, deficit))
	if err != nil {
		return 0, err
	}
	amount, _ := new(big.Rat).Mul(settled.Saving, big.NewRat(int64(problem.Minutes), 60*1_000_000_000)).Float64()
	return amount, nil
}

// costs is what planning on padded sums costs, of the saving.
type costs struct {
	full, kept float64 // saving without and with padding
	worst      float64 // greatest share lost
}

// lose compares the plan of what a community shows with the plan of what it has.
func (s *costs) lose(from *energy.Case, has, shows community, day int) error {
	truth, err := problemOf(has, from, day)
	if err != nil {
		return err
	}
	seen, err := problemOf(shows, from, day)
	if err != nil {
		return err
	}
	best, err := schedule.Solve(truth)
	if err != nil {
		return err
	}
	taken, err := schedule.Solve(seen)
	if err != nil {
		return err
	}
	full, err := saving(from, truth, best, truth.Surplus, truth.Deficit)
	if err != nil {
		return err
	}
	kept, err := saving(from, truth, taken, truth.Surplus, truth.Deficit)
	if err != nil {
		return err
	}
	s.full, s.kept = s.full+full, s.kept+kept
	if full > 0 {
		s.worst = max(s.worst, (full-kept)/full)
	}
	return nil
}

// padded writes what padding hides and what it costs.
func padded(out io.Writer, p profiles, from *energy.Case, o options) error {
	own := community{}
	for _, park := range from.Parks {
		surplus, deficit := make([]energy.Watt, 24), make([]energy.Watt, 24)
		for t := range 24 {
			surplus[t], deficit[t] = park.Surplus(t), park.Deficit(t)
		}
		own.surplus, own.deficit = append(own.surplus, surplus), append(own.deficit, deficit)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	var reference costs
	for range o.paddings() {
		if err := reference.lose(from, own, own.padded(o.padding, random), 0); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "Padding of up to %d kW costs %.2f%% of the saving of case %s, %.2f%% at worst (%d draws).\n\n",
		o.padding/1000, 100*(1-reference.kept/reference.full), from.Name, 100*reference.worst, o.paddings())
	fmt.Fprint(out, "| parks | a park's mean value | others' padding in a sum: range | standard deviation | of the mean value | padding costs, of the year's saving |\n",
		"| --- | --- | --- | --- | --- | --- |\n")
	for _, parks := range sizes {
		random := rand.New(rand.NewPCG(seed, uint64(parks)))
		var year costs
		var mean float64
		drawings := max(o.communities/10, 1)
		for range drawings {
			drawn := draw(p, parks, o.generation, random)
			shown := drawn.padded(o.padding, random)
			mean += drawn.mean() / float64(drawings)
			for day := range hours / 24 {
				if err := year.lose(from, drawn, shown, day); err != nil {
					return err
				}
			}
		}
		most := float64(o.padding) / 1000
		deviation := most * math.Sqrt(float64(parks-1)/12)
		fmt.Fprintf(out, "| %d | %.0f kW | 0..%.0f kW | %.1f kW | %.1f%% | %.2f%% |\n",
			parks, mean, most*float64(parks-1), deviation, 100*deviation/mean, 100*(1-year.kept/year.full))
	}
	return nil
}

// mean is the mean of all values that are not zero, kW.
func (c community) mean() float64 {
	var total, count float64
	for i := range c.surplus {
		for t := range c.surplus[i] {
			if value := c.surplus[i][t] + c.deficit[i][t]; value > 0 {
				total, count = total+float64(value)/1000, count+1
			}
		}
	}
	return total / max(count, 1)
}
