package schedule

import (
	"testing"
	"time"

	"github.com/sesame-energy/sesame/schedule/model"
)

// BenchmarkPasses times the passes of one solve apart: the least costs to come to
// each energy with a way back along them, the value functions, the plan along
// them, and plan and certificate. "Alone" are single passes that know of nothing.
// "vertices" is how many the pass keeps for each moment, "best-ns" the shortest
// time, which a loaded machine lengthens least. Once the memory is there, nothing
// is allocated but for plan and certificate.
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
		{"year of hours bands", inBands(spotDays(8760, 60, 1_000_000))},
		{"year of hours 20 MWh", spotDays(8760, 60, 20_000_000)},
	} {
		m, err := model.New(c.p)
		if err != nil {
			b.Fatal(err)
		}
		s, periods, way := new(solver), m.Periods(), int64(0)
		most := max(fewestVertices, min(mostVertices, allVertices/periods))
		for _, pass := range []struct {
			name string
			run  func() error
			kept *functions
		}{
			{"0 curves and reach", func() error { return s.reach(m) }, nil},
			{"1 costs to come and a way", func() error { way = s.survey(m, most); return nil }, &s.behind},
			{"2 value functions", func() error { s.backward(&s.proof, m, most, known{other: &s.behind, best: way}); return nil }, &s.proof},
			{"3 plan", func() error { return s.follow(m, &s.proof, &s.plan) }, nil},
			{"4 certificate", func() error { s.result(m, &s.proof); return nil }, nil},
			{"costs to come alone", func() error { s.forward(m, most, most, known{}); return nil }, &s.behind},
			{"value functions alone", func() error { s.backward(&s.ahead, m, most, known{}); return nil }, &s.ahead},
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

// inBands gives a problem in hours the three prices of a time of use tariff.
func inBands(p Problem) Problem {
	for t := range p.Buy {
		switch hour := t % 24; {
		case hour >= 22 || hour < 6:
			p.Buy[t] = 367_000
		case hour >= 8 && hour < 11, hour >= 18:
			p.Buy[t] = 1_229_000
		default:
			p.Buy[t] = 587_000
		}
		p.Sell[t] = 361_000
	}
	return p
}
