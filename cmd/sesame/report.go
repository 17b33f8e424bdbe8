package main

import (
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/sesame-energy/sesame/demo"
)

// reportTables prints what the days of a demo came to.
func reportTables(out io.Writer, report demo.Report) error {
	for _, day := range report.Days {
		writer := newTable(out)
		writer.SetTitle("%s, %s", day.Date, report.Currency)
		writer.SetColumnConfigs(numbersFrom(2, 3))
		writer.AppendHeader(table.Row{"", "without storage", "with storage", ""})
		writer.AppendRow(table.Row{"plan (" + day.PlanSource + ")", money(day.BaselineCost), money(day.PlanCost), proven(day.LowerBound)})
		for _, park := range day.Parks {
			writer.AppendRow(table.Row{park.Name + " to pay", money(park.BaselineCost), money(park.Bill), park.State + " " + park.Contract})
		}
		writer.AppendFooter(table.Row{
			"settled (" + day.Settlement + ")", money(day.SettledBaselineCost), money(day.SettledCost),
			fmt.Sprintf("saving %.2f, rho %.3f, operator %.2f", day.Saving, day.Rho, day.Storage.SettledIncome),
		})
		writer.Render()
	}
	members := newTable(out)
	members.SetTitle("ledger %s at height %d, %s", report.ChainID, report.Height, report.LedgerTime.Format(time.RFC3339))
	for _, member := range report.Members {
		members.AppendRow(table.Row{member.Name, member.Height, member.AppHash})
	}
	members.Render()
	for _, alert := range report.Alerts {
		if _, err := fmt.Fprintf(out, "alert %s  %s: %s\n", alert.Time.Format("2006-01-02 15:04"), alert.Rule, alert.Subject); err != nil {
			return err
		}
	}
	if shown := report.Disclosure; shown != nil {
		_, err := fmt.Fprintf(out, "disclosed by vote of %v: %s of %s, %s; each of %d sets of members recovers the owner's own curve: %s\n",
			shown.Approved, shown.Series, shown.Park, shown.Date, shown.Subsets, shown.Figure)
		return err
	}
	return nil
}

// proven puts a plan's proven bound in words.
func proven(bound *float64) string {
	if bound == nil {
		return "no certificate: the storage rests"
	}
	return fmt.Sprintf("proven: no plan costs less than %.2f", *bound)
}

func money(value float64) string { return fmt.Sprintf("%.2f", value) }
