// Command sesame is every role of the shared storage in one binary, and the
// commands that plan, check and prove offline. Each file holds one subcommand:
// flags in, words out, no logic.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs the command line and gives its exit code.
func run(arguments []string, stdout, stderr io.Writer) int {
	begun := false
	root := newRootCommand()
	root.PersistentPreRun = func(*cobra.Command, []string) { begun = true }
	root.SetArgs(arguments)
	out := &output{Writer: stdout}
	root.SetOut(out)
	root.SetErr(stderr)
	root.InitDefaultCompletionCmd() // it keeps the output that is set by now
	settle(root)
	err := out.arrived(root.Execute())
	if err != nil {
		fmt.Fprintf(stderr, "sesame: %v\n", err)
	}
	return exitCode(err, begun)
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "sesame",
		Short: "One battery, several parks, nobody trusted, nothing shown",
		Long: "Sesame lets the microgrids of several parks share one battery without trusting\n" +
			"each other and without showing each other their load: a committee's ledger plans\n" +
			"at least cost, dispatches and settles; secret sharing hides every park's data.",
		Example:       "  sesame demo\n  sesame plan cases/reference",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		newDemoCommand(), newPlanCommand(), newCheckCommand(), newSizeCommand(), newShareCommand(), newNetworkCommand(), newBackupCommand(),
		newMemberCommand(), newObserverCommand(), newParkCommand(), newGridCommand(), newBatteryCommand(), newMonitorCommand(),
		newRecordCommand(), newDiscloseCommand(), newCommitteeCommand(), newSimulateCommand(),
	)
	return root
}

// version is the module's version, or the commit that was built.
func version() string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return info.Main.Version + " " + setting.Value
		}
	}
	return info.Main.Version
}
