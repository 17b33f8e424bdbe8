package schedule

import (
	"math"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
)

// reference is the reference case with another size of storage.
func reference(t testing.TB, power energy.Watt, capacity energy.WattHour) (*energy.Case, Problem) {
	t.Helper()
	c, _, err := casefile.Load("../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	c.Storage.Power, c.Storage.Capacity, c.Storage.Maximum = power, capacity, capacity
	c.Storage.Start, c.Storage.End = capacity/2, capacity/2
	p, err := FromCase(c, false)
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

func TestReferenceCaseHasItsKnownOptima(t *testing.T) {
	for _, c := range []struct {
		power    energy.Watt
		capacity energy.WattHour
		cost     float64
	}{
		{0, 0, 4721.07},
		{300_000, 800_000, 3287.42},
		{400_000, 1_000_000, 2947.57},
		{800_000, 2_000_000, 1343.54},
		{1_000_000, 20_000_000, 704.10},
	} {
		_, p := reference(t, c.power, c.capacity)
		plan, err := Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		if cost := plan.Cost.Currency(60); math.Abs(cost-c.cost) > 0.01 {
			t.Errorf("%d W, %d Wh: cost %.4f, want %.2f", c.power, c.capacity, cost, c.cost)
		}
		if baseline := plan.Baseline.Currency(60); math.Abs(baseline-4721.07) > 0.01 {
			t.Errorf("baseline %.4f, want 4721.07", baseline)
		}
		if plan.Status != Optimal || plan.Gap() < 0 {
			t.Errorf("status %s, gap %d", plan.Status, plan.Gap())
		}
		t.Logf("gap %.9f, certificate %d bytes", plan.Gap().Currency(60), len(plan.Certificate))
	}
}
