package peers

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/model"
)

// problem sums a case up for our solver.
func problem(t testing.TB, c *energy.Case) (schedule.Problem, *model.Model) {
	t.Helper()
	p, err := schedule.FromCase(c, false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return p, m
}

// randomCase draws a case of mixed kind: parks with and without limits, each
// end rule, with and without trade of the storage with the grid, with and
// without losses and fee, prices by bands, erratic, below zero or with buying
// and selling alike, storages from minutes to days of energy.
func randomCase(number int) *energy.Case {
	r := rand.New(rand.NewPCG(21, uint64(number)))
	periods := 2 + r.IntN(23)
	c := &energy.Case{Name: fmt.Sprintf("random %d", number), Horizon: energy.Horizon{Minutes: []int{15, 30, 60}[r.IntN(3)], Periods: periods}}
	limited := r.IntN(3) == 0
	for i := range 1 + r.IntN(5) {
		c.Parks = append(c.Parks, randomPark(r, i, periods, limited))
	}
	c.Tariff = randomTariff(r, periods)
	capacity := energy.WattHour(10_000 * (1 + r.IntN([]int{20, 80, 800}[r.IntN(3)])))
	efficiency := func() energy.Efficiency {
		return []energy.Efficiency{10_000, energy.Efficiency(100 * (85 + r.IntN(16))), energy.Efficiency(8000 + r.IntN(2000))}[r.IntN(3)]
	}
	c.Storage = energy.Storage{
		Power: kilowatts(r, 300), Capacity: capacity, Maximum: capacity,
		ChargeEfficiency: efficiency(), DischargeEfficiency: efficiency(),
		EndRule: energy.EndRule(r.IntN(2)), Fee: energy.Price(r.IntN(3) * 13_000), GridTrade: r.IntN(2) == 0,
	}
	if r.IntN(2) == 0 {
		c.Storage.Minimum = capacity / 10
	}
	tenths := func() energy.WattHour {
		return c.Storage.Minimum + (capacity-c.Storage.Minimum)/10*energy.WattHour(r.IntN(11))
	}
	c.Storage.Start = tenths()
	if c.Storage.End = c.Storage.Start; r.IntN(4) == 0 {
		c.Storage.End = tenths()
	}
	return c
}

func kilowatts(r *rand.Rand, most int) energy.Watt { return energy.Watt(1000 * r.IntN(most)) }

func randomPark(r *rand.Rand, i, periods int, limited bool) energy.Park {
	p := energy.Park{Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
	if limited && r.IntN(2) == 0 {
		p.ImportLimit = 250_000 + kilowatts(r, 200)
	}
	if limited && r.IntN(2) == 0 {
		p.ExportLimit = 250_000 + kilowatts(r, 200)
	}
	for range periods {
		p.Load, p.PV, p.Wind = append(p.Load, kilowatts(r, 400)), append(p.PV, kilowatts(r, 300)), append(p.Wind, kilowatts(r, 200))
	}
	return p
}

func randomTariff(r *rand.Rand, periods int) energy.Tariff {
	var tariff energy.Tariff
	kind, negative := r.IntN(4), energy.Price(r.IntN(2)*200_000)
	bands := [3]energy.Price{300_000, energy.Price(400_000 + 100*r.IntN(4000)), energy.Price(800_000 + 100*r.IntN(6000))}
	for t := range periods {
		sell, buy := energy.Price(100*r.IntN(6000))-negative, energy.Price(100*r.IntN(7000))
		switch kind {
		case 0: // bands, one price for what is sold
			sell, buy = 290_000, bands[t*7/periods%3]-290_000
		case 1: // the same price both ways
			buy = 0
		}
		tariff.Sell, tariff.Buy = append(tariff.Sell, sell), append(tariff.Buy, sell+buy)
	}
	return tariff
}

// bandPrice is the time of use tariff of the benchmark cases, by hour.
func bandPrice(hour int) energy.Price {
	switch {
	case hour >= 22 || hour < 6:
		return 367_000
	case hour >= 8 && hour < 11, hour >= 18 && hour < 22:
		return 1_229_000
	}
	return 587_000
}

// bandTariff buys by bands and sells at 0.361.
func bandTariff(periods, minutes int) energy.Tariff {
	var tariff energy.Tariff
	for t := range periods {
		tariff.Buy = append(tariff.Buy, bandPrice(t*minutes/60%24))
		tariff.Sell = append(tariff.Sell, 361_000)
	}
	return tariff
}

// storageFor is a storage that is neither idle nor boundless for so many parks.
func storageFor(parks int) energy.Storage {
	size := energy.WattHour(parks) * 400_000
	return energy.Storage{
		Power: energy.Watt(parks) * 150_000, Capacity: size, Maximum: size, Minimum: size / 10, Start: size / 2, End: size / 2,
		ChargeEfficiency: 9600, DischargeEfficiency: 9600, Fee: 13_000, GridTrade: true,
	}
}

// drawnCase is a case for benchmarks: loads of two shifts, sun, wind that comes
// and goes, drawn with a fixed seed, in periods of an hour or, for whole days
// of 96, a quarter.
func drawnCase(parks, periods int) *energy.Case {
	minutes := 60
	if periods%96 == 0 && periods < 960 {
		minutes = 15
	}
	r := rand.New(rand.NewPCG(uint64(parks), uint64(periods)))
	c := &energy.Case{
		Name: fmt.Sprintf("%dx%d", parks, periods), Horizon: energy.Horizon{Minutes: minutes, Periods: periods},
		Tariff: bandTariff(periods, minutes), Storage: storageFor(parks),
	}
	for i := range parks {
		peak, sun, gale := 100+600*r.Float64(), 800*r.Float64(), 500*r.Float64()
		p := energy.Park{Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
		breeze := r.Float64()
		for t := range periods {
			hour := float64(t*minutes) / 60
			work := 0.45 + 0.35*math.Max(0, math.Sin((hour-5)/24*2*math.Pi)) + 0.2*r.Float64()
			height := math.Max(0, math.Sin((hour-6)/24*2*math.Pi)) * (0.6 + 0.4*r.Float64())
			breeze = math.Min(1, math.Max(0, breeze+0.2*(r.Float64()-0.5)))
			p.Load = append(p.Load, energy.Watt(1000*peak*work))
			p.PV, p.Wind = append(p.PV, energy.Watt(1000*sun*height)), append(p.Wind, energy.Watt(1000*gale*breeze))
		}
		c.Parks = append(c.Parks, p)
	}
	return c
}

const measuredYear = "../../../shared/data/national_hourly_year.csv"

// readYear reads a year of hours of load, PV and wind, per unit.
func readYear(t testing.TB) [][3]float64 {
	t.Helper()
	file, err := os.Open(measuredYear)
	if err != nil {
		t.Skipf("no measured year beside the checkout (%s)", measuredYear)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	year := make([][3]float64, 0, len(rows))
	for _, row := range rows[1:] {
		var hour [3]float64
		for i := range hour {
			if hour[i], err = strconv.ParseFloat(row[i+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		year = append(year, hour)
	}
	return year
}

// measuredCase scales so many hours of a measured year, from one on, to parks
// of different kinds: each has its own share of load, sun and wind, and its
// load is shifted by some hours.
func measuredCase(year [][3]float64, from, parks, periods int) *energy.Case {
	c := &energy.Case{
		Name: fmt.Sprintf("hour %d, %d parks", from, parks), Horizon: energy.Horizon{Minutes: 60, Periods: periods},
		Tariff: bandTariff(periods, 60), Storage: storageFor(parks),
	}
	r := rand.New(rand.NewPCG(5, uint64(parks)))
	for i := range parks {
		peak, sun, gale, shift := 200+600*r.Float64(), 900*r.Float64(), 600*r.Float64(), r.IntN(4)
		p := energy.Park{Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
		for t := range periods {
			now, shifted := year[(from+t)%len(year)], year[(from+t+shift)%len(year)]
			p.Load = append(p.Load, energy.Watt(1000*peak*shifted[0]))
			p.PV, p.Wind = append(p.PV, energy.Watt(1000*sun*now[1])), append(p.Wind, energy.Watt(1000*gale*now[2]))
		}
		c.Parks = append(c.Parks, p)
	}
	return c
}
