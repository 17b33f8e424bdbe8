// Package contract is what the ledger's contracts share: the context in which
// they run and the moments of ledger time at which they are woken. Each
// contract is a package of its own below this one.
package contract

import (
	"fmt"

	"github.com/sesame-energy/sesame/ledger/record"
)

// Context is one call's view of the ledger. There is no other input: no wall
// clock, no randomness, no network.
type Context struct {
	State  record.State
	Chain  string
	Height int64
	Now    int64  // ledger time, Unix seconds
	Sender string // account that sent the transaction, "" for calls by the ledger itself

	// Deals counts the deals of each park in this block; nil counts none.
	Deals map[string]int
	// Verdicts saves verifying again; no result depends on it.
	Verdicts *Verdicts
}

// Kinds of moments, in the order in which moments of the same second run.
const (
	MomentPeriod    = "1-period"     // a period begins
	MomentDayEnd    = "2-day-end"    // the last period has ended
	MomentReadings  = "3-readings"   // reading gate
	MomentTariffDue = "4-tariff-due" // the next day's tariff should be there
	MomentGate      = "5-gate"       // daily gate
	MomentBillTerm  = "6-bill-term"  // bills should have been sent

	MomentProposalTerm = "7-proposal-term" // the moment's Day is the proposal's id
)

// MomentPrefix is the prefix of the keys of all moments that are still ahead.
const MomentPrefix = "moment/"

// Moment is a point of ledger time at which a contract is woken.
type Moment struct {
	_      struct{} `cbor:",toarray"`
	Time   int64    // Unix seconds, ledger time
	Kind   string
	Day    uint32
	Period int // for MomentPeriod, else 0
}

// Wake asks for the moment; the same moment asked for twice is one.
func Wake(state record.State, moment Moment) {
	key := fmt.Sprintf("%s%012d/%s/%06d/%03d", MomentPrefix, moment.Time, moment.Kind, moment.Day, moment.Period)
	record.Save(state, key, moment)
}
