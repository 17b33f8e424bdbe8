package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// newCheckCommand is `sesame check`.
func newCheckCommand() *cobra.Command {
	var asJSON, ledger bool
	var tolerance float64
	cmd := &cobra.Command{
		Use:   "check CASE PLAN.json",
		Short: "Judge a plan and its certificate without the solver",
		Long: `Check trusts nothing in the plan. It recomputes for the case whether storage
and parks keep every limit in every period, what the plan costs, and whether the
certificate proves that no plan costs less by more than the tolerance, which by
default is that of whole watts.

Exit code 1 means that the plan does not stand: the first period, limit and
figure that fail are named.`,
		Example: `  sesame plan cases/reference --json > plan.json
  sesame check cases/reference plan.json
  sesame check cases/reference plan.json --tolerance 0.001`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			if cmd.Flags().Changed("tolerance") && !(tolerance >= 0 && tolerance <= mostTolerance) {
				return badInput(fmt.Errorf("--tolerance %g: expected 0 to %g", tolerance, float64(mostTolerance)))
			}
			if !cmd.Flags().Changed("tolerance") {
				tolerance = -1
			}
			return check(arguments[0], arguments[1], ledger, asJSON, tolerance, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&asJSON, "json", false, "print one JSON object on standard output, words on standard error")
	flags.BoolVar(&ledger, "ledger", false, "judge a plan made with --ledger: without the parks' own grid limits")
	flags.Float64Var(&tolerance, "tolerance", 0, "gap allowed, in money of the case's currency (default: that of whole watts)")
	return cmd
}

// mostTolerance bounds --tolerance, so that it fits the exact unit of cost.
const mostTolerance = 1e8

// checked is the object that `sesame check --json` prints.
type checked struct {
	Case       string   `json:"case"`
	Proven     bool     `json:"proven"`
	Cost       *float64 `json:"cost,omitempty"`
	LowerBound *float64 `json:"lower_bound,omitempty"`
	Gap        *float64 `json:"gap,omitempty"`
	Tolerance  *float64 `json:"tolerance,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Period     int      `json:"period,omitempty"` // 1-based
	Limit      string   `json:"limit,omitempty"`
}

func check(path, planPath string, ledger, asJSON bool, tolerance float64, out, words io.Writer) error {
	c, p, err := loadCase(path, ledger, words)
	if err != nil {
		return err
	}
	data, err := readPlan(planPath)
	if err != nil {
		return badInput(err)
	}
	allowed := energy.Cost(-1)
	if tolerance >= 0 {
		allowed = energy.CostOf(tolerance, p.Minutes)
	}
	found, err := planfile.Check(c, p, data, allowed)
	failure, infeasible := new(planfile.Failure), new(schedule.Infeasible)
	switch {
	case errors.As(err, &failure):
		if asJSON {
			if err := printJSON(out, checked{Case: c.Name, Reason: failure.Error(), Period: failure.Period + 1, Limit: failure.Limit}); err != nil {
				return err
			}
		}
		return notSo(fmt.Errorf("%s does not stand: %w", planPath, err))
	case errors.As(err, new(*planfile.FormatError)):
		return badInput(fmt.Errorf("%s: %w", planPath, err))
	case errors.As(err, &infeasible):
		document := planfile.InfeasibleDocument(c, infeasible)
		if asJSON {
			if err := printJSON(out, checked{Case: c.Name, Reason: document.Reason, Period: document.Period, Limit: document.Limit}); err != nil {
				return err
			}
		}
		return notSo(fmt.Errorf("%s is infeasible: %s", c.Name, document.Reason))
	case err != nil:
		return badInput(fmt.Errorf("%s: %w", path, err))
	}
	if asJSON {
		money := func(cost energy.Cost) *float64 { v := cost.Currency(p.Minutes); return &v }
		return printJSON(out, checked{
			Case: c.Name, Proven: true, Cost: money(found.Cost), LowerBound: money(found.Bound), Gap: money(found.Gap()), Tolerance: money(found.Tolerance),
		})
	}
	_, err = fmt.Fprintf(out, "the plan stands: it keeps every limit, costs %.6f %s, and no plan costs less than %.6f (gap %.6f, tolerance %.6f)\n",
		found.Cost.Currency(p.Minutes), c.Currency, found.Bound.Currency(p.Minutes), found.Gap().Currency(p.Minutes), found.Tolerance.Currency(p.Minutes))
	return err
}

// readPlan reads a plan file of bounded size; "-" is standard input.
func readPlan(path string) ([]byte, error) {
	source := os.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		source = file
	}
	data, err := io.ReadAll(io.LimitReader(source, planfile.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}
