// Command plans solves a fixed run of random cases and prints each plan with
// its certificate as one line of JSON, so that what two processors print can
// be compared byte by byte. The numbers that draw the cases come from a fixed
// seed.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/model"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return errors.New("usage: plans CASES")
	}
	cases, err := strconv.Atoi(arguments[0])
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for number := range cases {
		document, err := solve(draw(number))
		if err != nil {
			return fmt.Errorf("case %d: %w", number, err)
		}
		if err := encoder.Encode(document); err != nil {
			return err
		}
	}
	return out.Flush()
}

// solve gives the document of a case: its plan, or why there is none.
func solve(c *energy.Case) (any, error) {
	p, err := schedule.FromCase(c, false)
	if err != nil {
		return nil, err
	}
	plan, err := schedule.Solve(p)
	if infeasible := new(model.Infeasible); errors.As(err, &infeasible) {
		return planfile.InfeasibleDocument(c, infeasible), nil
	}
	if err != nil {
		return nil, err
	}
	return planfile.Statement(c, p, planfile.Outcome{
		Dispatch: plan.Dispatch, Cost: plan.Cost, Bound: plan.Bound, Status: string(plan.Status),
		Certificate: plan.Certificate, Solver: "exact",
	})
}

// draw draws a case: up to six parks, hours or quarter hours, with and without
// limits, losses, fee, trade of the storage with the grid, prices below zero.
func draw(number int) *energy.Case {
	r := rand.New(rand.NewPCG(64, uint64(number)))
	periods := []int{1 + r.IntN(24), 24, 24, 96}[r.IntN(4)]
	c := &energy.Case{
		Name: strconv.Itoa(number), Currency: "CNY", Location: time.UTC,
		Horizon: energy.Horizon{Start: 1_720_000_800, Minutes: []int{15, 30, 60}[r.IntN(3)], Periods: periods},
		Sharing: energy.Sharing{Reference: energy.Price(r.IntN(900_000)), OperatorShare: energy.Parts(r.IntN(2) * 100_000)},
	}
	negative := energy.Price(r.IntN(2) * r.IntN(300_000))
	for range periods {
		sell := energy.Price(r.IntN(600_000)) - negative
		c.Tariff.Sell = append(c.Tariff.Sell, sell)
		c.Tariff.Buy = append(c.Tariff.Buy, sell+energy.Price(r.IntN(700_000)))
	}
	limited := r.IntN(4) == 0
	for i := range 1 + r.IntN(6) {
		c.Parks = append(c.Parks, drawPark(r, i, periods, limited))
	}
	capacity := energy.WattHour(1 + r.IntN(3_000_000))
	c.Storage = energy.Storage{
		Power: energy.Watt(r.IntN(600_000)), Capacity: capacity, Minimum: capacity / 10, Maximum: capacity - capacity/20,
		Start: capacity / 2, End: capacity / 2, EndRule: energy.EndRule(r.IntN(2)),
		ChargeEfficiency: energy.Efficiency(8000 + r.IntN(2001)), DischargeEfficiency: energy.Efficiency(8000 + r.IntN(2001)),
		Fee: energy.Price(r.IntN(2) * r.IntN(40_000)), GridTrade: r.IntN(2) == 0,
	}
	return c
}

func drawPark(r *rand.Rand, i, periods int, limited bool) energy.Park {
	p := energy.Park{Name: "park" + strconv.Itoa(i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
	if limited {
		p.ImportLimit, p.ExportLimit = energy.Watt(300_000+r.IntN(200_000)), energy.Watt(300_000+r.IntN(200_000))
	}
	for range periods {
		p.Load = append(p.Load, energy.Watt(r.IntN(400_000)))
		p.PV, p.Wind = append(p.PV, energy.Watt(r.IntN(300_000))), append(p.Wind, energy.Watt(r.IntN(200_000)))
	}
	return p
}
