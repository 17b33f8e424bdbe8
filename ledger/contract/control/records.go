// Package control is the storage control contract (the paper's section 3.2
// and Table 1): it turns the plan in force into one control signal per
// period, records what the battery did, and asks for a new plan for the rest
// of the day when the battery is off its plan.
package control

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// Signal tells the battery what to do in one period. Power is at the
// terminals, positive to charge.
type Signal struct {
	_       struct{} `cbor:",toarray"`
	Day     uint32
	Period  int
	Start   int64 // Unix seconds, ledger time
	End     int64
	Power   energy.Watt
	Plan    uint32 // version of the plan
	Height  int64
	Expects energy.WattHour // stored energy at the end by the plan
}

// SignalPrefix is the prefix of a day's signals' keys.
func SignalPrefix(day uint32) string { return fmt.Sprintf("control/signal/%06d/", day) }

// SignalKey is where the signal of a period stands.
func SignalKey(day uint32, period int) string {
	return fmt.Sprintf("%s%03d", SignalPrefix(day), period)
}

// CurrentKey is where the newest signal stands.
const CurrentKey = "control/current"

// Outcome is what the battery did in a period, and the body of
// "control/outcome" by the storage operator. One of Charged and Discharged is 0.
type Outcome struct {
	_          struct{} `cbor:",toarray"`
	Day        uint32
	Period     int
	Charged    energy.Watt     // mean power at the terminals over the period
	Discharged energy.Watt     //
	Energy     energy.WattHour // stored at the end, as measured
	Available  bool            // the battery follows signals
	Alarm      string          // the battery's alarm in words, "" for none
}

// OutcomePrefix is the prefix of a day's outcomes' keys.
func OutcomePrefix(day uint32) string { return fmt.Sprintf("control/outcome/%06d/", day) }

// OutcomeKey is where the outcome of a period stands.
func OutcomeKey(day uint32, period int) string {
	return fmt.Sprintf("%s%03d", OutcomePrefix(day), period)
}

// Measured is the last stored energy that the operator has reported.
type Measured struct {
	_      struct{} `cbor:",toarray"`
	Time   int64    // end of the period it belongs to
	Energy energy.WattHour
}

// MeasuredKey is where the last measured energy stands.
const MeasuredKey = "control/measured"

// MaxReplans is how many new plans a day the control contract may ask for.
const MaxReplans = 4

// ReplansKey is where a day's number of asked-for plans stands (an int).
func ReplansKey(day uint32) string { return fmt.Sprintf("control/replans/%06d", day) }
