package energy

// Tariff is what the grid company asks and pays, one entry per period.
// Buy[t] >= Sell[t] holds in every period.
type Tariff struct {
	Buy  []Price // what a park pays for energy from the grid
	Sell []Price // what a park gets for energy into the grid (feed-in)
}
