package peers

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
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
		year, resized(year, 1_000_000, 20_000_000), erraticCase(8760), resized(erraticCase(8760), 1_000_000, 20_000_000), drawnCase(100, 8760),
		doublingCase(24), doublingCase(96), doublingCase(336),
	}
}

// BenchmarkOurs prints a row per case: the best time of summing up the parks'
// series, of solving to plan and certificate and of the independent check, and
// what the plan is worth. Its own time is that of solving, on average.
func BenchmarkOurs(b *testing.B) {
	for _, c := range ourCases(b) {
		b.Run(c.Name, func(b *testing.B) {
			p, _ := problem(b, c)
			ours := measureOurs(b, c)
			plan := ours.plan
			b.Logf("| case | sum | solve | check | certificate, bytes | gap, currency | of the cost |")
			b.Logf("| %s | %v | %v | %v | %d | %.4f | %.1e |", c.Name, rounded(ours.sum), rounded(ours.solve), rounded(ours.check),
				len(plan.Certificate), plan.Gap().Currency(p.Minutes), float64(plan.Gap())/math.Abs(float64(plan.Cost)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schedule.Solve(p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(ours.solve.Nanoseconds()), "best-ns")
			b.ReportMetric(float64(len(plan.Certificate)), "certificate-B")
		})
	}
}

// BenchmarkReadSeriesOnce adds up the parks' series and nothing else: no
// solver can be faster from them than this. It prints how far ours is.
func BenchmarkReadSeriesOnce(b *testing.B) {
	for _, c := range []*energy.Case{drawnCase(3, 24), drawnCase(100, 96), drawnCase(3, 8760), drawnCase(100, 8760)} {
		b.Run(c.Name, func(b *testing.B) {
			sum := energy.Watt(0)
			best := bestOf(b, func() { sum += addUp(c.Parks) }, func() {
				p, err := schedule.FromCase(c, false)
				if err == nil {
					_, err = schedule.Solve(p)
				}
				if err != nil {
					b.Fatal(err)
				}
			})
			read, whole := best[0], best[1]
			for b.Loop() {
				sum += addUp(c.Parks)
			}
			if sum == 0 {
				b.Fatal("nothing was read")
			}
			b.Logf("| case | reading the series once | from series to plan and certificate | times reading |")
			b.Logf("| %s | %v | %v | %.1f |", c.Name, rounded(read), rounded(whole), whole.Seconds()/read.Seconds())
			b.ReportMetric(whole.Seconds()/read.Seconds(), "whole/read")
		})
	}
}

func addUp(parks []energy.Park) energy.Watt {
	sum := energy.Watt(0)
	for i := range parks {
		for _, series := range [][]energy.Watt{parks[i].Load, parks[i].PV, parks[i].Wind} {
			for _, w := range series {
				sum += w
			}
		}
	}
	return sum
}

// BenchmarkGrowth prints the exponent g of time ~ size^g, from the first to
// the last size, in periods, in parks (from the parks' series on), in the
// storage's size, and in the prices of a period: parks with tariffs and limits of
// their own, each of which is a step or two of the merit order.
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
		{"prices", []int{1, 3, 10, 30, 100, 300}, manyTariffs},
	} {
		b.Run(family.name, func(b *testing.B) {
			var first, last time.Duration
			for i, size := range family.sizes {
				ours := measureOurs(b, family.draw(size))
				b.Logf("| %s | %d | %v | %d bytes |", family.name, size, rounded(ours.whole), len(ours.plan.Certificate))
				if i == 0 {
					first = ours.whole
				}
				last = ours.whole
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
