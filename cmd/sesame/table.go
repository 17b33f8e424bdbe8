package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/mattn/go-isatty"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// mostRows is how many periods are printed in full; longer plans are summed up
// and have their rows in --json.
const mostRows = 192

// printPlan prints a plan for people.
func printPlan(out io.Writer, c *energy.Case, d *planfile.Document) error {
	money := func(amount fmt.Stringer) string { return shownMoney(amount.String()) }
	fmt.Fprintf(out, "%s: %d periods of %d minutes from %s, %d parks\n\n", c.Name, d.Periods, c.Horizon.Minutes, d.Storage[0].Time, len(d.Parks))

	printSummary(out, d)
	fmt.Fprintf(out, "\nsaving %s %s; %s\n", money(d.Saving), d.Currency, proof(d))
	fmt.Fprintln(out, "with storage: the park's own grid cost and its fees; bill: by the sharing rule, if readings equal the forecast")

	if d.Peak != "" {
		fmt.Fprintf(out, "highest import of the community %s kW, without storage %s kW; demand charge %s %s, in the cost\n", d.Peak, d.PeakBefore, money(d.DemandCost), d.Currency)
	}
	if d.StorageAlone != "" {
		fmt.Fprintf(out, "Shapley: mean over the orders in which parks could join of what each adds to the least cost; with the storage alone at %s they add up to the community's cost\n", money(d.StorageAlone))
	}
	if len(d.Months) > 0 {
		printMonths(out, d)
	}

	if d.Periods > mostRows {
		fmt.Fprintf(out, "\n%d rows: --json has them\n", d.Periods)
		return nil
	}
	printStorage(out, c, d)
	for i := range d.Parks {
		printPark(out, c, &d.Parks[i])
	}
	return nil
}

func printSummary(out io.Writer, d *planfile.Document) {
	money := func(amount fmt.Stringer) string { return shownMoney(amount.String()) }
	summary := newTable(out)
	header := table.Row{d.Currency, "without storage", "with storage", "bill"}
	if d.StorageAlone != "" {
		header = append(header, "Shapley")
	}
	summary.AppendHeader(header)
	for _, park := range d.Parks {
		row := table.Row{park.Name, money(park.Baseline), money(park.Cost), money(park.Bill)}
		switch {
		case park.ShapleyError != "":
			row = append(row, money(park.Shapley)+" ± "+money(park.ShapleyError))
		case park.Shapley != "":
			row = append(row, money(park.Shapley))
		}
		summary.AppendRow(row)
	}
	summary.AppendFooter(table.Row{"community", money(d.Baseline), money(d.Cost), ""})
	summary.SetColumnConfigs(numbersFrom(2, 5))
	summary.Render()
}

// proof says what is known of a plan's cost.
func proof(d *planfile.Document) string {
	if len(d.Certificate) == 0 {
		return fmt.Sprintf("%s: the relaxation, in which the storage may charge and discharge at once, costs %s (%s, %.3g s)",
			d.Status, shownMoney(d.LowerBound.String()), d.Solver, d.SolveSeconds)
	}
	return fmt.Sprintf("no plan costs less than %s (gap %s, %s; certificate of %d bytes; %.3g s)",
		shownMoney(d.LowerBound.String()), shownGap(d.Gap.String()), d.Status, len(d.Certificate), d.SolveSeconds)
}

func printStorage(out io.Writer, c *energy.Case, d *planfile.Document) {
	fmt.Fprintln(out, "\nstorage, kW (energy: kWh at the end of the period)")
	t := newTable(out)
	t.AppendHeader(table.Row{"time", "buy", "sell", "charge", "discharge", "from grid", "to grid", "energy"})
	for i, row := range d.Storage {
		t.AppendRow(table.Row{
			clock(c, i), c.Tariff.Buy[i].PerKilowattHour(), c.Tariff.Sell[i].PerKilowattHour(),
			lit(row.Charge.String(), text.FgGreen), lit(row.Discharge.String(), text.FgYellow), quiet(row.FromGrid.String()), quiet(row.ToGrid.String()),
			shownEnergy(row.Energy.String()),
		})
	}
	t.SetColumnConfigs(numbersFrom(2, 8))
	t.Render()
}

func printPark(out io.Writer, c *energy.Case, park *planfile.Park) {
	fmt.Fprintf(out, "\n%s, kW\n", park.Name)
	t := newTable(out)
	header := table.Row{"time", "buy", "sell", "to storage", "from storage"}
	if c.LocalTrade != nil {
		header = append(header, "to parks", "from parks")
	}
	if c.Curtailment {
		header = append(header, "switched off")
	}
	t.AppendHeader(header)
	for i, row := range park.Rows {
		shown := table.Row{
			clock(c, i), quiet(row.Buy.String()), quiet(row.Sell.String()),
			lit(row.ToStorage.String(), text.FgGreen), lit(row.FromStorage.String(), text.FgYellow),
		}
		if c.LocalTrade != nil {
			shown = append(shown, quiet(row.ToParks.String()), quiet(row.FromParks.String()))
		}
		if c.Curtailment {
			shown = append(shown, quiet(row.Curtailed.String()))
		}
		t.AppendRow(shown)
	}
	t.SetColumnConfigs(numbersFrom(2, 7))
	t.Render()
}

// newTable is a table for a terminal, in colour where out is one.
func newTable(out io.Writer) table.Writer {
	if _, plain := os.LookupEnv("NO_COLOR"); plain || !terminal(out) {
		text.DisableColors()
	}
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header, t.Style().Format.Footer = text.FormatDefault, text.FormatDefault
	t.Style().Options.SeparateColumns = false
	t.Style().Options.DrawBorder = false
	return t
}

// terminal says whether a person watches what is written to out.
func terminal(out io.Writer) bool {
	if remembering, wrapped := out.(*output); wrapped {
		out = remembering.Writer
	}
	file, isFile := out.(*os.File)
	return isFile && isatty.IsTerminal(file.Fd())
}

func numbersFrom(first, last int) []table.ColumnConfig {
	var columns []table.ColumnConfig
	for n := first; n <= last; n++ {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight})
	}
	return columns
}

// clock is the local time at which period t begins.
func clock(c *energy.Case, t int) string {
	return time.Unix(c.Horizon.At(t), 0).In(c.Location).Format("Mon 15:04")
}

// lit colours a power that is not 0; quiet shows a dot for one that is.
func lit(power string, colour text.Color) string {
	if power == "0" {
		return "·"
	}
	return colour.Sprint(power)
}

func quiet(power string) string {
	if power == "0" {
		return "·"
	}
	return power
}

// shownMoney shortens an exact amount to two decimals.
func shownMoney(amount string) string { return rounded(amount, 2) }

func shownEnergy(amount string) string { return rounded(amount, 3) }

func shownGap(amount string) string { return rounded(amount, 6) }

// rounded shortens an exact decimal, half away from zero.
func rounded(amount string, decimals int) string {
	units, _, err := energy.ParseDecimal(amount, decimals)
	if err != nil {
		return amount
	}
	digits := fmt.Sprintf("%0*d", decimals+1, max(units, -units))
	sign := strings.Repeat("-", int(uint64(units)>>63))
	return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
}
