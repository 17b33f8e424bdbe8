// Package sizing asks what storages of other sizes would be worth: the exact
// optimum of a case for each power and capacity, states of charge unchanged,
// and, with what they cost to build, the size of least total cost.
//
// The package knows no files and prints nothing. The paper's five sizes and
// published costs are those of Liu & Ai 2024, Table 4
// (doi 10.3389/fenrg.2024.1476620).
package sizing

import (
	"errors"
	"fmt"
	"math"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
)

// Size is a storage's power and capacity.
type Size struct {
	Power    energy.Watt
	Capacity energy.WattHour
}

// Result is what a size is worth.
type Result struct {
	Size
	Cost, Saving energy.Cost // of the parks over the horizon
	Infeasible   error       // why there is no plan with this size, nil where there is one
}

// Sweep plans a case with each size. After each it calls progress, which may
// be nil, with the number done.
func Sweep(c *energy.Case, sizes []Size, progress func(done int)) ([]Result, error) {
	results := make([]Result, len(sizes))
	for i, size := range sizes {
		result, err := one(c, size)
		if err != nil {
			return nil, fmt.Errorf("%d W, %d Wh: %w", size.Power, size.Capacity, err)
		}
		results[i] = result
		if progress != nil {
			progress(i + 1)
		}
	}
	return results, nil
}

func one(c *energy.Case, size Size) (Result, error) {
	sized := *c
	sized.Storage = c.Storage.Sized(size.Power, size.Capacity)
	problem, err := schedule.FromCase(&sized, false)
	if err != nil {
		return Result{}, err
	}
	plan, err := schedule.Solve(problem)
	if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
		return Result{Size: size, Infeasible: infeasible}, nil
	}
	if err != nil {
		return Result{}, err
	}
	return Result{Size: size, Cost: plan.Cost, Saving: plan.Baseline - plan.Cost}, nil
}

// Grid is all sizes of a range of powers and a range of capacities, power by
// power.
func Grid(powers []energy.Watt, capacities []energy.WattHour) []Size {
	sizes := make([]Size, 0, len(powers)*len(capacities))
	for _, power := range powers {
		for _, capacity := range capacities {
			sizes = append(sizes, Size{power, capacity})
		}
	}
	return sizes
}

// Published is one line of the paper's Table 4.
type Published struct {
	Size
	Cost float64 // CNY a day
}

// Paper is the paper's Table 4: none, and four sizes.
func Paper() []Published {
	return []Published{
		{Size{0, 0}, 4713},
		{Size{300_000, 800_000}, 3261},
		{Size{400_000, 1_000_000}, 3124},
		{Size{800_000, 2_000_000}, 1333},
		{Size{1_000_000, 20_000_000}, 710},
	}
}

// Capital is what a storage costs to build, spread over its life.
type Capital struct {
	PerKilowatt, PerKilowattHour float64 // currency
	Years                        float64 // life
	Rate                         float64 // interest a year, 0.05 for 5%
}

// hoursOfYear is the mean year.
const hoursOfYear = 365.2425 * 24

// Over is the part of a size's capital cost that falls on a horizon of so many
// hours: the annuity's share of a year.
func (k Capital) Over(s Size, hours float64) float64 {
	factor := 1 / k.Years
	if k.Rate > 0 {
		factor = k.Rate / (1 - math.Pow(1+k.Rate, -k.Years))
	}
	build := k.PerKilowatt*s.Power.Kilowatt() + k.PerKilowattHour*s.Capacity.KilowattHour()
	return build * factor * hours / hoursOfYear
}

// Best is the index of the result whose cost and capital cost are least
// together, -1 where none is feasible.
func Best(results []Result, k Capital, minutes, periods int) int {
	best, least := -1, math.Inf(1)
	hours := float64(minutes) * float64(periods) / 60
	for i, r := range results {
		if r.Infeasible != nil {
			continue
		}
		if total := r.Cost.Currency(minutes) + k.Over(r.Size, hours); total < least {
			best, least = i, total
		}
	}
	return best
}
