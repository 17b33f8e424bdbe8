package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/plan run plan and check on cases of their own and on
// the reference case, and check exit codes and words.
func TestPlanScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/plan",
		Setup: copyReference,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exitsInFolder, "saves": saveOutput, "replace": replaceText,
		},
	})
}

// copyReference puts the reference case into a script's folder.
func copyReference(env *testscript.Env) error {
	return os.CopyFS(filepath.Join(env.WorkDir, "reference"), os.DirFS("../../cases/reference"))
}

// exitsInFolder is exits CODE ARGUMENT..: sesame ARGUMENT.. ends with that
// code; names of files and folders that are there stand for those.
func exitsInFolder(ts *testscript.TestScript, neg bool, arguments []string) {
	for i := 2; i < len(arguments); i++ {
		if _, err := os.Stat(ts.MkAbs(arguments[i])); err == nil {
			arguments[i] = ts.MkAbs(arguments[i])
		}
	}
	runForCode(ts, neg, arguments)
}

// saveOutput is saves FILE: FILE is what the last command printed.
func saveOutput(ts *testscript.TestScript, neg bool, arguments []string) {
	ts.Check(os.WriteFile(ts.MkAbs(arguments[0]), []byte(ts.ReadFile("stdout")), 0o600))
}

func TestMoneyIsRoundedHalfAwayFromZero(t *testing.T) {
	for amount, want := range map[string]string{
		"0": "0.00", "2947.573651": "2947.57", "0.005": "0.01", "-0.005": "-0.01", "-1714.6749": "-1714.67", "-0.001": "0.00",
	} {
		if got := shownMoney(amount); got != want {
			t.Errorf("%s is shown as %s, want %s", amount, got, want)
		}
	}
}

func TestVersionAndHelpNeedNoCase(t *testing.T) {
	for _, arguments := range [][]string{{"--help"}, {"plan", "--help"}, {"check", "--help"}, {"--version"}, {"completion", "bash"}} {
		var out, words strings.Builder
		if code := run(arguments, &out, &words); code != exitDone || out.Len() == 0 {
			t.Errorf("sesame %v: exit code %d, printed %q, %q", arguments, code, out.String(), words.String())
		}
	}
}
