package model

import "github.com/sesame-energy/sesame/energy"

// Problem is one run of periods for one shared storage.
type Problem struct {
	Minutes   int            // length of a period: 15, 30 or 60
	Buy, Sell []energy.Price // what the grid asks and pays, one entry per period, Buy >= Sell
	Storage   energy.Storage

	// Surplus and Deficit are the sums of the parks' surpluses and deficits,
	// one entry per period, both >= 0. They are never netted against each
	// other.
	Surplus, Deficit []energy.Watt

	// LocalTrade, where not nil, lets surplus serve deficit in the same period.
	LocalTrade *energy.LocalTrade

	// Import, where not nil, caps what the community buys, or charges its peak.
	Import *energy.Import

	Curtailment bool // parks may switch surplus off, for nothing

	// Classes are the parks by their tariffs; nil where all pay Buy and Sell.
	// They add up to Surplus and Deficit.
	Classes []Class

	// Limits is what the parks' own grid limits force and allow, nil for none,
	// and where there are Classes, which then have limits of their own.
	Limits *Limits
}

// Periods is the number of periods, T.
func (p Problem) Periods() int { return len(p.Buy) }

// Limits is what the grid limits of the parks mean for the storage, one entry
// per period in each slice. A ledger plans without them.
type Limits struct {
	// ForcedCharge is surplus beyond the parks' export limits: the storage
	// must take it, or, with Curtailment, may. ForcedDischarge is deficit beyond their import limits.
	ForcedCharge, ForcedDischarge []energy.Watt

	// ChargeRoom is how much more than the surplus the parks together could
	// buy and pass on to the storage; DischargeRoom is how much more than the
	// deficit they could take from the storage and sell. NoLimit stands for
	// room without end.
	ChargeRoom, DischargeRoom []energy.Watt
}

// Dispatch is what the storage does, one entry per period in each slice, all
// >= 0 and never charge and discharge in one period.
type Dispatch struct {
	Charge, Discharge []energy.Watt // CH_t, DIS_t at the storage's terminals

	SurplusTaken  []energy.Watt // a_t, the part of Charge that is the parks' surplus
	DeficitServed []energy.Watt // b_t, the part of Discharge that serves the parks' deficit
}
