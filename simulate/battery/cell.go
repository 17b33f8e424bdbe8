package battery

import (
	"math/big"

	"github.com/sesame-energy/sesame/energy"
)

// cell is the stored energy, exact. One unit is 1 Ws / (10^4 x eta_d), where
// eta_d is the discharge efficiency in 1e-4: in this unit both what a watt of
// charge adds in a second, eta_c x eta_d, and what a watt of discharge takes,
// 10^8, are whole.
type cell struct {
	stored   *big.Int
	low      *big.Int // never discharged below
	high     *big.Int // never charged above
	perHour  *big.Int // units in one Wh
	charge   *big.Int // units that one watt adds in a second
	withdraw *big.Int // units that one watt takes in a second
}

// margin is by how much the battery itself goes beyond its window: the ledger
// counts whole Wh and plans from a figure that is rounded down, so that a plan
// that fills the window exactly may ask for a part of a Wh more.
const margin = 1

func newCell(storage Storage) *cell {
	discharge := int64(storage.DischargeEfficiency)
	perHour := big.NewInt(3600 * int64(energy.EfficiencyOne) * discharge)
	units := func(wh energy.WattHour) *big.Int { return new(big.Int).Mul(big.NewInt(int64(wh)), perHour) }
	return &cell{
		stored:   units(storage.Start),
		low:      units(max(storage.Minimum-margin, 0)),
		high:     units(storage.Maximum + margin),
		perHour:  perHour,
		charge:   big.NewInt(int64(storage.ChargeEfficiency) * discharge),
		withdraw: big.NewInt(int64(energy.EfficiencyOne) * int64(energy.EfficiencyOne)),
	}
}

// run moves the stored energy by power over so many seconds and gives for how
// many of these the power flowed: fewer where the cell is full or empty.
func (c *cell) run(power energy.Watt, seconds int64) int64 {
	if power == 0 {
		return seconds
	}
	room, rate := new(big.Int), new(big.Int)
	if power > 0 {
		rate.Mul(big.NewInt(int64(power)), c.charge)
		room.Sub(c.high, c.stored)
	} else {
		rate.Mul(big.NewInt(int64(-power)), c.withdraw)
		room.Sub(c.stored, c.low)
	}
	flowed := seconds
	if room.Sign() <= 0 {
		return 0
	}
	if most := room.Quo(room, rate); most.IsInt64() {
		flowed = min(seconds, most.Int64())
	}
	moved := rate.Mul(rate, big.NewInt(flowed))
	if power < 0 {
		moved.Neg(moved)
	}
	c.stored.Add(c.stored, moved)
	return flowed
}

// wattHours is the stored energy, rounded down.
func (c *cell) wattHours() energy.WattHour {
	return energy.WattHour(new(big.Int).Quo(c.stored, c.perHour).Int64())
}

// clone is a copy to try something on.
func (c *cell) clone() *cell {
	copied := *c
	copied.stored = new(big.Int).Set(c.stored)
	return &copied
}
