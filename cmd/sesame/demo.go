package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/cases"
	"github.com/sesame-energy/sesame/demo"
	"github.com/sesame-energy/sesame/energy/casefile"
)

// newDemoCommand lives through days of a case with a whole network on this machine.
func newDemoCommand() *cobra.Command {
	var (
		options demo.Options
		asJSON  bool
		logs    string
	)
	command := &cobra.Command{
		Use:   "demo [CASE]",
		Short: "Live through days of a case with a whole network on this machine",
		Long: "Runs five committee members, every park's node, the grid company, the battery's\n" +
			"gateway, simulated meters and a simulated battery, and the monitor's page, each\n" +
			"the same daemon that runs on a machine of its own. At the end it prints what the\n" +
			"days came to; every figure comes out of the ledger.\n\n" +
			"Without CASE it lives through the reference case. On a terminal the page stays\n" +
			"until Ctrl-C.",
		Example: "  sesame demo\n  sesame demo cases/reference --headless --days 2 --json\n  sesame demo --noise 0 --speed 2",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			folder, remove, err := caseFolder(arguments)
			if err != nil {
				return err
			}
			defer remove()
			options.CasePath = folder
			ctx, stop := signal.NotifyContext(command.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return runDemo(ctx, options, asJSON, logs, command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.BoolVar(&options.Headless, "headless", false, "no page; end when the days are settled")
	flags.IntVar(&options.Days, "days", 1, "days to live through; after its last the case repeats with shifted dates")
	flags.Float64Var(&options.Speed, "speed", 1, "times the default pace, in which a period lasts 5 s; as far as a round can keep up")
	flags.Float64Var(&options.Noise, "noise", 0.02, "standard deviation of the readings around the forecast; 0 for none")
	flags.StringVar(&options.Dir, "dir", "", "folder of the network (default: one that is removed at the end)")
	flags.BoolVar(&options.Keep, "keep", false, "go on with what the folder holds")
	flags.StringVar(&options.Disclose, "disclose", "", "in the end, open this park's load of the last day by vote of the committee, and draw it (the paper's Figure 10)")
	flags.StringVar(&options.Figures, "plots", "", "folder for the figure of --disclose, SVG and PNG (default: plots in the folder of --dir, without --dir plots here)")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	flags.StringVar(&logs, "log", "", "file for the daemons' logs (default: demo.log in the folder)")
	return command
}

// caseFolder is the case that the arguments name, or the reference case laid
// out in a temporary folder that remove takes away.
func caseFolder(arguments []string) (folder string, remove func(), err error) {
	if len(arguments) == 1 {
		return arguments[0], func() {}, nil
	}
	return cases.Reference()
}

func runDemo(ctx context.Context, options demo.Options, asJSON bool, logs string, stdout, stderr io.Writer) error {
	if options.Keep && options.Dir == "" {
		options.Dir = "sesame-demo"
	}
	narrator := newNarrator(stderr)
	options.Progress = narrator.tell
	prepared, err := demo.Prepare(options)
	if err != nil {
		return demoError(err)
	}
	if logs == "" {
		logs = filepath.Join(prepared.Dir(), "demo.log")
	}
	file, err := os.OpenFile(logs, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return errors.Join(badInput(fmt.Errorf("log: %w", err)), prepared.Close())
	}
	prepared.Log(slog.New(slog.NewTextHandler(file, nil)))
	for _, warning := range prepared.Warnings() {
		narrator.note("note: " + warning)
	}
	if !options.Headless {
		narrator.note("page: " + prepared.Page())
	}
	stay := !options.Headless && !asJSON && terminal(stdout)
	err = prepared.Run(ctx, func(ctx context.Context, report demo.Report) error {
		narrator.end()
		if err := printReport(stdout, report, asJSON); err != nil {
			return err
		}
		if stay {
			if report.Disclosure != nil {
				narrator.note("The disclosed series is on the page under Privacy, too.")
			}
			narrator.note("The page stays at " + prepared.Page() + " until Ctrl-C.")
			<-ctx.Done()
		}
		if done, why := report.Settled(); !done {
			return notSo(errors.New(why))
		}
		return nil
	})
	narrator.end()
	return errors.Join(demoError(err), file.Close(), prepared.Close())
}

// demoError marks what is wrong with the request as bad input, and says in
// words that the demo was interrupted.
func demoError(err error) error {
	if errors.Is(err, context.Canceled) {
		return notSo(errors.New("stopped before the days were settled"))
	}
	var bad *demo.BadInput
	var wrong *casefile.Error
	if errors.As(err, &bad) || errors.As(err, &wrong) {
		return badInput(err)
	}
	return err
}

func printReport(stdout io.Writer, report demo.Report, asJSON bool) error {
	if asJSON {
		encoded, err := json.Marshal(report)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		_, err = fmt.Fprintln(stdout, string(encoded))
		return err
	}
	return reportTables(stdout, report)
}

// narrator tells on standard error what happens: a progress bar on a terminal,
// else only what is worth a line.
type narrator struct {
	stderr io.Writer
	bar    *bar
}

func newNarrator(stderr io.Writer) *narrator {
	n := &narrator{stderr: stderr}
	if terminal(stderr) {
		n.bar = newBar(stderr)
	}
	return n
}

func (n *narrator) tell(moment demo.Moment) {
	if n.bar != nil {
		n.bar.show(moment.Done, moment.Time.Format("2006-01-02 15:04"))
	}
	if moment.Text != "" {
		n.note(moment.Time.Format(time.RFC3339) + "  " + moment.Text)
	}
}

func (n *narrator) note(text string) {
	if n.bar != nil {
		n.bar.clear()
	}
	fmt.Fprintln(n.stderr, text)
}

func (n *narrator) end() {
	if n.bar != nil {
		n.bar.end()
	}
}
