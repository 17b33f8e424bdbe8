package peers

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
)

var update = flag.Bool("update", false, "write the golden file anew")

// digest is a hash of all that a solve gives: powers, energies, costs, status
// and certificate, or the words of a refusal.
func digest(t *testing.T, c *energy.Case) [sha256.Size]byte {
	t.Helper()
	p, _ := problem(t, c)
	plan, err := schedule.Solve(p)
	var out bytes.Buffer
	if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
		return sha256.Sum256([]byte(err.Error()))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, series := range []any{plan.Charge, plan.Discharge, plan.SurplusTaken, plan.DeficitServed, plan.Energy} {
		if err := binary.Write(&out, binary.BigEndian, series); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(&out, plan.Baseline, plan.Cost, plan.Bound, plan.Status)
	out.Write(plan.Certificate)
	return sha256.Sum256(out.Bytes())
}

// All members of a committee must find the same bytes, whichever version of
// the program they run. A change of the solver that changes any of these
// plans or certificates must be meant, and needs an agreed height on ledgers.
func TestPlansAreWhatTheyWere(t *testing.T) {
	const golden = "testdata/plans.txt"
	reference, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	cases := []*energy.Case{reference, resized(reference, 800_000, 2_000_000), resized(reference, 1_000_000, 20_000_000)}
	for i := range 300 {
		cases = append(cases, randomCase(i))
	}
	for i := range 96 {
		cases = append(cases, mixedCase(i))
	}
	cases = append(cases, drawnCase(3, 96), drawnCase(10, 96), erraticCase(96), doublingCase(24))
	for i := range 30 {
		cases = append(cases, longCase(i), losingCase(i))
	}
	var got bytes.Buffer
	for _, c := range cases {
		sum := digest(t, c)
		fmt.Fprintf(&got, "%x %s\n", sum[:8], c.Name)
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := bytes.Split(got.Bytes(), []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range gotLines {
		if i >= len(wantLines) || !bytes.Equal(gotLines[i], wantLines[i]) {
			t.Fatalf("plan or certificate changed: %s (with -update if that is meant)", gotLines[i])
		}
	}
}
