package peers

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
	"github.com/sesame-energy/sesame/schedule/interior"
	"github.com/sesame-energy/sesame/schedule/model"
)

// losingCase is a random case in which the storage loses energy by itself, from
// a thousandth a day to a tenth in an hour.
func losingCase(number int) *energy.Case {
	c := randomCase(number + 500_000)
	r := rand.New(rand.NewPCG(25, uint64(number)))
	c.Storage.SelfDischarge = energy.Parts(1 + r.IntN([]int{100, 5_000, 100_000}[r.IntN(3)]))
	return c
}

// The foreign solvers' loss is not rounded to whole units; a unit is less than a
// four thousandth of a watt.
func TestPeersAgreeOnCasesWithSelfDischarge(t *testing.T) {
	agreeOn(t, (*caseCount+3)/4, losingCase)
}

// Law: with self-discharge, plans of whole days and longer are proven to the
// tolerance of whole watts, by certificates that the independent checker accepts.
func TestCasesWithSelfDischargeAreProven(t *testing.T) {
	reference, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	cases := []*energy.Case{reference, resized(reference, 1_000_000, 20_000_000), drawnCase(3, 96), drawnCase(100, 96), drawnCase(3, 8760), doublingCase(24)}
	for i, c := range cases {
		sized := *c
		sized.Storage.SelfDischarge = []energy.Parts{2_000, 100, 50}[i%3]
		cases[i] = &sized
	}
	for i := range 1000 {
		cases = append(cases, losingCase(i))
	}
	refused, gapped := 0, 0
	for _, c := range cases {
		p, err := schedule.FromCase(c, false)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := schedule.Solve(p)
		if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
			refused++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, plan.Gap()); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if plan.Status != schedule.Optimal && c.Name != "doubling 24" {
			gapped++
			t.Logf("%s: gap %.6f of %.6f", c.Name, plan.Gap().Currency(p.Minutes), schedule.Tolerance(p).Currency(p.Minutes))
		}
		if _, err := schedule.FromCase(c, true); err == nil {
			t.Errorf("%s: the ledger plans with self-discharge", c.Name)
		}
	}
	t.Logf("%d cases, %d infeasible", len(cases), refused)
	if gapped > 0 || refused > len(cases)/3 {
		t.Errorf("%d of %d plans have a gap beyond whole watts, %d are infeasible", gapped, len(cases), refused)
	}
}

// Law: the relaxation with self-discharge costs no more than the exact plan.
func TestInteriorPointKnowsSelfDischarge(t *testing.T) {
	compared, equal := 0, 0
	for i := range 300 {
		c := losingCase(i)
		p, err := schedule.FromCase(c, false)
		if err != nil {
			t.Fatal(err)
		}
		relaxed, relaxedErr := interior.Solve(p)
		plan, err := schedule.Solve(p)
		if err != nil || relaxedErr != nil {
			if infeasible := new(model.Infeasible); relaxedErr != nil && !errors.As(relaxedErr, &infeasible) {
				t.Errorf("%s: %v", c.Name, relaxedErr)
			}
			continue
		}
		compared++
		cost, rounding := plan.Cost.Currency(p.Minutes), 1e-6*(1+math.Abs(relaxed.Cost))
		if relaxed.Cost > cost+rounding {
			t.Errorf("%s: the relaxation costs %.7f, the plan %.7f", c.Name, relaxed.Cost, cost)
		}
		if math.Abs(relaxed.Cost-cost) < rounding+schedule.Tolerance(p).Currency(p.Minutes) {
			equal++
		}
	}
	t.Logf("%d cases compared, %d of them at the same cost", compared, equal)
	if compared < 100 || equal == 0 {
		t.Errorf("%d cases compared, %d at the same cost: the test does not tell", compared, equal)
	}
}
