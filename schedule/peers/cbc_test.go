package peers

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// cbc is COIN-OR's branch and cut.
type cbc struct{ program string }

func openCBC() (peer, error) {
	program, err := lookFor("cbc", "coinor-cbc")
	return cbc{program}, err
}

func (cbc) name() string { return "cbc" }
func (cbc) close()       {}

func (c cbc) solve(ctx context.Context, t task) (answer, error) {
	solution := t.file + ".cbc"
	out, took, late, err := runWithin(ctx, t, c.program, t.file, "-ratioGap", fmt.Sprint(t.gap), "-allowableGap", "0",
		"-timeMode", "cpu", "-seconds", fmt.Sprint(t.limit.Seconds()), "-solve", "-solution", solution)
	if err != nil || late {
		return answer{outcome: outOfTime, total: took}, err
	}
	a := answer{total: took}
	if a.solve, err = solving(ctx, t, took, c.program, t.file, "-quit"); err != nil {
		return answer{}, err
	}
	text, err := os.ReadFile(solution)
	if err != nil {
		return answer{}, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	switch {
	case strings.HasPrefix(first, "Optimal"):
		value, _ := after(first, "objective value")
		a.cost, err = strconv.ParseFloat(value, 64)
		return a, err
	case strings.Contains(strings.ToLower(first), "infeasible"):
		a.outcome = infeasible
		return a, nil
	case strings.HasPrefix(first, "Stopped on time"):
		a.outcome = outOfTime
		return a, nil
	}
	return answer{}, fmt.Errorf("cbc: %s\n%s", first, out)
}
