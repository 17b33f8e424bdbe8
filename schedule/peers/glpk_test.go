package peers

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// glpk is glpsol.
type glpk struct{ program string }

func openGLPK() (peer, error) {
	program, err := lookFor("glpsol", "glpk-utils")
	return glpk{program}, err
}

func (glpk) name() string { return "glpk" }
func (glpk) close()       {}

func (g glpk) solve(ctx context.Context, t task) (answer, error) {
	solution := t.file + ".glpk"
	out, took, late, err := runWithin(ctx, t, g.program, "--lp", t.file, "--mipgap", fmt.Sprint(t.gap),
		"--tmlim", strconv.Itoa(int(t.limit.Seconds())), "-w", solution)
	if err != nil || late {
		return answer{outcome: outOfTime, total: took}, err
	}
	a := answer{total: took}
	if a.solve, err = solving(ctx, t, took, g.program, "--lp", t.file, "--check"); err != nil {
		return answer{}, err
	}
	if strings.Contains(out, "NO PRIMAL FEASIBLE") || strings.Contains(out, "NO INTEGER FEASIBLE") {
		a.outcome = infeasible
		return a, nil
	}
	if strings.Contains(out, "TIME LIMIT EXCEEDED") {
		a.outcome = outOfTime
		return a, nil
	}
	text, err := os.ReadFile(solution)
	if err != nil {
		return answer{}, err
	}
	for line := range strings.Lines(string(text)) {
		// s mip ROWS COLUMNS STATUS COST
		if f := strings.Fields(line); len(f) == 6 && f[0] == "s" && f[1] == "mip" && f[4] == "o" {
			a.cost, err = strconv.ParseFloat(f[5], 64)
			return a, err
		}
	}
	return answer{}, fmt.Errorf("glpsol: no optimum in its solution\n%s", out)
}
