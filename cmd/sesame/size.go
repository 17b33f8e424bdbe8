package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/figures"
	"github.com/sesame-energy/sesame/schedule/sizing"
)

// sizeOptions are the flags of `sesame size`.
type sizeOptions struct {
	power, energy        string
	paper, asJSON, asCSV bool
	plots                string
	capital              sizing.Capital
	capitalGiven         bool
}

// newSizeCommand is `sesame size`.
func newSizeCommand() *cobra.Command {
	var o sizeOptions
	cmd := &cobra.Command{
		Use:   "size CASE",
		Short: "Cost of a case for other sizes of the storage",
		Long: `Size plans a case exactly with each power and capacity asked for, states of
charge unchanged. With capital costs it names the size of least total cost.

--paper takes the five sizes of the paper (Liu & Ai 2024, Table 4) and shows its
published costs beside ours.`,
		Example: `  sesame size cases/reference --power 0:1000:100 --energy 0:4000:250 --csv > sizes.csv
  sesame size cases/reference --paper
  sesame size cases/reference --power 0:1000:100 --energy 0:4000:250 --capex-per-kw 900 --capex-per-kwh 1200 --lifetime 15 --rate 0.05`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			flags := cmd.Flags()
			o.capitalGiven = flags.Changed("capex-per-kw") || flags.Changed("capex-per-kwh")
			return size(arguments[0], o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.power, "power", "", "powers in kW, FROM:TO:STEP or one")
	flags.StringVar(&o.energy, "energy", "", "capacities in kWh, FROM:TO:STEP or one")
	flags.BoolVar(&o.paper, "paper", false, "the five sizes of the paper beside its published costs")
	flags.BoolVar(&o.asJSON, "json", false, "print one JSON object on standard output")
	flags.BoolVar(&o.asCSV, "csv", false, "print CSV on standard output")
	flags.StringVar(&o.plots, "plots", "", "write a heat map and curves as SVG and PNG to this folder")
	flags.Float64Var(&o.capital.PerKilowatt, "capex-per-kw", 0, "capital cost per kW of power")
	flags.Float64Var(&o.capital.PerKilowattHour, "capex-per-kwh", 0, "capital cost per kWh of capacity")
	flags.Float64Var(&o.capital.Years, "lifetime", 15, "life of the storage in years")
	flags.Float64Var(&o.capital.Rate, "rate", 0.05, "interest a year, as a fraction")
	return cmd
}

// check says what is wrong with the flags.
func (o sizeOptions) check() error {
	switch {
	case o.paper && (o.power != "" || o.energy != ""):
		return errors.New("--paper has sizes of its own, expected neither --power nor --energy")
	case !o.paper && (o.power == "" || o.energy == ""):
		return errors.New("expected --power and --energy, or --paper")
	case o.asJSON && o.asCSV:
		return errors.New("expected --json or --csv, not both")
	case !(o.capital.PerKilowatt >= 0 && o.capital.PerKilowattHour >= 0 && o.capital.Rate >= 0 && o.capital.Years > 0):
		return errors.New("expected capital costs and --rate of 0 or more and a --lifetime above 0")
	}
	return nil
}

// sizes are the sizes asked for.
func (o sizeOptions) sizes() ([]sizing.Size, error) {
	if o.paper {
		var sizes []sizing.Size
		for _, published := range sizing.Paper() {
			sizes = append(sizes, published.Size)
		}
		return sizes, nil
	}
	powers, err := steps("--power", o.power)
	if err != nil {
		return nil, err
	}
	capacities, err := steps("--energy", o.energy)
	if err != nil {
		return nil, err
	}
	if len(powers)*len(capacities) > mostSizes {
		return nil, fmt.Errorf("%d sizes, expected at most %d", len(powers)*len(capacities), mostSizes)
	}
	watts, wattHours := make([]energy.Watt, len(powers)), make([]energy.WattHour, len(capacities))
	for i, p := range powers {
		watts[i] = energy.Watt(p)
	}
	for i, c := range capacities {
		wattHours[i] = energy.WattHour(c)
	}
	return sizing.Grid(watts, wattHours), nil
}

// mostSizes bounds a sweep, and mostThousandths a size: a terawatt.
const (
	mostSizes       = 1_000_000
	mostThousandths = 1_000_000_000_000
)

// steps reads FROM:TO:STEP, or one value, in thousands, to whole units.
func steps(flag, text string) ([]int64, error) {
	parts := strings.Split(text, ":")
	var values [3]int64
	for i, part := range parts {
		if i == len(values) {
			break
		}
		units, exact, err := energy.ParseDecimal(part, 3)
		if err != nil || !exact || units < 0 || units > mostThousandths {
			return nil, fmt.Errorf("%s %s: %q is not a number of 0 or more with at most 3 decimals", flag, text, part)
		}
		values[i] = units
	}
	from, to, step := values[0], values[1], values[2]
	switch {
	case len(parts) == 1:
		return []int64{from}, nil
	case len(parts) != 3 || step == 0 || to < from:
		return nil, fmt.Errorf("%s %s: expected FROM:TO:STEP with FROM <= TO and STEP above 0", flag, text)
	case (to-from)/step >= mostSizes:
		return nil, fmt.Errorf("%s %s: more than %d steps", flag, text, mostSizes)
	}
	var all []int64
	for value := from; value <= to; value += step {
		all = append(all, value)
	}
	return all, nil
}

func size(path string, o sizeOptions, out, words io.Writer) error {
	if err := o.check(); err != nil {
		return badInput(err)
	}
	sizes, err := o.sizes()
	if err != nil {
		return badInput(err)
	}
	c, _, err := loadCase(path, false, words)
	if err != nil {
		return err
	}
	results, err := sweep(c, sizes, words)
	if err != nil {
		return badInput(err)
	}
	report := newSizeReport(c, results, o)
	if o.plots != "" {
		if err := figures.Sizes(o.plots, c, results); err != nil {
			return err
		}
	}
	switch {
	case o.asJSON:
		err = printJSON(out, report)
	case o.asCSV:
		err = report.csv(out)
	default:
		report.print(out)
	}
	if err == nil && !report.feasible() {
		return notSo(fmt.Errorf("%s is infeasible with every size: %w", c.Name, results[0].Infeasible))
	}
	return err
}

// sweep runs the sweep, with a progress bar where a person watches.
func sweep(c *energy.Case, sizes []sizing.Size, words io.Writer) ([]sizing.Result, error) {
	const worthABar = 50
	if len(sizes) < worthABar || !terminal(words) {
		return sizing.Sweep(c, sizes, nil)
	}
	bar := newBar(words)
	defer bar.end()
	return sizing.Sweep(c, sizes, func(done int) {
		bar.show(float64(done)/float64(len(sizes)), "sizes")
	})
}

// sizeReport is the object that `sesame size --json` prints.
type sizeReport struct {
	Case     string     `json:"case"`
	Currency string     `json:"currency"`
	Sizes    []sizeLine `json:"sizes"`
	Best     *sizeLine  `json:"best,omitempty"`
}

type sizeLine struct {
	Power     float64  `json:"power_kw"`
	Energy    float64  `json:"energy_kwh"`
	Cost      *float64 `json:"cost"` // null where infeasible
	Saving    *float64 `json:"saving"`
	Published *float64 `json:"published_cost,omitempty"`
	Capital   *float64 `json:"capital_cost,omitempty"` // of the horizon
	Total     *float64 `json:"total_cost,omitempty"`
	Reason    string   `json:"reason,omitempty"` // why it is infeasible
}

func newSizeReport(c *energy.Case, results []sizing.Result, o sizeOptions) *sizeReport {
	report := &sizeReport{Case: c.Name, Currency: c.Currency}
	minutes, published := c.Horizon.Minutes, sizing.Paper()
	hours := float64(minutes) * float64(c.Horizon.Periods) / 60
	for i, r := range results {
		line := sizeLine{Power: r.Power.Kilowatt(), Energy: r.Capacity.KilowattHour()}
		if o.paper {
			line.Published = &published[i].Cost
		}
		if r.Infeasible != nil {
			line.Reason = r.Infeasible.Error()
			report.Sizes = append(report.Sizes, line)
			continue
		}
		cost, saving := r.Cost.Currency(minutes), r.Saving.Currency(minutes)
		line.Cost, line.Saving = &cost, &saving
		if o.capitalGiven {
			capital := o.capital.Over(r.Size, hours)
			total := cost + capital
			line.Capital, line.Total = &capital, &total
		}
		report.Sizes = append(report.Sizes, line)
	}
	if best := sizing.Best(results, o.capital, minutes, c.Horizon.Periods); o.capitalGiven && best >= 0 {
		report.Best = &report.Sizes[best]
	}
	return report
}

func (r *sizeReport) feasible() bool {
	for _, line := range r.Sizes {
		if line.Cost != nil {
			return true
		}
	}
	return false
}

// columns are the figures of a line as text, empty where there is none.
func (l sizeLine) columns() []string {
	cells := []string{fmt.Sprintf("%g", l.Power), fmt.Sprintf("%g", l.Energy)}
	for _, figure := range []*float64{l.Cost, l.Saving, l.Published, l.Capital, l.Total} {
		cell := ""
		if figure != nil {
			cell = fmt.Sprintf("%.2f", *figure)
		}
		cells = append(cells, cell)
	}
	return cells
}

func (r *sizeReport) csv(out io.Writer) error {
	writer := csv.NewWriter(out)
	_ = writer.Write([]string{"power_kw", "energy_kwh", "cost", "saving", "published_cost", "capital_cost", "total_cost"})
	for _, line := range r.Sizes {
		_ = writer.Write(line.columns()) // Error tells
	}
	writer.Flush()
	return writer.Error()
}

func (r *sizeReport) print(out io.Writer) {
	fmt.Fprintf(out, "%s, %s\n\n", r.Case, r.Currency)
	t := newTable(out)
	t.AppendHeader(table.Row{"kW", "kWh", "cost", "saving", "published", "capital", "total"})
	for _, line := range r.Sizes {
		row := table.Row{}
		for _, cell := range line.columns() {
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs(numbersFrom(1, 7))
	t.SuppressEmptyColumns()
	t.Render()
	for _, line := range r.Sizes {
		if line.Reason != "" {
			fmt.Fprintf(out, "%g kW, %g kWh: %s\n", line.Power, line.Energy, line.Reason)
		}
	}
	if r.Best != nil {
		fmt.Fprintf(out, "\nleast total cost: %g kW, %g kWh, %.2f %s over the horizon\n", r.Best.Power, r.Best.Energy, *r.Best.Total, r.Currency)
	}
}
