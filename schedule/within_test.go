package schedule

import (
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// Law: a certificate made to leave a gap proves the plan to that gap, or to what
// whole watts leave and half of it, and gets smaller as the gap grows.
func TestCertificateTradesPiecesForGap(t *testing.T) {
	_, day := reference(t, 400_000, 1_000_000)
	_, large := reference(t, 1_000_000, 20_000_000)
	for name, p := range map[string]Problem{
		"reference day": day, "reference day 20 MWh": large, "96 quarter hours": spotDays(96, 15, 1_000_000),
		"month of hours": spotDays(720, 60, 1_000_000),
	} {
		usual, err := Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		last := 1 << 30
		for _, gap := range []float64{0, 1e-4, 1e-2, 1, 100} {
			allowed := energy.CostOf(gap, p.Minutes)
			plan, err := SolveWithin(p, allowed)
			if err != nil {
				t.Fatal(err)
			}
			if plan.Cost > usual.Cost {
				t.Errorf("%s, gap %g: costs %d, without a wish %d", name, gap, plan.Cost, usual.Cost)
			}
			// Values are rounded down to whole units, some in every period.
			if most := max(allowed, allowed/2+usual.Gap()) + energy.Cost(2*p.Periods()); plan.Gap() > most {
				t.Errorf("%s, gap %g: leaves %d, expected at most %d", name, gap, plan.Gap(), most)
			}
			if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, plan.Gap()); err != nil {
				t.Errorf("%s, gap %g: %v", name, gap, err)
			}
			t.Logf("%s, gap %g: leaves %.6f in %d bytes (usual %.6f in %d)", name, gap, plan.Gap().Currency(p.Minutes), len(plan.Certificate),
				usual.Gap().Currency(p.Minutes), len(usual.Certificate))
			if len(plan.Certificate) > last+last/100 { // one vertex may cost another's bytes
				t.Errorf("%s, gap %g: %d bytes, with a smaller gap %d", name, gap, len(plan.Certificate), last)
			}
			last = len(plan.Certificate)
		}
		if last >= len(usual.Certificate) {
			t.Errorf("%s: %d bytes at a gap of 100, %d without a wish", name, last, len(usual.Certificate))
		}
	}
}
