package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/days"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/daily"
	"github.com/sesame-energy/sesame/schedule/model"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// solveDaily plans a case day by day. Bound and certificate are those of the
// whole horizon, so the gap is what not looking beyond midnight costs.
func (o *planOptions) solveDaily(c *energy.Case, p schedule.Problem) (planfile.Outcome, error) {
	if p.Charged() {
		return planfile.Outcome{}, errors.New("--daily: demand_charge_per_kw is billed once for the whole horizon, which no day can plan for by itself; leave one of them out")
	}
	cut, err := days.Of(c)
	if err != nil {
		return planfile.Outcome{}, err
	}
	lengths := make([]int, cut.Count())
	for i := range lengths {
		day, err := cut.Day(cut.First() + uint32(i))
		if err != nil {
			return planfile.Outcome{}, err
		}
		lengths[i] = day.Horizon.Periods
	}
	begin := time.Now()
	dispatch, err := daily.Solve(p, lengths)
	if err != nil {
		return planfile.Outcome{}, err
	}
	seconds := time.Since(begin).Seconds()
	outcome, err := o.solve(p)
	if err != nil {
		return planfile.Outcome{}, err
	}
	m, err := model.New(p)
	if err != nil {
		return planfile.Outcome{}, err
	}
	outcome.Dispatch, outcome.Cost, outcome.Solver = dispatch, m.Total(dispatch), "exact-daily"
	outcome.Seconds += seconds
	outcome.Status = string(schedule.Optimal)
	if outcome.Cost-outcome.Bound > m.Tolerance() {
		outcome.Status = string(schedule.Gapped)
	}
	return outcome, nil
}

// printMonths prints a plan month by month.
func printMonths(out io.Writer, d *planfile.Document) {
	fmt.Fprintln(out, "\nby month (energy: kWh stored at its end)")
	t := newTable(out)
	t.AppendHeader(table.Row{d.Currency, "without storage", "with storage", "saving", "charged kWh", "discharged kWh", "energy"})
	for _, month := range d.Months {
		t.AppendRow(table.Row{
			month.Month, shownMoney(month.Baseline.String()), shownMoney(month.Cost.String()), shownMoney(month.Saving.String()),
			rounded(month.Charged.String(), 1), rounded(month.Discharged.String(), 1), rounded(month.Energy.String(), 1),
		})
	}
	t.SetColumnConfigs(numbersFrom(2, 7))
	t.Render()
}
