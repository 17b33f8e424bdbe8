package planfile

import (
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/model"
)

// peaks fills in the keys of a case whose import is capped or charged.
func (d *Document) peaks(m *model.Model, f flows) {
	peak := energy.Watt(0)
	for t, imported := range f.fromGrid {
		for i := range f.buy {
			imported += f.buy[i][t]
		}
		peak = max(peak, imported)
	}
	_, before := m.BaselinePeak()
	d.Peak, d.PeakBefore, d.DemandCost = kilowatts(peak), kilowatts(before), money(m.PeakCost(peak), m.Minutes)
}

// demandOf is a park's part of the demand charge without storage: it pays for
// its deficit in the first period in which that of all is highest.
func demandOf(park *energy.Park, m *model.Model) *big.Int {
	t, _ := m.BaselinePeak()
	part := big.NewInt(int64(m.PeakPrice()))
	return part.Mul(part, big.NewInt(int64(park.Deficit(t))))
}
