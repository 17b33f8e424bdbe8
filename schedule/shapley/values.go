package shapley

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"strings"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
)

// MostExact is the number of parks up to which all coalitions are planned.
const MostExact = 16

// Values are the parks' Shapley values over the horizon.
type Values struct {
	// Parks is what each park pays, in case order. They add up to All - Alone
	// exactly: where the values are no whole units, the units left over by
	// flooring go by largest remainder, ties in case order.
	Parks []energy.Cost

	// Errors is half the 95% interval of each value, nil where they are exact.
	Errors []energy.Cost

	All, Alone energy.Cost // cost of all parks with the storage, and of the storage without any
	Orders     int         // orders drawn, 0 where the values are exact
}

// NoPlan says that a coalition has no plan, so that there are no values.
type NoPlan struct {
	Parks []string // the coalition
	Cause error    // a *schedule.Infeasible
}

func (e *NoPlan) Error() string {
	who := "the storage without any park"
	if len(e.Parks) > 0 {
		who = "the coalition of " + strings.Join(e.Parks, ", ")
	}
	return fmt.Sprintf("Shapley values need a plan for every coalition, but %s has none: %v", who, e.Cause)
}

func (e *NoPlan) Unwrap() error { return e.Cause }

// Of computes the values of a case; ledger as for schedule.FromCase. After
// each piece of work it calls progress, which may be nil, with the part done,
// 0..1. The error is a *NoPlan where a coalition cannot keep its limits.
func Of(c *energy.Case, ledger bool, progress func(done float64)) (*Values, error) {
	if progress == nil {
		progress = func(float64) {}
	}
	g := &game{c: c, ledger: ledger, progress: progress}
	if len(c.Parks) <= MostExact {
		return g.exact()
	}
	return g.sampled(ordersFor(len(c.Parks), c.Horizon.Periods))
}

// game is the cost of every coalition of a case's parks.
type game struct {
	c        *energy.Case
	ledger   bool
	progress func(done float64)
}

// cost is the least cost of the parks for which in says true.
func (g *game) cost(in func(park int) bool) (energy.Cost, error) {
	coalition := *g.c
	coalition.Parks = make([]energy.Park, 0, len(g.c.Parks))
	for i, park := range g.c.Parks {
		if in(i) {
			coalition.Parks = append(coalition.Parks, park)
		}
	}
	problem, err := schedule.FromCase(&coalition, g.ledger)
	if err != nil {
		return 0, err
	}
	plan, err := schedule.Solve(problem)
	if errors.As(err, new(*schedule.Infeasible)) {
		failed := &NoPlan{Cause: err}
		for _, park := range coalition.Parks {
			failed.Parks = append(failed.Parks, park.Name)
		}
		return 0, failed
	}
	if err != nil {
		return 0, err
	}
	return plan.Cost, nil
}

// exact plans all coalitions. With n parks, a coalition of s others counts
// 1 / (n binomial(n-1, s)) in a park's value.
func (g *game) exact() (*Values, error) {
	n := len(g.c.Parks)
	costs := make([]energy.Cost, 1<<n)
	if err := g.each(len(costs), func(mask int) (err error) {
		costs[mask], err = g.cost(func(park int) bool { return mask>>park&1 != 0 })
		return err
	}); err != nil {
		return nil, err
	}
	exact := make([]*big.Rat, n)
	for i := range exact {
		added := make([]big.Int, n) // by size of the coalition that is joined
		for mask := range costs {
			if mask>>i&1 == 0 {
				s := bits.OnesCount(uint(mask))
				added[s].Add(&added[s], big.NewInt(int64(costs[mask|1<<i]-costs[mask])))
			}
		}
		exact[i] = new(big.Rat)
		for s := range added {
			weight := new(big.Int).Binomial(int64(n-1), int64(s))
			exact[i].Add(exact[i], new(big.Rat).SetFrac(&added[s], weight.Mul(weight, big.NewInt(int64(n)))))
		}
	}
	v := &Values{All: costs[len(costs)-1], Alone: costs[0]}
	v.Parks = apportion(exact, v.All-v.Alone)
	return v, nil
}

// ordersFor is how many orders are drawn: so many that the work is that of
// the coalitions of 16 parks over a day of hours, within bounds.
func ordersFor(parks, periods int) int {
	const work, fewest, most = 24 << MostExact, 64, 4096
	return min(max(work/(parks*periods), fewest), most)
}

// sampled draws orders in which the parks join, each with a seed of its own,
// so that the values are the same whatever is computed first.
func (g *game) sampled(orders int) (*Values, error) {
	n := len(g.c.Parks)
	v := &Values{Orders: orders}
	var err error
	if v.Alone, err = g.cost(func(int) bool { return false }); err != nil {
		return nil, err
	}
	if v.All, err = g.cost(func(int) bool { return true }); err != nil {
		return nil, err
	}
	added := make([][]energy.Cost, orders)
	if err := g.each(orders, func(k int) error {
		order := rand.New(rand.NewPCG(seed, uint64(k))).Perm(n)
		joined, before := make([]bool, n), v.Alone
		added[k] = make([]energy.Cost, n)
		for place, park := range order {
			joined[park] = true
			cost := v.All
			if place+1 < n {
				if cost, err = g.cost(func(i int) bool { return joined[i] }); err != nil {
					return err
				}
			}
			added[k][park], before = cost-before, cost
		}
		return nil
	}); err != nil {
		return nil, err
	}
	means := make([]*big.Rat, n)
	v.Errors = make([]energy.Cost, n)
	for i := range means {
		sum := new(big.Int)
		for k := range added {
			sum.Add(sum, big.NewInt(int64(added[k][i])))
		}
		means[i] = new(big.Rat).SetFrac(sum, big.NewInt(int64(orders)))
		mean, _ := means[i].Float64()
		squares := 0.0
		for k := range added {
			squares += (float64(added[k][i]) - mean) * (float64(added[k][i]) - mean)
		}
		const twoSided95 = 1.96
		v.Errors[i] = energy.Cost(math.Ceil(twoSided95 * math.Sqrt(squares/float64(orders-1)/float64(orders))))
	}
	v.Parks = apportion(means, v.All-v.Alone)
	return v, nil
}

// seed makes the drawn orders the same in every run.
const seed = 1953

// apportion rounds values that add up to total to whole units that do.
func apportion(values []*big.Rat, total energy.Cost) []energy.Cost {
	whole, parts := make([]energy.Cost, len(values)), make([]*big.Rat, len(values))
	for i, value := range values {
		floor := new(big.Int).Div(value.Num(), value.Denom()) // Euclidean: floors
		whole[i] = energy.Cost(floor.Int64())
		parts[i] = new(big.Rat).Sub(value, new(big.Rat).SetInt(floor))
		total -= whole[i]
	}
	for ; total > 0; total-- {
		largest := 0
		for i := range parts {
			if parts[i].Cmp(parts[largest]) > 0 {
				largest = i
			}
		}
		whole[largest]++
		parts[largest] = big.NewRat(-1, 1)
	}
	return whole
}
