package peers

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// doublingCase is the family on which the pieces of a value function double
// each period: flat prices, no fee, surplus and deficit of 2^t kW, a huge
// storage. The cap on pieces bounds the work; the gap is what it is.
func doublingCase(periods int) *energy.Case {
	c := &energy.Case{Name: fmt.Sprintf("doubling %d", periods), Horizon: energy.Horizon{Minutes: 60, Periods: periods}}
	flow := func(t int) energy.Watt { return 1000 << (t % 20) }
	surplus := energy.Park{Name: "surplus", ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
	deficit := energy.Park{Name: "deficit", ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
	for t := range periods {
		surplus.Load, surplus.PV, surplus.Wind = append(surplus.Load, 0), append(surplus.PV, flow(t)), append(surplus.Wind, 0)
		deficit.Load, deficit.PV, deficit.Wind = append(deficit.Load, flow(t)), append(deficit.PV, 0), append(deficit.Wind, 0)
		c.Tariff.Buy, c.Tariff.Sell = append(c.Tariff.Buy, 800_000), append(c.Tariff.Sell, 300_000)
	}
	c.Parks = []energy.Park{surplus, deficit}
	c.Storage = energy.Storage{
		Power: 4_000_000_000, Maximum: 40_000_000_000, Start: 20_000_000_000, End: 20_000_000_000,
		ChargeEfficiency: 9600, DischargeEfficiency: 9600, GridTrade: true,
	}
	return c
}

// erraticCase has a price of its own in each period, as spot markets have.
func erraticCase(periods int) *energy.Case {
	c := drawnCase(3, periods)
	c.Name = fmt.Sprintf("3x%d, erratic prices", periods)
	for t := range periods {
		// A walk through the residues of a prime repeats late.
		swing := energy.Price(t * 7919 % 1009 * 600)
		c.Tariff.Buy[t], c.Tariff.Sell[t] = 200_000+swing, 150_000+swing/2
	}
	return c
}

func resized(c *energy.Case, power energy.Watt, capacity energy.WattHour) *energy.Case {
	out := *c
	out.Name = fmt.Sprintf("%s, %d kW/%d kWh", c.Name, power/1000, capacity/1000)
	s := &out.Storage
	s.Power, s.Capacity, s.Minimum, s.Maximum, s.Start, s.End = power, capacity, 0, capacity, capacity/2, capacity/2
	return &out
}

// ourCases are the cases of our solver's own benchmarks.
func ourCases(b *testing.B) []*energy.Case {
	reference, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		b.Fatal(err)
	}
	year := drawnCase(3, 8760)
	return []*energy.Case{
		reference, resized(reference, 1_000_000, 20_000_000),
		drawnCase(3, 96), erraticCase(96), drawnCase(100, 96),
		year, resized(year, 1_000_000, 20_000_000), erraticCase(8760), drawnCase(100, 8760),
		doublingCase(24), doublingCase(96), doublingCase(336),
	}
}

// BenchmarkSolve is from given sums to plan and certificate.
func BenchmarkSolve(b *testing.B) {
	for _, c := range ourCases(b) {
		b.Run(c.Name, func(b *testing.B) {
			p, _ := problem(b, c)
			plan, err := schedule.Solve(p)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schedule.Solve(p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(plan.Certificate)), "certificate-B")
			b.ReportMetric(1e6*float64(plan.Gap())/math.Abs(float64(plan.Cost)), "gap-ppm")
		})
	}
}

// BenchmarkSum is from the parks' series to the sums.
func BenchmarkSum(b *testing.B) {
	for _, c := range []*energy.Case{drawnCase(3, 24), drawnCase(100, 96), drawnCase(100, 8760)} {
		b.Run(c.Name, func(b *testing.B) {
			b.SetBytes(int64(3 * 8 * len(c.Parks) * c.Horizon.Periods))
			for b.Loop() {
				if _, err := schedule.FromCase(c, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReadSeriesOnce adds up the parks' series and nothing else: no
// solver can be faster from them than this.
func BenchmarkReadSeriesOnce(b *testing.B) {
	for _, c := range []*energy.Case{drawnCase(3, 24), drawnCase(100, 96), drawnCase(100, 8760)} {
		b.Run(c.Name, func(b *testing.B) {
			b.SetBytes(int64(3 * 8 * len(c.Parks) * c.Horizon.Periods))
			sum := energy.Watt(0)
			for b.Loop() {
				for i := range c.Parks {
					for _, series := range [][]energy.Watt{c.Parks[i].Load, c.Parks[i].PV, c.Parks[i].Wind} {
						for _, w := range series {
							sum += w
						}
					}
				}
			}
			if sum == 0 {
				b.Fatal("nothing was read")
			}
		})
	}
}

// BenchmarkCheck is the independent check of plan and certificate.
func BenchmarkCheck(b *testing.B) {
	for _, c := range ourCases(b) {
		b.Run(c.Name, func(b *testing.B) {
			p, _ := problem(b, c)
			plan, err := schedule.Solve(p)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, plan.Gap()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGrowth prints the exponent g of time ~ size^g, from the first to
// the last size, in periods, in parks (from the parks' series on) and in the
// storage's size.
func BenchmarkGrowth(b *testing.B) {
	storage := drawnCase(3, 96)
	for _, family := range []struct {
		name  string
		sizes []int
		draw  func(size int) *energy.Case
	}{
		{"periods", []int{24, 240, 2400, 8760}, func(n int) *energy.Case { return hourly(3, n) }},
		{"parks", []int{10, 100, 1000}, func(n int) *energy.Case { return drawnCase(n, 96) }},
		{"storage", []int{100, 1000, 10_000, 100_000}, func(kwh int) *energy.Case {
			return resized(storage, 500_000, energy.WattHour(kwh)*1000)
		}},
	} {
		b.Run(family.name, func(b *testing.B) {
			var first, last time.Duration
			for i, size := range family.sizes {
				_, whole, plan := measureOurs(b, family.draw(size))
				b.Logf("%s %d: %v, certificate %d bytes", family.name, size, rounded(whole), len(plan.Certificate))
				if i == 0 {
					first = whole
				}
				last = whole
			}
			span := float64(family.sizes[len(family.sizes)-1]) / float64(family.sizes[0])
			for b.Loop() {
			}
			b.ReportMetric(math.Log(last.Seconds()/first.Seconds())/math.Log(span), "exponent")
		})
	}
}

// hourly is a drawn case in hours whatever its length.
func hourly(parks, periods int) *energy.Case {
	year := drawnCase(parks, 8760)
	c := *year
	c.Horizon.Periods = periods
	c.Tariff = energy.Tariff{Buy: year.Tariff.Buy[:periods], Sell: year.Tariff.Sell[:periods]}
	c.Parks = nil
	for _, p := range year.Parks {
		p.Load, p.PV, p.Wind = p.Load[:periods], p.PV[:periods], p.Wind[:periods]
		c.Parks = append(c.Parks, p)
	}
	return &c
}
