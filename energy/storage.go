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
	SelfDischarge       Parts      // of the stored energy lost in an hour, below PartsOne; 0 on the ledger
	GridTrade           bool       // the storage itself may buy from and sell to the grid

	// States are the window, start and end as fractions of Capacity, as a case
	// gives them; all zero on the ledger.
	States States

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

// States are states of charge, fractions of the capacity.
type States struct{ Minimum, Maximum, Start, End Parts }

// Sized is the storage with another power and capacity and the same states of
// charge: window, start and end follow, as whole Wh inside the window and,
// where that is not exact, exactly. The capacity must be below 2^63 / 10^6 Wh.
func (s Storage) Sized(power Watt, capacity WattHour) Storage {
	s.Power, s.Capacity, s.Fine = power, capacity, nil
	share := func(p Parts) int64 { return int64(capacity) * int64(p) }
	fine := FineEnergy{
		Denominator: int64(PartsOne),
		Minimum:     share(s.States.Minimum), Maximum: share(s.States.Maximum), Start: share(s.States.Start), End: share(s.States.End),
	}
	const one = int64(PartsOne)
	s.Minimum = WattHour((fine.Minimum + one - 1) / one)
	s.Maximum = max(s.Minimum, WattHour(fine.Maximum/one))
	s.Start = min(max(WattHour((fine.Start+one/2)/one), s.Minimum), s.Maximum)
	s.End = WattHour((fine.End + one/2) / one)
	if s.States.Minimum <= s.States.End && s.States.End <= s.States.Maximum {
		s.End = min(max(s.End, s.Minimum), s.Maximum)
	}
	for _, e := range []int64{fine.Minimum, fine.Maximum, fine.Start, fine.End} {
		if e%one != 0 {
			s.Fine = &fine
			break
		}
	}
	return s
}
