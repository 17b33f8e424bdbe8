package simulate

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
)

// farthest is the most standard deviations by which a reading is off.
const farthest = 4

// weather makes readings of forecasts: each period's power is the forecast
// times 1 + noise z, z standard normal, drawn anew for each case, park, meter,
// day and period and the same in every run.
type weather struct {
	name  string  // of the case
	noise float64 // standard deviation, relative
}

// reading is the power in a period of a day for which power was forecast, W.
// Without noise it is the forecast.
func (w weather) reading(park, meter string, day uint32, period int, forecast energy.Watt) energy.Watt {
	if w.noise == 0 {
		return forecast
	}
	seed := sha256.Sum256(fmt.Appendf(nil, "sesame weather/1\x00%s\x00%s\x00%s\x00%d\x00%d", w.name, park, meter, day, period))
	source := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:]), binary.LittleEndian.Uint64(seed[8:])))
	z := max(-farthest, min(source.NormFloat64(), farthest))
	power := math.Round(float64(forecast) * (1 + w.noise*z))
	return max(0, min(energy.Watt(power), field.MaxPower))
}
