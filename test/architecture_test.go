// Package test holds tests of the whole system; this file holds the house's
// one rule of structure.
package test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/sesame-energy/sesame/"

// layer gives each part its place; a part may import parts of a lower number,
// and its own. The order is that of docs/concepts.md.
var layer = map[string]int{
	"energy": 0, "cases": 0, "schedule": 1, "vault": 1, "ledger": 2,
	"config": 3, "field": 3, "sunspec": 3, "identity": 3, "client": 3, "node": 4, "participant": 4,
	"disclosure": 5, "member": 5, "park": 5, "battery": 5, "grid": 5, "simulate": 5,
	"monitor": 6, "backup": 6, "seats": 6, "network": 7, "demo": 8, "cmd": 9, "test": 10,
}

func imports(t *testing.T) map[string][]string {
	t.Helper()
	command := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	graph := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		graph[fields[0]] = fields[1:]
	}
	return graph
}

func part(path string) (string, bool) {
	rest, ours := strings.CutPrefix(path, module)
	name, _, _ := strings.Cut(rest, "/")
	return name, ours
}

func TestDependenciesPointOneWay(t *testing.T) {
	for from, list := range imports(t) {
		fromPart, ours := part(from)
		if !ours {
			continue
		}
		if _, known := layer[fromPart]; !known {
			t.Errorf("%s: part %q has no place in the order of parts", from, fromPart)
		}
		for _, to := range list {
			toPart, ours := part(to)
			if ours && toPart != fromPart && layer[toPart] >= layer[fromPart] {
				t.Errorf("%s imports %s: dependencies point to lower parts only", from, to)
			}
		}
	}
}

func TestDomainKnowsNoNetworkNoRandomnessNoClock(t *testing.T) {
	forbidden := map[string][]string{
		"energy":   {"net", "net/http", "database/sql", "math/rand", "math/rand/v2"},
		"schedule": {"net", "net/http", "database/sql", "math/rand", "math/rand/v2", "os"},
		"vault":    {"net", "net/http", "database/sql", "math/rand", "math/rand/v2", "os", "time"},
		"ledger":   {"net", "net/http", "database/sql", "math/rand", "math/rand/v2", "crypto/rand"},
	}
	graph := imports(t)
	run := runOnLedger(graph)
	for from, list := range graph {
		fromPart, _ := part(from)
		if fromPart == "schedule" && !run[from] {
			continue // reports and figures for people, which no contract computes
		}
		for _, to := range list {
			for _, name := range forbidden[fromPart] {
				if to == name {
					t.Errorf("%s imports %s", from, to)
				}
			}
		}
	}
}

// runOnLedger are the packages of which the state machine is made.
func runOnLedger(graph map[string][]string) map[string]bool {
	run := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		if run[path] {
			return
		}
		run[path] = true
		for _, to := range graph[path] {
			if _, ours := part(to); ours {
				visit(to)
			}
		}
	}
	visit(module + "ledger")
	return run
}
