// Package genesis is the document with which a ledger begins: who takes part,
// with which keys and thresholds, how ledger time runs, and what is shared.
// Every operator checks it by its hash.
package genesis

import (
	"time"

	"github.com/sesame-energy/sesame/energy"
)

// Document is the genesis document. It is JSON; its bytes as agreed are what
// is hashed, so it is written once and never re-encoded.
type Document struct {
	ChainID     string    `json:"chain_id"`
	GenesisTime time.Time `json:"genesis_time"` // UTC; the first block's time
	Currency    string    `json:"currency"`     // ISO 4217, for people; the ledger counts 1e-6 of it
	Timezone    string    `json:"timezone"`     // IANA, for people; the ledger knows no zone
	Clock       Clock     `json:"clock"`
	Gates       Gates     `json:"gates"`
	Minutes     int       `json:"period_minutes"`       // 15, 30 or 60
	Threshold   int       `json:"threshold"`            // shares that open, t
	Minimum     int       `json:"minimum_parks"`        // parks in a community sum, 5 unless consent says otherwise
	Consent     bool      `json:"parks_consent"`        // the parks accept what sums of three or four tell
	Padding     int64     `json:"padding_kw,omitempty"` // forecasts hide behind up to so much, the same on surplus and deficit, kW
	Members     []Member  `json:"members"`
	Parks       []Park    `json:"parks"`
	Grid        Party     `json:"grid"`
	Operator    Party     `json:"operator"`
	Storage     Storage   `json:"storage"`
	Sharing     Sharing   `json:"sharing"`
}

// Clock says how ledger time follows block time: each block adds
// Factor x min(interval, Cap).
type Clock struct {
	Start           int64 `json:"start"`  // ledger time at genesis, Unix seconds
	Factor          int64 `json:"factor"` // 1 in the world
	CapMilliseconds int64 `json:"cap_ms"` // 0: no cap
}

// Cap is how much of a block's interval counts at most, 0 for all of it.
func (c Clock) Cap() time.Duration { return time.Duration(c.CapMilliseconds) * time.Millisecond }

// Gates are the moments of a day, seconds relative to its first period
// (leads) or to its end (lags).
type Gates struct {
	TariffLead int64 `json:"tariff_lead"` // the tariff is due this long before the day
	DailyLead  int64 `json:"daily_lead"`  // forecasts close and planning begins
	ReadingLag int64 `json:"reading_lag"` // readings close and settlement begins
	BillTerm   int64 `json:"bill_term"`   // a park has this long to send its bill
	Contest    int64 `json:"contest"`     // keys of a day are erased this long after its end
}

// Member is a committee member: validator and share keeper.
type Member struct {
	Name         string `json:"name"`
	Owner        string `json:"owner"`         // the organisation, for people
	Park         string `json:"park"`          // the park that owns it, "" where none does
	Index        uint8  `json:"index"`         // x-coordinate of its shares, 1..n
	Key          []byte `json:"key"`           // Ed25519, signs its transactions
	ConsensusKey []byte `json:"consensus_key"` // Ed25519, signs blocks
	SealingKey   []byte `json:"sealing_key"`   // X-Wing, shares are sealed to it
}

// Park is a park that takes part.
type Park struct {
	Name            string      `json:"name"`
	Key             []byte      `json:"key"`         // Ed25519
	SealingKey      []byte      `json:"sealing_key"` // X-Wing
	SurplusCapacity energy.Watt `json:"surplus_capacity_w"`
	DeficitCapacity energy.Watt `json:"deficit_capacity_w"`
}

// Party is the grid company or the storage operator.
type Party struct {
	Name       string `json:"name"`
	Key        []byte `json:"key"`         // Ed25519
	SealingKey []byte `json:"sealing_key"` // X-Wing
}

// Storage is the shared battery as energy.Storage, in the ledger's integers.
type Storage struct {
	Power               energy.Watt       `json:"power_w"`
	Capacity            energy.WattHour   `json:"capacity_wh"`
	Minimum             energy.WattHour   `json:"minimum_wh"`
	Maximum             energy.WattHour   `json:"maximum_wh"`
	Start               energy.WattHour   `json:"start_wh"`
	End                 energy.WattHour   `json:"end_wh"`
	EndRule             energy.EndRule    `json:"end_rule"` // 0 equal, 1 at least
	ChargeEfficiency    energy.Efficiency `json:"charge_efficiency_1e4"`
	DischargeEfficiency energy.Efficiency `json:"discharge_efficiency_1e4"`
	Fee                 energy.Price      `json:"fee_1e6_per_kwh"`
	GridTrade           bool              `json:"grid_trade"`
}

// Sharing is the rule's parameters in force from the first day.
type Sharing struct {
	Reference     energy.Price `json:"reference_1e6_per_kwh"`
	OperatorShare energy.Parts `json:"operator_share_1e6"`
}
