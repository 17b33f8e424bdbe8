package peers

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// longCase is a random case of 48 to 247 periods, on which value functions have
// many vertices.
func longCase(number int) *energy.Case {
	c := randomCase(number)
	r := rand.New(rand.NewPCG(77, uint64(number)))
	periods := 48 + r.IntN(200)
	c.Horizon.Periods = periods
	limited := r.IntN(4) == 0
	for i := range c.Parks {
		c.Parks[i] = randomPark(r, i, periods, limited)
	}
	if c.Tariff = randomTariff(r, periods); r.IntN(3) == 0 {
		c.Tariff = bandTariff(periods, c.Horizon.Minutes)
	}
	return c
}

// Law: plans of several days, or of a day in short periods, are proven to the
// tolerance of whole watts as well.
func TestLongHorizonsAreProven(t *testing.T) {
	const cases = 300
	refused, bytes, worst := 0, 0, 0.0
	for i := range cases {
		c := longCase(i)
		p, _ := problem(t, c)
		plan, err := schedule.Solve(p)
		if infeasible := new(schedule.Infeasible); errors.As(err, &infeasible) {
			refused++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		tolerance := schedule.Tolerance(p)
		if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, tolerance); err != nil {
			t.Errorf("case %d: %v", i, err)
		}
		bytes, worst = bytes+len(plan.Certificate), max(worst, float64(plan.Gap())/float64(max(1, tolerance)))
	}
	t.Logf("%d cases, %d infeasible, %d bytes of certificate on average, gaps up to %.3f of the tolerance", cases, refused, bytes/cases, worst)
	if refused > cases/4 {
		t.Errorf("%d of %d cases are infeasible", refused, cases)
	}
}
