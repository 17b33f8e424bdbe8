// Package tariff is the contract that takes the grid company's tariff of each
// day. It knows no time zone: the tariff lists each period's start, so days
// of 23 and 25 hours need nothing else, and it makes the day's moments (gates
// and periods) known to the ledger's clock.
package tariff

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// Kinds of day; a fallback plan uses the sums of the last day of the same kind.
const (
	Workday = "workday"
	Holiday = "holiday" // weekends and holidays
)

// MaxPeriods is the most periods of a day: 25 hours of quarter hours.
const MaxPeriods = 100

// Tariff is one day's tariff, and the body of "tariff/publish" by the grid
// company. A tariff for a day that has one replaces it for the periods that
// have not begun.
type Tariff struct {
	_      struct{} `cbor:",toarray"`
	Day    uint32   // days since 1970-01-01 of the local date
	Date   string   // the local date, "2024-07-15", for people
	Kind   string   // workday or holiday
	Starts []int64  // Unix seconds of each period's start, equally spaced
	End    int64    // Unix seconds of the end of the last period
	Buy    []energy.Price
	Sell   []energy.Price
}

// Prefix is the prefix of all tariffs' keys.
const Prefix = "tariff/"

// Key is where a day's tariff stands.
func Key(day uint32) string { return fmt.Sprintf("%s%06d", Prefix, day) }
