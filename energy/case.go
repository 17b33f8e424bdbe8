package energy

import "time"

// Case is a scheduling problem with everything it needs, as a case folder
// describes it.
type Case struct {
	Name     string
	Currency string         // ISO 4217
	Location *time.Location // IANA zone of the case's local times
	Horizon  Horizon
	Tariff   Tariff
	Parks    []Park
	Storage  Storage
	Sharing  Sharing

	// Curtailment lets parks switch off surplus that nobody takes or that would
	// be sold at a loss.
	Curtailment bool

	Import *Import // nil where the community's import is neither capped nor charged by its peak

	LocalTrade *LocalTrade // nil where parks trade with the grid and the storage only
}

// Import is what holds for the power that the community buys from the grid, all
// parks and the storage together, in each period.
type Import struct {
	Cap          Watt  // what it may be, NoLimit for any
	DemandCharge Price // 1e-6 currency per kW of the highest in the horizon, >= 0, billed once
}

// LocalTrade lets the surplus of one park serve the deficit of another in the
// same period, without grid and storage.
type LocalTrade struct {
	Fee Price // per kWh that changes hands, >= 0, paid by the park that takes it
}

// Sharing fixes, before the month begins, how the saving is shared
// (docs/planning.md: the rule by metered profiles).
type Sharing struct {
	Reference     Price // value of one stored kWh, v >= 0
	OperatorShare Parts // the storage operator's part of the saving, theta
}

// Parts is a fraction in units of 1e-6, 0..PartsOne.
type Parts int64

// PartsOne is the whole.
const PartsOne Parts = 1_000_000
