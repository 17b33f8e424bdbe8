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
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check CASE PLAN.json",
		Short: "Judge a plan and its certificate without the solver",
		Long: `Check trusts nothing in the plan. It recomputes for the case whether storage
and parks keep every limit in every period, what the plan costs, and whether the
certificate proves that no plan costs less by more than the tolerance, which by
default is that of whole watts.

With --prove it judges a plan of any other program in the plan format: where the
file has no certificate the solver computes one, which is then checked like any
other. Stored energies may be absent, and a bound that the file states without a
certificate counts for nothing.

Exit code 1 means that the plan does not stand: the first period, limit and
figure that fail are named.`,
		Example: `  sesame plan cases/reference --json > plan.json
  sesame check cases/reference plan.json
  sesame check cases/reference plan.json --tolerance 0.001
  sesame check cases/reference other.json --prove`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			if cmd.Flags().Changed("tolerance") && !(o.tolerance >= 0 && o.tolerance <= mostTolerance) {
				return badInput(fmt.Errorf("--tolerance %g: expected 0 to %g", o.tolerance, float64(mostTolerance)))
			}
			if !cmd.Flags().Changed("tolerance") {
				o.tolerance = -1
			}
			return check(arguments[0], arguments[1], o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.asJSON, "json", false, "print one JSON object on standard output, words on standard error")
	flags.BoolVar(&o.ledger, "ledger", false, "judge a plan made with --ledger: without the parks' own grid limits and tariffs")
	flags.Float64Var(&o.tolerance, "tolerance", 0, "gap allowed, in money of the case's currency (default: that of whole watts)")
	flags.BoolVar(&o.prove, "prove", false, "compute the certificate first where the plan has none")
	return cmd
}

// checkOptions are the flags of `sesame check`.
type checkOptions struct {
	asJSON, ledger, prove bool
	tolerance             float64 // money, below 0 for that of whole watts
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

func check(path, planPath string, o checkOptions, out, words io.Writer) error {
	c, p, err := loadCase(path, o.ledger, words)
	if err != nil {
		return err
	}
	data, err := readPlan(planPath)
	if err != nil {
		return badInput(err)
	}
	allowed := energy.Cost(-1)
	if o.tolerance >= 0 {
		allowed = energy.CostOf(o.tolerance, p.Minutes)
	}
	found, err := planfile.CheckProving(c, p, data, allowed, prover(p, o.prove))
	failure, infeasible := new(planfile.Failure), new(schedule.Infeasible)
	switch {
	case errors.As(err, &failure):
		if o.asJSON {
			if err := printJSON(out, checked{Case: c.Name, Reason: failure.Error(), Period: failure.Period + 1, Limit: failure.Limit}); err != nil {
				return err
			}
		}
		return notSo(fmt.Errorf("%s does not stand: %w", planPath, err))
	case errors.As(err, new(*planfile.FormatError)):
		return badInput(fmt.Errorf("%s: %w", planPath, err))
	case errors.As(err, &infeasible):
		document := planfile.InfeasibleDocument(c, infeasible)
		if o.asJSON {
			if err := printJSON(out, checked{Case: c.Name, Reason: document.Reason, Period: document.Period, Limit: document.Limit}); err != nil {
				return err
			}
		}
		return notSo(fmt.Errorf("%s is infeasible: %s", c.Name, document.Reason))
	case err != nil:
		return badInput(fmt.Errorf("%s: %w", path, err))
	}
	if o.asJSON {
		money := func(cost energy.Cost) *float64 { v := cost.Currency(p.Minutes); return &v }
		return printJSON(out, checked{
			Case: c.Name, Proven: true, Cost: money(found.Cost), LowerBound: money(found.Bound), Gap: money(found.Gap()), Tolerance: money(found.Tolerance),
		})
	}
	_, err = fmt.Fprintf(out, "the plan stands: it keeps every limit, costs %.6f %s, and no plan costs less than %.6f (gap %.6f, tolerance %.6f)\n",
		found.Cost.Currency(p.Minutes), c.Currency, found.Bound.Currency(p.Minutes), found.Gap().Currency(p.Minutes), found.Tolerance.Currency(p.Minutes))
	return err
}

// prover computes the certificate of a problem; nil where it was not asked for.
func prover(p schedule.Problem, asked bool) func() ([]byte, error) {
	if !asked {
		return nil
	}
	return func() ([]byte, error) {
		plan, err := schedule.Solve(p)
		if err != nil {
			return nil, err
		}
		return plan.Certificate, nil
	}
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
