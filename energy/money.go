package energy

// Money is money in 1e-6 of a currency unit, the finest that a bill shows.
type Money int64

// Currency converts m to currency units for people to read.
func (m Money) Currency() float64 { return float64(m) / 1e6 }
