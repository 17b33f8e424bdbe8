package shapley

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
)

// community draws parks that share a storage for some hours.
func community(r *rand.Rand, parks, periods int) *energy.Case {
	c := &energy.Case{Name: "drawn", Horizon: energy.Horizon{Minutes: 60, Periods: periods}}
	for t := range periods {
		c.Tariff.Buy = append(c.Tariff.Buy, energy.Price(500_000+100_000*(t%3)))
		c.Tariff.Sell = append(c.Tariff.Sell, 300_000)
	}
	for i := range parks {
		p := energy.Park{Name: fmt.Sprintf("park%d", i), ImportLimit: energy.NoLimit, ExportLimit: energy.NoLimit}
		for range periods {
			p.Load, p.PV, p.Wind = append(p.Load, energy.Watt(r.IntN(300))), append(p.PV, energy.Watt(r.IntN(300))), append(p.Wind, 0)
		}
		c.Parks = append(c.Parks, p)
	}
	c.Storage = energy.Storage{
		Power: 200, Maximum: 500, Start: 250, End: 250, ChargeEfficiency: 10_000, DischargeEfficiency: 10_000, Fee: 10_000, GridTrade: true,
	}
	return c
}

// byOrders is the definition: the mean over all orders.
func byOrders(t *testing.T, g *game) []float64 {
	t.Helper()
	n := len(g.c.Parks)
	sums, count := make([]float64, n), 0.0
	var join func(mask int, cost energy.Cost, added []energy.Cost)
	join = func(mask int, cost energy.Cost, added []energy.Cost) {
		if mask == 1<<n-1 {
			count++
			for i := range added {
				sums[i] += float64(added[i])
			}
			return
		}
		for i := range n {
			if mask>>i&1 != 0 {
				continue
			}
			with := mask | 1<<i
			next, err := g.cost(func(park int) bool { return with>>park&1 != 0 })
			if err != nil {
				t.Fatal(err)
			}
			added[i] = next - cost
			join(with, next, added)
		}
	}
	alone, err := g.cost(func(int) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	join(0, alone, make([]energy.Cost, n))
	for i := range sums {
		sums[i] /= count
	}
	return sums
}

// Law: values are the mean over all orders, and add up to what all pay less
// what the storage earns alone, to the unit.
func TestValuesAreTheMeanOverAllOrders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for parks := 1; parks <= 4; parks++ {
		c := community(r, parks, 5)
		v, err := Of(c, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		sum := energy.Cost(0)
		for i, want := range byOrders(t, &game{c: c}) {
			if math.Abs(float64(v.Parks[i])-want) > 1 {
				t.Errorf("%d parks: park %d pays %d, want %.2f", parks, i, v.Parks[i], want)
			}
			sum += v.Parks[i]
		}
		if sum != v.All-v.Alone {
			t.Errorf("%d parks: values add up to %d, want %d", parks, sum, v.All-v.Alone)
		}
	}
}

// Law: equal parks pay the same to the unit that rounding leaves, and a park
// without load and generation pays nothing.
func TestEqualParksPayAlikeAndAnEmptyParkNothing(t *testing.T) {
	c := community(rand.New(rand.NewPCG(3, 4)), 3, 6)
	c.Parks[1].Load, c.Parks[1].PV = c.Parks[0].Load, c.Parks[0].PV
	c.Parks[2].Load, c.Parks[2].PV = make([]energy.Watt, 6), make([]energy.Watt, 6)
	v, err := Of(c, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if difference := v.Parks[0] - v.Parks[1]; difference < 0 || difference > 1 {
		t.Errorf("equal parks pay %d and %d", v.Parks[0], v.Parks[1])
	}
	if v.Parks[2] != 0 {
		t.Errorf("an empty park pays %d", v.Parks[2])
	}
}

// Law: drawn values lie within their errors, four times out of five at least,
// of the exact ones, add up exactly, and are the same in every run.
func TestDrawnValuesLieNearTheExactOnes(t *testing.T) {
	c := community(rand.New(rand.NewPCG(5, 6)), 7, 6)
	exact, err := Of(c, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := (&game{c: c, progress: func(float64) {}}).sampled(400)
	if err != nil {
		t.Fatal(err)
	}
	sum, within := energy.Cost(0), 0
	for i, value := range drawn.Parks {
		sum += value
		distance := max(value-exact.Parks[i], exact.Parks[i]-value)
		if distance <= drawn.Errors[i] {
			within++
		}
		if distance > 3*drawn.Errors[i] {
			t.Errorf("park %d: %d +- %d, exact %d", i, value, drawn.Errors[i], exact.Parks[i])
		}
	}
	if within < 5 {
		t.Errorf("%d of 7 values within their errors: %v +- %v, exact %v", within, drawn.Parks, drawn.Errors, exact.Parks)
	}
	if sum != drawn.All-drawn.Alone {
		t.Errorf("values add up to %d, want %d", sum, drawn.All-drawn.Alone)
	}
	again, err := (&game{c: c, progress: func(float64) {}}).sampled(400)
	if err != nil {
		t.Fatal(err)
	}
	for i := range again.Parks {
		if again.Parks[i] != drawn.Parks[i] || again.Errors[i] != drawn.Errors[i] {
			t.Errorf("park %d: %d +- %d, then %d +- %d", i, drawn.Parks[i], drawn.Errors[i], again.Parks[i], again.Errors[i])
		}
	}
}

func TestManyParksAreDrawn(t *testing.T) {
	c := community(rand.New(rand.NewPCG(7, 8)), MostExact+1, 2)
	v, err := Of(c, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.Orders == 0 || len(v.Errors) != MostExact+1 {
		t.Errorf("%d orders, %d errors", v.Orders, len(v.Errors))
	}
}

func TestCoalitionWithoutPlanIsNamed(t *testing.T) {
	c := community(rand.New(rand.NewPCG(9, 10)), 2, 3)
	c.Storage.GridTrade, c.Storage.End = false, 300 // no park, no energy
	_, err := Of(c, false, nil)
	if failed := new(NoPlan); !errors.As(err, &failed) || len(failed.Parks) != 0 {
		t.Errorf("got %v, want the empty coalition", err)
	}
}

func TestReferenceCaseHasItsValues(t *testing.T) {
	c, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	v, err := Of(c, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3315.67, 1462.93, -1831.02} {
		if got := v.Parks[i].Currency(60); math.Abs(got-want) > 0.01 {
			t.Errorf("%s: %.2f, want %.2f", c.Parks[i].Name, got, want)
		}
	}
	if v.Alone != 0 || v.Errors != nil || v.Orders != 0 {
		t.Errorf("storage alone %d, errors %v, %d orders, want 0 and exact values", v.Alone, v.Errors, v.Orders)
	}
}

func BenchmarkSixteenParks(b *testing.B) {
	c := community(rand.New(rand.NewPCG(11, 12)), MostExact, 24)
	for b.Loop() {
		if _, err := Of(c, false, nil); err != nil {
			b.Fatal(err)
		}
	}
}
