package schedule

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
	"github.com/sesame-energy/sesame/schedule/scheduletest"
)

// Law: planning the rest anew where everything has gone as planned costs what
// the plan's own rest costs, up to whole watts and the Wh that a meter leaves
// off; what is planned keeps all limits from the energy that is there.
func TestRestOfAPlanIsAsCheapAsThePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := FromCase(scheduletest.Case(t), true)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Solve(p)
		if infeasible := new(Infeasible); errors.As(err, &infeasible) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		from := rapid.IntRange(1, p.Periods()-1).Draw(t, "from")
		rest, end, err := SolveRest(p, from, plan.EnergyWh(from-1))
		if err != nil {
			t.Fatal(err)
		}
		if off := end - p.Storage.End; off < -1 || off > 1 {
			t.Fatalf("planned for %d Wh at the end, expected %d", end, p.Storage.End)
		}
		own := costFrom(t, p, plan.Dispatch, from)
		if slack := Tolerance(p) + oneWattHour(p); rest.Cost > own+slack || rest.Bound > own+slack {
			t.Fatalf("from period %d on it costs %d, by the plan %d, slack %d", from+1, rest.Cost, own, slack)
		}
	})
}

// costFrom is what the parks pay from a period on.
func costFrom(t *rapid.T, p Problem, d model.Dispatch, from int) (sum energy.Cost) {
	m, err := model.New(p)
	if err != nil {
		t.Fatal(err)
	}
	for period := from; period < p.Periods(); period++ {
		sum += m.BaselineOf(period) + m.Cost(period, d)
	}
	return sum
}

// oneWattHour is the most that a Wh of stored energy can be worth: what buying
// it anew costs, and the whole watts that takes.
func oneWattHour(p Problem) energy.Cost {
	most := energy.Price(0)
	for t := range p.Buy {
		most = max(most, p.Buy[t], -p.Sell[t])
	}
	return energy.Cost(int64(most+p.Storage.Fee) * 10)
}

func TestRestBeginsAtAnyEnergyOfTheWindow(t *testing.T) {
	_, p := reference(t, 400_000, 1_000_000)
	for _, c := range []struct {
		from   int
		stored energy.WattHour
		end    energy.WattHour
	}{
		{0, 500_000, 500_000},
		{12, 0, 500_000},
		{23, 0, 384_000},         // an hour of 400 kW at 0.96
		{23, 1_000_000, 583_334}, // 400 kW given at 0.96
	} {
		plan, end, err := SolveRest(p, c.from, c.stored)
		if err != nil {
			t.Fatalf("from period %d with %d Wh: %v", c.from+1, c.stored, err)
		}
		if end != c.end || len(plan.Charge) != 24-c.from || plan.Status != Optimal {
			t.Errorf("from period %d with %d Wh: ends at %d, %d periods, %s; expected %d and %d", c.from+1, c.stored, end, len(plan.Charge), plan.Status, c.end, 24-c.from)
		}
	}
	for _, from := range []int{-1, 24} {
		if _, _, err := SolveRest(p, from, 500_000); err == nil {
			t.Errorf("planned from period %d on", from+1)
		}
	}
	wrong := new(FieldError)
	if _, _, err := SolveRest(p, 3, 2_000_000); !errors.As(err, &wrong) {
		t.Errorf("with more energy than the storage holds: %v", err)
	}
}
