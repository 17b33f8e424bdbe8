package test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// eventually asks again until a condition holds that no ledger can tell of.
func eventually(ctx context.Context, t *testing.T, what string, holds func() bool) {
	t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("waiting for %s: %v", what, ctx.Err())
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestDemoRefusesWhatItCannotLiveThrough(t *testing.T) {
	halfDay := variant(t, func(text *caseText) {
		text.series, text.tariff = text.series[:13], text.tariff[:13]
	})
	twoParks := variant(t, func(text *caseText) {
		text.replace(t, "  - name: park3\n    pv_capacity_kw: 600\n    wind_capacity_kw: 500\n", "")
		for i, row := range text.series {
			text.series[i] = slices.Clone(row[:5])
		}
	})
	misspelt := variant(t, func(text *caseText) { text.replace(t, "power_kw", "power_kv") })
	for _, asked := range []struct {
		says      string
		arguments []string
		because   string // pattern of what standard error says
	}{
		{"a case of half a day", []string{halfDay}, "whole|day"},
		{"a case of two parks", []string{twoParks}, "2 parks: expected at least three"},
		{"a case with a misspelt key", []string{misspelt}, `case\.yaml.*power_kv|power_kv`},
		{"a case that is not there", []string{filepath.Join(t.TempDir(), "nowhere")}, "nowhere"},
		{"two cases", []string{referenceCase, referenceCase}, "arg"},
		{"no days", []string{referenceCase, "--days", "0"}, "0 days: expected at least 1"},
		{"negative noise", []string{referenceCase, "--noise", "-0.1"}, "noise -0.1: expected 0 to 1"},
		{"more noise than signal", []string{referenceCase, "--noise", "2"}, "noise 2: expected 0 to 1"},
		{"noise that is no number", []string{referenceCase, "--noise", "NaN"}, "noise NaN"},
		{"time that runs backward", []string{referenceCase, "--speed", "-1"}, "speed -1"},
		{"speed that is no number", []string{referenceCase, "--speed", "fast"}, "fast"},
		{"an unknown flag", []string{referenceCase, "--quick"}, "quick"},
	} {
		t.Run(asked.says, func(t *testing.T) {
			code, stdout, stderr := sesame(bounded(t, 2*time.Minute), t, append([]string{"demo", "--headless", "--json"}, asked.arguments...)...)
			if code != 2 || stdout != "" {
				t.Errorf("exit code %d, standard output %q: expected 2 and nothing", code, stdout)
			}
			if !regexp.MustCompile(asked.because).MatchString(stderr) {
				t.Errorf("standard error %q: expected %s", stderr, asked.because)
			}
		})
	}
}

// Ctrl-C ends a demo within moments, with a reason and without a trace.
func TestInterruptedDemoLeavesNothingBehind(t *testing.T) {
	skipShort(t)
	ctx := bounded(t, 4*time.Minute)
	temporary := t.TempDir()
	running := launch(ctx, t, "the demo", []string{"TMPDIR=" + temporary}, "demo", "--headless", "--json", "--speed", "2")
	var dir string
	eventually(ctx, t, "the demo's folder", func() bool {
		found, _ := filepath.Glob(filepath.Join(temporary, "*", "genesis.json"))
		if len(found) == 1 {
			dir = filepath.Dir(found[0])
		}
		return dir != ""
	})
	await(ctx, t, dir).height(10)
	code := running.interrupt()
	if code != 1 || running.stdout.Len() != 0 {
		t.Errorf("exit code %d, standard output %q: expected 1 and nothing", code, running.stdout)
	}
	if said := running.stderr.String(); !strings.Contains(said, "stopped before the days were settled") || strings.Contains(said, "context canceled") {
		t.Errorf("standard error %q: expected that it was stopped, in words", said)
	}
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
