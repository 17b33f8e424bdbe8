package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/figures"
	"github.com/sesame-energy/sesame/schedule/interior"
	"github.com/sesame-energy/sesame/schedule/model"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// newPlanCommand is `sesame plan`.
func newPlanCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan CASE",
		Short: "Plan the storage of a case at least cost, with a proof",
		Long: `Plan finds the cheapest way to run the storage of a case (a folder with
case.yaml, or that file), and proves that no way is cheaper. It prints what the
storage does, what each park buys, sells and passes, and what each would pay.

Exit code 1 means that the case has no solution; the period and the limit that
cannot be kept are named.`,
		Example: `  sesame plan cases/reference
  sesame plan cases/reference --json > plan.json && sesame check cases/reference plan.json
  sesame plan cases/reference --ledger --json
  sesame plan cases/reference --certificate-gap 1
  sesame plan cases/reference --allocation shapley
  sesame plan cases/reference --daily
  sesame plan cases/reference --plots figures
  sesame plan cases/reference --solver interior-point`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, arguments []string) error {
			if solvers[o.solver] == nil {
				return badInput(fmt.Errorf("--solver %s: expected exact or interior-point", o.solver))
			}
			if o.allocation != "metered" && o.allocation != "shapley" {
				return badInput(fmt.Errorf("--allocation %s: expected metered or shapley", o.allocation))
			}
			if err := o.check(cmd.Flags().Changed("certificate-gap")); err != nil {
				return badInput(err)
			}
			return plan(arguments[0], o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.asJSON, "json", false, "print one JSON object on standard output, words on standard error")
	flags.BoolVar(&o.ledger, "ledger", false, "plan as the ledger does: without the parks' own grid limits and tariffs, stored energy in whole Wh")
	flags.StringVar(&o.solver, "solver", "exact", "how to plan: exact, or interior-point for the relaxation, the paper's method")
	flags.BoolVar(&o.daily, "daily", false, "plan day by day, each from the energy that the day before left, to the case's end condition; the gap is what that costs")
	flags.StringVar(&o.allocation, "allocation", "metered", "what to show beside the costs: metered for the bills alone, shapley for Shapley values beside them")
	flags.Float64Var(&o.gap, "certificate-gap", 0, "make the certificate as small as a gap of so much allows, in money of the case's currency; check then needs --tolerance where this is beyond whole watts")
	flags.StringVar(&o.plots, "plots", "", "write the paper's Figures 5 to 9 of this plan as SVG and PNG to this folder")
	return cmd
}

// planOptions are the flags of `sesame plan`.
type planOptions struct {
	asJSON, ledger bool
	daily          bool // day by day, not the whole horizon at once
	solver, plots  string
	allocation     string
	gap            float64 // that the certificate may leave, money; below 0 for as small as it gets by itself
}

// check judges the flags that hang together.
func (o *planOptions) check(gapAsked bool) error {
	switch {
	case o.daily && o.solver != "exact":
		return fmt.Errorf("--daily: days are chained with whole watts, expected --solver exact")
	case !gapAsked:
		o.gap = -1
	case !(o.gap >= 0 && o.gap <= mostTolerance):
		return fmt.Errorf("--certificate-gap %g: expected 0 to %g", o.gap, float64(mostTolerance))
	case o.solver != "exact":
		return fmt.Errorf("--certificate-gap: the %s solver makes no certificate, expected --solver exact", o.solver)
	}
	return nil
}

// loadCase reads a case and its problem; notes go to words.
func loadCase(path string, ledger bool, words io.Writer) (*energy.Case, schedule.Problem, error) {
	c, notes, err := casefile.Load(path)
	if err != nil {
		return nil, schedule.Problem{}, badInput(err)
	}
	for _, note := range notes {
		fmt.Fprintln(words, "note:", note.Text)
	}
	p, err := schedule.FromCase(c, ledger)
	if err != nil {
		return nil, p, badInput(err)
	}
	return c, p, nil
}

func plan(path string, o planOptions, out, words io.Writer) error {
	c, p, err := loadCase(path, o.ledger, words)
	if err != nil {
		return err
	}
	solve := o.solve
	if o.daily {
		solve = func(p schedule.Problem) (planfile.Outcome, error) { return o.solveDaily(c, p) }
	}
	outcome, err := solve(p)
	if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
		document := planfile.InfeasibleDocument(c, infeasible)
		if o.asJSON {
			if err := printJSON(out, document); err != nil {
				return err
			}
		}
		return notSo(fmt.Errorf("%s is infeasible: %s", c.Name, document.Reason))
	}
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", path, err))
	}
	document, err := planfile.Statement(c, p, outcome)
	if err != nil {
		return err
	}
	if o.allocation == "shapley" {
		if err := allocate(c, o.ledger, document, words); err != nil {
			return err
		}
	}
	if o.plots != "" {
		if err := figures.Plan(o.plots, c, document); err != nil {
			return err
		}
		fmt.Fprintln(words, "figures are in", o.plots)
	}
	if o.asJSON {
		return printJSON(out, document)
	}
	return printPlan(out, c, document)
}

// printJSON prints one object on a line of its own.
func printJSON(out io.Writer, object any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(object)
}

// solvers are the ways to plan, by the name that --solver takes.
var solvers = map[string]func(schedule.Problem) (planfile.Outcome, error){
	"exact": solveExactly, "interior-point": solveRelaxation,
}

// solve plans as the flags say.
func (o *planOptions) solve(p schedule.Problem) (planfile.Outcome, error) {
	if o.gap < 0 {
		return solvers[o.solver](p)
	}
	return outcomeOf(p, func(p schedule.Problem) (*schedule.Plan, error) {
		return schedule.SolveWithin(p, energy.CostOf(o.gap, p.Minutes))
	})
}

func solveExactly(p schedule.Problem) (planfile.Outcome, error) { return outcomeOf(p, schedule.Solve) }

func outcomeOf(p schedule.Problem, solve func(schedule.Problem) (*schedule.Plan, error)) (planfile.Outcome, error) {
	begin := time.Now()
	plan, err := solve(p)
	if err != nil {
		return planfile.Outcome{}, err
	}
	return planfile.Outcome{
		Dispatch: plan.Dispatch, Cost: plan.Cost, Bound: plan.Bound, Status: string(plan.Status),
		Certificate: plan.Certificate, Peak: plan.Peak, Solver: "exact", Seconds: time.Since(begin).Seconds(),
	}, nil
}

// solveRelaxation lets the storage charge and discharge at once; its cost is
// that of the relaxed powers rounded to whole watts, its bound the dual's, or
// that cost where rounding has made them cheaper than the relaxation.
func solveRelaxation(p schedule.Problem) (planfile.Outcome, error) {
	begin := time.Now()
	relaxed, err := interior.Solve(p)
	if err != nil {
		return planfile.Outcome{}, err
	}
	seconds := time.Since(begin).Seconds()
	m, err := model.New(p)
	if err != nil {
		return planfile.Outcome{}, err
	}
	cost := m.Total(relaxed.Dispatch)
	return planfile.Outcome{
		Dispatch: relaxed.Dispatch, Cost: cost, Bound: min(cost, energy.CostOf(relaxed.Bound, p.Minutes)),
		Status: "relaxed", Solver: "interior-point", Seconds: seconds,
	}, nil
}
