package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata/share run the command in this process and check its
// exit code, its words and its files.
func TestShareScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/share",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": runForCode, "mode": checkMode, "replace": replaceText, "adopt": adoptDigest,
		},
	})
}

// runForCode is exits CODE ARGUMENT..: sesame ARGUMENT.. ends with that code.
func runForCode(ts *testscript.TestScript, neg bool, arguments []string) {
	want, err := strconv.Atoi(arguments[0])
	ts.Check(err)
	for i, argument := range arguments {
		if strings.HasSuffix(argument, ".csv") || strings.HasSuffix(argument, ".json") || i > 1 && (arguments[i-1] == "--out" || arguments[i-1] == "--plots") {
			arguments[i] = ts.MkAbs(argument)
		}
	}
	got := run(arguments[1:], ts.Stdout(), ts.Stderr())
	if got != want {
		ts.Fatalf("sesame %s: exit code %d, want %d", strings.Join(arguments[1:], " "), got, want)
	}
}

// checkMode is mode MODE FILE..: the files have these permissions.
func checkMode(ts *testscript.TestScript, neg bool, arguments []string) {
	want, err := strconv.ParseUint(arguments[0], 8, 32)
	ts.Check(err)
	for _, name := range arguments[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if info.Mode().Perm() != fs.FileMode(want) {
			ts.Fatalf("%s has mode %v, want %v", name, info.Mode().Perm(), fs.FileMode(want))
		}
	}
}

// replaceText is replace OLD NEW FROM TO: TO is FROM with OLD, which must be
// there, replaced.
func replaceText(ts *testscript.TestScript, neg bool, arguments []string) {
	text := ts.ReadFile(arguments[2])
	if !strings.Contains(text, arguments[0]) {
		ts.Fatalf("%s does not contain %s", arguments[2], arguments[0])
	}
	changed := strings.ReplaceAll(text, arguments[0], arguments[1])
	ts.Check(os.WriteFile(ts.MkAbs(arguments[3]), []byte(changed), 0o600))
}

// adoptDigest is adopt SHARE OTHER TO: TO is SHARE with the digest of OTHER.
func adoptDigest(ts *testscript.TestScript, neg bool, arguments []string) {
	var share, other map[string]json.RawMessage
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(arguments[0])), &share))
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(arguments[1])), &other))
	share["public"] = other["public"]
	text, err := json.Marshal(share)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(arguments[2]), text, 0o600))
}
