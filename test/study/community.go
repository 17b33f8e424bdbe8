package main

import (
	"math"
	"math/rand/v2"

	"github.com/sesame-energy/sesame/energy"
)

const seed = 20240715

// community is the surplus and the deficit of parks, one of the two 0 in each
// hour, W.
type community struct{ surplus, deficit [][]energy.Watt }

// draw makes a community of so many parks. Each has a load of 300 to 1500 kW
// peak. Of ten parks five have PV, two wind, two both and one neither, sized to
// 0.3 to 1.8 times generation times the load's peak. Profiles of one source are moved against
// each other by up to three weeks, whole days for generation and whole weeks
// for loads, so that two parks of one kind are alike and not the same.
func draw(p profiles, parks int, generation float64, random *rand.Rand) community {
	c := community{make([][]energy.Watt, parks), make([][]energy.Watt, parks)}
	for i := range parks {
		peak := 300 + 1200*random.Float64()
		load := moved(pick(p.load, random), 7*24*(random.IntN(7)-3))
		kind := random.IntN(10)
		pv, wind := share(p.pv, kind < 5 || kind == 7 || kind == 8, generation*peak, random), share(p.wind, kind >= 5 && kind < 9, generation*peak, random)
		c.surplus[i], c.deficit[i] = make([]energy.Watt, hours), make([]energy.Watt, hours)
		for t := range hours {
			net := energy.Watt(math.Round(1000 * (peak*load[t] - pv[t] - wind[t])))
			c.surplus[i][t], c.deficit[i][t] = max(-net, 0), max(net, 0)
		}
	}
	return c
}

// share is the generation of a park, kW, or nothing; peak is that of its load.
func share(of [][]float64, has bool, peak float64, random *rand.Rand) []float64 {
	generated := make([]float64, hours)
	if !has || len(of) == 0 {
		return generated
	}
	capacity := peak * (0.3 + 1.5*random.Float64())
	for t, perUnit := range moved(pick(of, random), 24*(random.IntN(43)-21)) {
		generated[t] = capacity * perUnit
	}
	return generated
}

func pick(of [][]float64, random *rand.Rand) []float64 { return of[random.IntN(len(of))] }

// moved turns a year by so many hours.
func moved(series []float64, by int) []float64 {
	out := make([]float64, len(series))
	for t := range out {
		out[t] = series[((t+by)%len(series)+len(series))%len(series)]
	}
	return out
}

// sum adds up a side of the community in an hour.
func sum(side [][]energy.Watt, t int) (total energy.Watt) {
	for _, park := range side {
		total += park[t]
	}
	return total
}
