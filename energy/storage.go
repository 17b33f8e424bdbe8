package energy

// EndRule says what the stored energy at the end of a horizon must be.
type EndRule uint8

const (
	// EndEqual asks for the end energy up to what one watt of discharge takes
	// in one period, never below.
	EndEqual EndRule = iota
	// EndAtLeast asks for the end energy or more.
	EndAtLeast
)

// Storage is the battery that the parks share.
type Storage struct {
	Power               Watt     // limit of charge and of discharge at the terminals
	Capacity            WattHour // nominal energy, for states of charge
	Minimum, Maximum    WattHour // window of the stored energy
	Start, End          WattHour // stored energy at the start, and the end condition's
	EndRule             EndRule
	ChargeEfficiency    Efficiency // stored energy per energy charged
	DischargeEfficiency Efficiency // energy discharged per stored energy taken
	Fee                 Price      // per kWh moved between storage and a park, each way
	GridTrade           bool       // the storage itself may buy from and sell to the grid

	// Fine holds the exact energies where the case does not give whole Wh; the
	// whole ones above are then the nearest inside the window. nil on the
	// ledger, which knows whole Wh only.
	Fine *FineEnergy
}

// FineEnergy is the window, start and end energy in units of 1/Denominator Wh.
type FineEnergy struct {
	Denominator                  int64 // > 0
	Minimum, Maximum, Start, End int64
}
