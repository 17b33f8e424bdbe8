package sizing_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/scheduletest"
	"github.com/sesame-energy/sesame/schedule/sizing"
)

func reference(t *testing.T) *energy.Case {
	t.Helper()
	c, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPaperSizesHaveTheirKnownOptima(t *testing.T) {
	var sizes []sizing.Size
	for _, p := range sizing.Paper() {
		sizes = append(sizes, p.Size)
	}
	results, err := sizing.Sweep(reference(t), sizes, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{4721.07, 3287.42, 2947.57, 1343.54, 704.10} {
		if cost := results[i].Cost.Currency(60); math.Abs(cost-want) > 0.01 {
			t.Errorf("%+v costs %.3f, want %.2f", sizes[i], cost, want)
		}
	}
}

// Law: where power and capacity both double, the saving at most doubles, states
// of charge being fractions: half of the large storage's plan is a plan of the
// small one (docs/scheduling.md has the proof).
func TestSavingAtMostDoublesWithTheStorage(t *testing.T) {
	t.Run("reference", func(t *testing.T) {
		for power := energy.Watt(50_000); power <= 800_000; power *= 2 {
			for capacity := energy.WattHour(100_000); capacity <= 5_000_000; capacity *= 3 {
				atMostDoubles(t, reference(t), power, capacity)
			}
		}
	})
	t.Run("random", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			c := scheduletest.Case(t)
			atMostDoubles(t, c, c.Storage.Power, c.Storage.Capacity)
		})
	})
}

// atMostDoubles compares a size with twice of it. The tolerance of whole watts
// is what the smaller storage may miss of its optimum.
func atMostDoubles(t rapid.TB, c *energy.Case, power energy.Watt, capacity energy.WattHour) {
	t.Helper()
	results, err := sizing.Sweep(c, []sizing.Size{{Power: power, Capacity: capacity}, {Power: 2 * power, Capacity: 2 * capacity}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if results[0].Infeasible != nil || results[1].Infeasible != nil {
		return
	}
	sized := *c
	sized.Storage = c.Storage.Sized(power, capacity)
	problem, err := schedule.FromCase(&sized, false)
	if err != nil {
		t.Fatal(err)
	}
	if small, large := results[0].Saving+schedule.Tolerance(problem), results[1].Saving; large > 2*small {
		t.Errorf("%d W, %d Wh saves %d, with the tolerance %d, twice of it %d", power, capacity, results[0].Saving, small, large)
	}
}

// What the paper publishes is against the law: at 400 kW and 1,000 kWh it saves
// less than half of what it saves with twice of both, so 3,124 and 1,333 cannot
// both be optima of its model.
func TestPublishedSavingsMoreThanDouble(t *testing.T) {
	published := sizing.Paper()
	small, large := published[0].Cost-published[2].Cost, published[0].Cost-published[3].Cost
	if large <= 2*small {
		t.Errorf("published savings %v and %v keep the law", small, large)
	}
	if most := published[0].Cost - large/2; math.Abs(most-3023) > 0.5 {
		t.Errorf("with %v at twice the size the smaller storage costs at most %v, expected 3023", published[3].Cost, most)
	}
}

func TestBestSizeWeighsCapital(t *testing.T) {
	c := reference(t)
	results, err := sizing.Sweep(c, sizing.Grid([]energy.Watt{0, 400_000, 800_000}, []energy.WattHour{0, 1_000_000, 2_000_000}), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		perKilowattHour float64
		want            sizing.Size
	}{{0, sizing.Size{Power: 800_000, Capacity: 2_000_000}}, {1e9, sizing.Size{}}} {
		capital := sizing.Capital{PerKilowatt: 1, PerKilowattHour: k.perKilowattHour, Years: 10, Rate: 0.05}
		if best := sizing.Best(results, capital, 60, 24); results[best].Size != k.want {
			t.Errorf("at %g per kWh the best size is %+v, want %+v", k.perKilowattHour, results[best].Size, k.want)
		}
	}
}

func TestAnnuityIsThatOfTheTextbook(t *testing.T) {
	k := sizing.Capital{PerKilowattHour: 1000, Years: 10, Rate: 0.05}
	if year := k.Over(sizing.Size{Capacity: 1000}, 365.2425*24); math.Abs(year-129.504575) > 1e-6 {
		t.Errorf("1000 over ten years at 5%% is %.6f a year, want 129.504575", year)
	}
	k.Rate = 0
	if year := k.Over(sizing.Size{Capacity: 1000}, 365.2425*24); math.Abs(year-100) > 1e-9 {
		t.Errorf("without interest %.6f a year, want 100", year)
	}
}

func TestInfeasibleSizesAreKept(t *testing.T) {
	c := reference(t)
	c.Storage.States.End = energy.PartsOne
	results, err := sizing.Sweep(c, []sizing.Size{{Power: 1000, Capacity: 20_000_000}}, nil)
	if err != nil || results[0].Infeasible == nil {
		t.Errorf("%+v, %v: want an infeasible size", results, err)
	}
}
