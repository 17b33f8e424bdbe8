package energy

import "math"

// Watt is electrical power, W. It is positive in the direction that the name
// of the quantity says.
type Watt int64

// WattHour is energy, Wh.
type WattHour int64

// Price is money per energy, 1e-6 currency per kWh.
type Price int64

// Efficiency is a fraction in units of 1e-4: 9600 is 0.96. Valid values are
// 1..EfficiencyOne.
type Efficiency int64

// EfficiencyOne is an efficiency of one: nothing is lost.
const EfficiencyOne Efficiency = 10_000

// Cost is money in the unit in which a schedule adds it up: one Price times
// one Watt during one period, which is minutes/60 x 1e-9 currency. Whole
// watts and whole prices make every cost of a schedule a whole number of it.
type Cost int64

// Currency converts c to currency units for people to read; the exact figure
// stays c.
func (c Cost) Currency(minutes int) float64 {
	return float64(c) * float64(minutes) / 60 / 1e9
}

// CostOf is an amount of currency as a Cost, rounded down: for amounts that
// come from floating point or from people.
func CostOf(currency float64, minutes int) Cost {
	return Cost(math.Floor(currency * 1e9 * 60 / float64(minutes)))
}

// Kilowatt gives w in kW for people to read.
func (w Watt) Kilowatt() float64 { return float64(w) / 1000 }

// KilowattHour gives e in kWh for people to read.
func (e WattHour) KilowattHour() float64 { return float64(e) / 1000 }

// PerKilowattHour gives p in currency per kWh for people to read.
func (p Price) PerKilowattHour() float64 { return float64(p) / 1e6 }
