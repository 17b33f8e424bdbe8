package genesis

import (
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// Hours and terms that a new ledger begins with; all are seconds.
const (
	foundingLead = 6 * 3_600 // faster ledger time starts this long before the first day
	tariffLead   = 4 * 3_600
	dailyLead    = 2 * 3_600
	readingLag   = 3_600
	billTerm     = 24 * 3_600
	contest      = 7 * 24 * 3_600
)

// Keys are the public keys of an account.
type Keys struct {
	Signing []byte // Ed25519
	Sealing []byte // of the vault
}

// Founding is what a ledger for a case needs beside the case: who takes part,
// with which keys, and how its clock runs.
type Founding struct {
	ChainID   string
	Time      time.Time     // of the first block, in the world
	Factor    int64         // ledger seconds per second
	Cap       time.Duration // in whole milliseconds, 0 for none
	Threshold int
	Padding   int64 // of forecasts, kW; 0 for none
	Members   []Member
	Parks     map[string]Keys // by the names of the case's parks
	Grid      Party
	Operator  Party
}

// FromCase draws up the document of a ledger whose first day is the case's.
// A case of three or four parks is recorded with their consent: ask them, or
// have them pad their forecasts.
func FromCase(c *energy.Case, founding Founding) (Document, error) {
	document := Document{
		ChainID:     founding.ChainID,
		GenesisTime: founding.Time.UTC(),
		Currency:    c.Currency,
		Timezone:    c.Location.String(),
		Clock: Clock{
			Start: clockStart(c, founding), Factor: founding.Factor, CapMilliseconds: founding.Cap.Milliseconds(),
		},
		Gates: Gates{
			TariffLead: tariffLead, DailyLead: dailyLead, ReadingLag: readingLag, BillTerm: billTerm, Contest: contest,
		},
		Minutes:   c.Horizon.Minutes,
		Threshold: founding.Threshold,
		Minimum:   minimum(len(c.Parks)),
		Consent:   len(c.Parks) < UsualMinimum && founding.Padding == 0,
		Padding:   founding.Padding,
		Members:   founding.Members,
		Grid:      founding.Grid,
		Operator:  founding.Operator,
		Storage:   storageOf(c.Storage),
		Sharing:   Sharing{Reference: c.Sharing.Reference, OperatorShare: c.Sharing.OperatorShare},
	}
	for _, park := range c.Parks {
		keys, found := founding.Parks[park.Name]
		if !found {
			return Document{}, fmt.Errorf("genesis of case %s: no keys of %s", c.Name, park.Name)
		}
		document.Parks = append(document.Parks, parkOf(park, keys, document.PaddingPower()))
	}
	if err := document.Validate(); err != nil {
		return Document{}, fmt.Errorf("genesis of case %s: %w", c.Name, err)
	}
	return document, nil
}

// clockStart is ledger time at the first block. At the world's pace it is the
// world's time, which meters and batteries live by; the case's days repeat
// from there. Where it runs faster, it begins shortly before the case does.
func clockStart(c *energy.Case, founding Founding) int64 {
	if founding.Factor == 1 {
		return founding.Time.Unix()
	}
	return c.Horizon.Start - foundingLead
}

// minimum is how many parks a community sum needs: the usual number, or what
// few parks consent to, so that with four one may miss a gate.
func minimum(parks int) int {
	if parks < UsualMinimum {
		return LeastParks
	}
	return UsualMinimum
}

// parkOf registers twice what the series reach, since a case seldom states
// what the connections could bear, and room for the padding.
func parkOf(park energy.Park, keys Keys, padding energy.Watt) Park {
	var surplus, deficit energy.Watt
	for t := range park.Load {
		surplus, deficit = max(surplus, park.PV[t]+park.Wind[t]), max(deficit, park.Load[t])
	}
	return Park{
		Name: park.Name, Key: keys.Signing, SealingKey: keys.Sealing,
		SurplusCapacity: min(2*surplus+padding, MaxWatt), DeficitCapacity: min(2*deficit+padding, MaxWatt),
	}
}

func storageOf(s energy.Storage) Storage {
	return Storage{
		Power: s.Power, Capacity: s.Capacity, Minimum: s.Minimum, Maximum: s.Maximum,
		Start: s.Start, End: s.End, EndRule: s.EndRule,
		ChargeEfficiency: s.ChargeEfficiency, DischargeEfficiency: s.DischargeEfficiency,
		Fee: s.Fee, GridTrade: s.GridTrade,
	}
}
