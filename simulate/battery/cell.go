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

// run lets power flow for so many seconds and gives the energy at the terminals
// in Ws, below zero where it was discharged. Where the cell gets full or empty
// it is less than power x seconds: the power holds as long as it can, then for
// one second so much of it as there is room for, then nothing.
func (c *cell) run(power energy.Watt, seconds int64) int64 {
	if power == 0 {
		return 0
	}
	room, perWattSecond, sign := new(big.Int).Sub(c.high, c.stored), c.charge, int64(1)
	if power < 0 {
		room, perWattSecond, sign = new(big.Int).Sub(c.stored, c.low), c.withdraw, -1
	}
	asked := int64(power) * sign * seconds
	if room.Sign() <= 0 {
		return 0
	}
	most := room.Quo(room, perWattSecond) // Ws that there is room for
	moved := asked
	if most.IsInt64() {
		moved = min(asked, most.Int64())
	}
	change := new(big.Int).Mul(perWattSecond, big.NewInt(sign*moved))
	c.stored.Add(c.stored, change)
	return sign * moved
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
