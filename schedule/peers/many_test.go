package peers

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// manyTariffs is a day of quarter hours of many parks, each with a tariff and
// limits of its own, local trade and curtailment.
func manyTariffs(parks int) *energy.Case {
	c := drawnCase(parks, 96)
	r := rand.New(rand.NewPCG(6, uint64(parks)))
	for i := range c.Parks {
		tariff := randomTariff(r, 96)
		c.Parks[i].Tariff = &tariff
		c.Parks[i].ImportLimit, c.Parks[i].ExportLimit = 500_000, 300_000
	}
	c.LocalTrade, c.Curtailment = &energy.LocalTrade{Fee: 20_000}, true
	return c
}

// A merit order has as many steps as it takes: hundreds of prices in a period
// are planned and proven like few.
func TestHundredsOfTariffsArePlannedAndProven(t *testing.T) {
	for _, parks := range []int{10, 300} {
		p, _ := problem(t, manyTariffs(parks))
		begin := time.Now()
		plan, err := schedule.Solve(p)
		if err != nil {
			t.Fatal(err)
		}
		solved := time.Since(begin)
		if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, schedule.Tolerance(p)); err != nil {
			t.Errorf("%d parks: %v", parks, err)
		}
		t.Logf("%d parks: %v, gap %.6f of at most %.6f, certificate of %d bytes", parks, solved,
			plan.Gap().Currency(p.Minutes), schedule.Tolerance(p).Currency(p.Minutes), len(plan.Certificate))
	}
}
