package test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/schedule"
)

func loadCase(t *testing.T, path string) *energy.Case {
	t.Helper()
	c, _, err := casefile.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func planIsComputedOffline(t *testing.T, seen *lived) {
	plan := must[scheduling.Plan](seen.observer, scheduling.Key(firstDay, 1))
	if plan.Source != scheduling.SourceRound {
		t.Fatalf("the plan rests on %q, expected the round's sums", plan.Source)
	}
	samePlan(t, plan, loadCase(t, referenceCase))
}

// samePlan checks a plan of the ledger against what the solver says offline
// about the case, down to the certificate's bytes.
func samePlan(t *testing.T, plan scheduling.Plan, c *energy.Case) {
	t.Helper()
	problem, err := schedule.FromCase(c, true)
	if err != nil {
		t.Fatal(err)
	}
	offline, err := schedule.Solve(problem)
	if err != nil {
		t.Fatal(err)
	}
	for name, series := range map[string][2][]energy.Watt{
		"charge": {plan.Charge, offline.Charge}, "discharge": {plan.Discharge, offline.Discharge},
		"surplus taken": {plan.SurplusTaken, offline.SurplusTaken}, "deficit served": {plan.DeficitServed, offline.DeficitServed},
	} {
		if !slices.Equal(series[0], series[1]) {
			t.Errorf("%s: %v on the ledger, %v offline", name, series[0], series[1])
		}
	}
	for period, stored := range plan.Energy {
		if offline.EnergyWh(period) != stored {
			t.Errorf("period %d: %d Wh on the ledger, %d offline", period+1, stored, offline.EnergyWh(period))
		}
	}
	if plan.Cost != offline.Cost || plan.Baseline != offline.Baseline || plan.Bound != offline.Bound {
		t.Errorf("cost %d, baseline %d, bound %d on the ledger; %d, %d, %d offline",
			plan.Cost, plan.Baseline, plan.Bound, offline.Cost, offline.Baseline, offline.Bound)
	}
	if !bytes.Equal(plan.Certificate, offline.Certificate) || len(plan.Certificate) == 0 {
		t.Errorf("certificate of %d bytes on the ledger, another of %d offline", len(plan.Certificate), len(offline.Certificate))
	}
}

func plansProveThemselves(t *testing.T, seen *lived) {
	plans := all[scheduling.Plan](seen.observer, scheduling.DayPrefix(firstDay))
	plans = append(plans, all[scheduling.Plan](seen.observer, scheduling.DayPrefix(firstDay+1))...)
	if len(plans) < 2 {
		t.Fatalf("%d plans of two days", len(plans))
	}
	for _, plan := range plans {
		proven := must[scheduling.Plan](seen.observer, scheduling.Key(plan.Day, plan.Version))
		verdict, err := proven.Prove()
		if err != nil {
			t.Errorf("plan %d.%d: %v", plan.Day, plan.Version, err)
			continue
		}
		if verdict.Bound != proven.Bound || proven.Gap() > proven.Tolerance {
			t.Errorf("plan %d.%d: bound %d proven, %d stated; gap %d, tolerance %d", plan.Day, plan.Version, verdict.Bound, proven.Bound, proven.Gap(), proven.Tolerance)
		}
		forged := proven
		forged.Charge = slices.Clone(proven.Charge)
		forged.Charge[proven.From] += 1000
		if _, err := forged.Prove(); err == nil {
			t.Errorf("plan %d.%d proves itself with another charge, too", plan.Day, plan.Version)
		}
	}
}
