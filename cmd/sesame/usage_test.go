package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestEveryCommandHasAnExample(t *testing.T) {
	var check func(*cobra.Command)
	check = func(command *cobra.Command) {
		if !strings.Contains(command.Example, "sesame") {
			t.Errorf("%s has no example", command.CommandPath())
		}
		for _, below := range command.Commands() {
			check(below)
		}
	}
	root := newRootCommand()
	settle(root)
	check(root)
}

func TestWrongUsageEndsWithTwo(t *testing.T) {
	for _, line := range []string{
		"bogus", "plan", "plan a b", "plan --bogus", "check x", "share", "share bogus", "member", "member bogus", "member start",
		"park bogus", "battery start", "simulate", "simulate bogus", "simulate meters", "completion", "completion bogus",
		"committee propose", "committee propose --refresh --withdraw", "committee propose --withdraw --leave member5",
	} {
		var out, words strings.Builder
		if code := run(strings.Fields(line), &out, &words); code != exitBadInput || out.Len() != 0 || words.Len() == 0 {
			t.Errorf("sesame %s: exit code %d, printed %q, %q", line, code, out.String(), words.String())
		}
	}
}
