package schedule

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/model"
)

// tinyProblem draws a problem of a few watts, so small that every plan in
// whole watts can be tried.
func tinyProblem(r *rand.Rand) Problem {
	periods := 1 + r.IntN(5)
	p := Problem{Minutes: []int{15, 30, 60}[r.IntN(3)]}
	efficiencies := []energy.Efficiency{10_000, 9_000, 9_500, 8_000, 9_473, 5_000}
	capacity := energy.WattHour(r.IntN(12))
	p.Storage = energy.Storage{
		Power: energy.Watt(r.IntN(7)), Maximum: capacity,
		ChargeEfficiency: efficiencies[r.IntN(len(efficiencies))], DischargeEfficiency: efficiencies[r.IntN(len(efficiencies))],
		Fee: energy.Price(r.IntN(2) * r.IntN(50_000)), GridTrade: r.IntN(3) > 0,
		EndRule: energy.EndRule(r.IntN(2)),
	}
	p.Storage.Minimum = energy.WattHour(r.IntN(int(capacity)/2 + 1))
	inside := func() energy.WattHour {
		return p.Storage.Minimum + energy.WattHour(r.IntN(int(capacity-p.Storage.Minimum)+1))
	}
	p.Storage.Start, p.Storage.End = inside(), inside()
	if r.IntN(2) == 0 {
		p.Storage.End = p.Storage.Start
	}
	for range periods {
		sell := energy.Price(r.IntN(900_000) - 200_000*r.IntN(2))
		p.Sell = append(p.Sell, sell)
		p.Buy = append(p.Buy, sell+energy.Price(r.IntN(2)*r.IntN(900_000)))
		p.Surplus, p.Deficit = append(p.Surplus, energy.Watt(r.IntN(6))), append(p.Deficit, energy.Watt(r.IntN(6)))
	}
	if r.IntN(3) == 0 {
		limits := &Limits{}
		for t := range periods {
			forced := func(most energy.Watt) energy.Watt { return energy.Watt(max(0, r.IntN(int(most)+4)-3)) }
			limits.ForcedCharge = append(limits.ForcedCharge, min(p.Surplus[t], forced(p.Surplus[t])))
			limits.ForcedDischarge = append(limits.ForcedDischarge, min(p.Deficit[t], forced(p.Deficit[t])))
			limits.ChargeRoom = append(limits.ChargeRoom, energy.Watt(r.IntN(6)-1))
			limits.DischargeRoom = append(limits.DischargeRoom, energy.Watt(r.IntN(6)-1))
		}
		p.Limits = limits
	}
	return p
}

// bruteForce is the least cost of all plans in whole watts, written down
// straight from the model without merit order; ok is false where there is none.
func bruteForce(m *model.Model) (best int64, ok bool) {
	costs := map[int64]int64{m.Start: int64(m.Baseline())}
	for t := range m.Periods() {
		next := map[int64]int64{}
		for stored, cost := range costs {
			for power := -m.Storage.Power; power <= m.Storage.Power; power++ {
				change, to := bruteCost(m, t, power)
				if change == nil {
					continue
				}
				to += stored - lost(m.Problem, stored)
				if to < m.Minimum || to > m.Maximum {
					continue
				}
				if old, seen := next[to]; !seen || cost+*change < old {
					next[to] = cost + *change
				}
			}
		}
		costs = next
	}
	for stored, cost := range costs {
		if stored >= m.EndLow && stored <= m.EndHigh && (!ok || cost < best) {
			best, ok = cost, true
		}
	}
	return best, ok
}

// lost is what self-discharge takes in a period, rounded up.
func lost(p Problem, stored int64) int64 {
	per := new(big.Int).Mul(big.NewInt(stored), big.NewInt(int64(p.Storage.SelfDischarge)*int64(p.Minutes)))
	per.Add(per, big.NewInt(60*1_000_000-1))
	return per.Quo(per, big.NewInt(60*1_000_000)).Int64()
}

// bruteCost tries every split of a power into parks and grid.
func bruteCost(m *model.Model, t int, power energy.Watt) (least *int64, change int64) {
	d := model.Dispatch{Charge: make([]energy.Watt, t+1), Discharge: make([]energy.Watt, t+1), SurplusTaken: make([]energy.Watt, t+1), DeficitServed: make([]energy.Watt, t+1)}
	size, parks, split := max(power, -power), m.Surplus[t], d.SurplusTaken
	room, forced, other := energy.NoLimit, energy.Watt(0), energy.Watt(0)
	if m.Limits != nil {
		room, forced, other = m.Limits.ChargeRoom[t], m.Limits.ForcedCharge[t], m.Limits.ForcedDischarge[t]
	}
	if power > 0 {
		d.Charge[t], change = size, int64(size)*m.Lattice.Up
	} else {
		d.Discharge[t], change = size, -int64(size)*m.Lattice.Down
		if power < 0 {
			parks, split = m.Deficit[t], d.DeficitServed
			if m.Limits != nil {
				room, forced, other = m.Limits.DischargeRoom[t], m.Limits.ForcedDischarge[t], m.Limits.ForcedCharge[t]
			}
		}
	}
	if other > 0 {
		return nil, 0
	}
	for part := forced; part <= min(size, parks); part++ {
		if !m.Storage.GridTrade && room != energy.NoLimit && size-part > room {
			continue
		}
		split[t] = part
		if cost := int64(m.Cost(t, d)); least == nil || cost < *least {
			least = &cost
		}
	}
	return least, change
}

// Law: on tiny problems the bound never exceeds the best plan in whole watts,
// the plan is within the tolerance of it, and what is called infeasible is.
func TestTinyProblemsAgainstBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	againstBruteForce(t, 20_000, func() Problem { return tinyProblem(r) })
}

// The same law where the storage loses energy by itself, from hardly any to nearly
// all in a period.
func TestTinyProblemsWithSelfDischargeAgainstBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	againstBruteForce(t, 3_000, func() Problem {
		p := tinyProblem(r)
		for p.Periods() > 4 {
			p = tinyProblem(r)
		}
		p.Storage.SelfDischarge = energy.Parts(1 + r.IntN([]int{100, 20_000, 999_999}[r.IntN(3)]))
		return p
	})
}

func againstBruteForce(t *testing.T, problems int, draw func() Problem) {
	kinds := map[string]int{}
	for i := range problems {
		p := draw()
		m, err := model.New(p)
		if err != nil {
			t.Fatal(err)
		}
		best, feasible := bruteForce(m)
		plan, err := Solve(p)
		if err != nil {
			if infeasible := new(Infeasible); !errors.As(err, &infeasible) {
				t.Fatal(err)
			}
			if feasible {
				t.Fatalf("problem %d: %v, but there is a plan that costs %d\n%+v %+v", i, err, best, p, p.Limits)
			}
			kinds["infeasible"]++
			continue
		}
		if err := judge(p, plan, best, feasible); err != nil {
			t.Fatalf("problem %d: %v\n%+v %+v", i, err, p, p.Limits)
		}
		kinds[string(plan.Status)]++
		if int64(plan.Cost) == best {
			kinds["best plan in whole watts"]++
		}
	}
	t.Log(kinds)
}

func judge(p Problem, plan *Plan, best int64, feasible bool) error {
	tolerance := Tolerance(p)
	verdict, err := certificate.Check(p, plan.Dispatch, plan.Certificate, tolerance)
	switch {
	case err != nil:
		return err
	case !feasible:
		return fmt.Errorf("a plan was found where brute force finds none")
	case verdict.Cost != plan.Cost || verdict.Bound != plan.Bound || verdict.Baseline != plan.Baseline:
		return fmt.Errorf("plan says %d, %d, %d, checker %+v", plan.Cost, plan.Bound, plan.Baseline, verdict)
	case int64(plan.Bound) > best:
		return fmt.Errorf("bound %d above the best plan %d", plan.Bound, best)
	case int64(plan.Cost) < best:
		return fmt.Errorf("cost %d below the best plan %d", plan.Cost, best)
	}
	return nil
}
