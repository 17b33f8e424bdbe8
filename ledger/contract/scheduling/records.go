// Package scheduling is the contract that plans (the paper's section 3.1): at
// each gate it opens the community sums through the vault's contract, solves
// the day in integers in the block in which the sums are opened, has the
// certificate checked by separate code, and records both. Without sums it
// falls back on the last ones of the same kind of day.
package scheduling

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
)

// Sources of a plan: where its sums come from.
const (
	SourceRound    = "round"    // sums opened for this day
	SourceFallback = "fallback" // last opened sums of the same kind of day
	SourceIdle     = "idle"     // no sums: the storage rests
)

// Plan is a plan of the storage for one day, from a period on. Entries before
// From are of the plan that it replaces.
type Plan struct {
	_             struct{} `cbor:",toarray"`
	Day           uint32
	Version       uint32 // from 1; the highest is in force
	Source        string
	Reason        string // why it was made: "gate", "measured energy", "battery off plan", ...
	Round         string // the round whose sums it uses, "" without
	Parks         []string
	From          int // first period it plans
	Start         energy.WattHour
	Surplus       []energy.Watt // community sums it plans on, one per period of the day
	Deficit       []energy.Watt
	Charge        []energy.Watt
	Discharge     []energy.Watt
	SurplusTaken  []energy.Watt     // a_t
	DeficitServed []energy.Watt     // b_t
	Energy        []energy.WattHour // stored at the end of each period, rounded down
	Baseline      energy.Cost       // of the periods from From
	Cost          energy.Cost
	Bound         energy.Cost // proven by the certificate; 0 where there is none
	Tolerance     energy.Cost
	Certificate   []byte // empty where nothing is proven: the storage rests
	Height        int64
	Time          int64 // ledger time

	// What it was planned for, so that the record proves itself whatever
	// changes later: prices of all periods of the day, and the storage with
	// the energy it starts from and the end energy planned for.
	Minutes   int // length of a period
	Buy, Sell []energy.Price
	Storage   committee.Storage
}

// Gap is how far the plan can be from optimal: cost minus proven bound.
func (p Plan) Gap() energy.Cost { return p.Cost - p.Bound }

// meterSlack is how far measured and planned energy may differ without meaning
// anything, Wh: both are rounded, and a battery's meter counts whole Wh, too.
const meterSlack = 2

// StartsFrom says whether the plan starts from a measured energy.
func (p Plan) StartsFrom(measured energy.WattHour) bool {
	return max(p.Start-measured, measured-p.Start) <= meterSlack
}

// Prefix is the prefix of all plans' keys.
const Prefix = "plan/"

// DayPrefix is the prefix of a day's plans' keys.
func DayPrefix(day uint32) string { return fmt.Sprintf("%s%06d/", Prefix, day) }

// Key is where a version of a day's plan stands.
func Key(day, version uint32) string { return fmt.Sprintf("%s%04d", DayPrefix(day), version) }

// InForce says which version of a day's plan is in force.
type InForce struct {
	_       struct{} `cbor:",toarray"`
	Version uint32
}

// InForceKey is where the version in force of a day stands.
func InForceKey(day uint32) string { return fmt.Sprintf("plan-in-force/%06d", day) }

// Replan is the body of "scheduling/replan", by the storage operator or the
// grid company: plan the rest of the day anew on the sums already opened.
type Replan struct {
	_      struct{} `cbor:",toarray"`
	Day    uint32
	Reason string
}
