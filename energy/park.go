package energy

// NoLimit stands for a limit that a park does not have.
const NoLimit Watt = -1

// Park is one industrial park's series, mean power per period.
type Park struct {
	Name string

	Load, PV, Wind []Watt // one entry per period, all >= 0

	PVCapacity, WindCapacity Watt // installed capacity, NoLimit where not stated
	ImportLimit, ExportLimit Watt // at the grid connection, NoLimit where none

	Tariff *Tariff // the park's own prices, nil for the case's
}

// Surplus is the power the park generates beyond its load in period t, >= 0.
func (p Park) Surplus(t int) Watt { return max(p.PV[t]+p.Wind[t]-p.Load[t], 0) }

// Deficit is the power the park lacks in period t, >= 0.
func (p Park) Deficit(t int) Watt { return max(p.Load[t]-p.PV[t]-p.Wind[t], 0) }

// CommunitySums adds the parks' surpluses and their deficits period by
// period. The two are never netted against each other: the storage cannot
// charge and discharge at once (the paper's 0-1 variables).
func CommunitySums(parks []Park, periods int) (surplus, deficit []Watt) {
	surplus, deficit = make([]Watt, periods), make([]Watt, periods)
	for _, p := range parks {
		for t := range periods {
			surplus[t] += p.Surplus(t)
			deficit[t] += p.Deficit(t)
		}
	}
	return surplus, deficit
}
