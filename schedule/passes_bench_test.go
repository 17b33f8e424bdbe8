package schedule

import (
	"testing"
	"time"

	"github.com/sesame-energy/sesame/schedule/model"
)

// BenchmarkPasses times the passes of one solve apart: the first value
// functions, the plan along them, the least costs to come to each energy, the
// second value functions, and plan and certificate. "vertices" is how many the
// pass keeps for each moment, "best-ns" the shortest time, which a loaded machine
// lengthens least. Once the memory is there, nothing is allocated but in the
// last.
func BenchmarkPasses(b *testing.B) {
	_, day := reference(b, 400_000, 1_000_000)
	_, large := reference(b, 1_000_000, 20_000_000)
	for _, c := range []struct {
		name string
		p    Problem
	}{
		{"reference day", day},
		{"reference day 20 MWh", large},
		{"96 quarter hours", spotDays(96, 15, 1_000_000)},
		{"year of hours", spotDays(8760, 60, 1_000_000)},
		{"year of hours 20 MWh", spotDays(8760, 60, 20_000_000)},
	} {
		m, err := model.New(c.p)
		if err != nil {
			b.Fatal(err)
		}
		s, periods := new(solver), m.Periods()
		most := max(fewestVertices, min(mostVertices, allVertices/periods))
		for _, pass := range []struct {
			name string
			run  func() error
			kept *functions
		}{
			{"0 curves and reach", func() error { return s.reach(m) }, nil},
			{"1 value functions", func() error { s.backward(&s.ahead, periods, m.Start, most, nil, 0); return nil }, &s.ahead},
			{"2 plan", func() error { return s.follow(m, &s.ahead, &s.plan) }, nil},
			{"3 costs to come", func() error { s.forward(m, most); return nil }, &s.behind},
			{"4 second value functions", func() error {
				s.backward(&s.proof, periods, m.Start, most, &s.behind, s.plan.cost)
				return nil
			}, &s.proof},
			{"5 plan and certificate", func() error { s.result(m, &s.proof); return nil }, nil},
		} {
			b.Run(c.name+"/"+pass.name, func(b *testing.B) {
				b.ReportAllocs()
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					if err := pass.run(); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(start))
				}
				b.ReportMetric(float64(best.Nanoseconds()), "best-ns")
				if pass.kept != nil {
					b.ReportMetric(float64(len(pass.kept.all))/float64(periods+1), "vertices")
				}
			})
		}
	}
}
