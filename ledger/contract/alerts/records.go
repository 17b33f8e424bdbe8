// Package alerts is the contract that keeps who raised an alert and who
// acknowledged it (the paper's section 2.3 (5)). Other contracts raise alerts
// by its functions; people and programs by transaction.
package alerts

// Rules of alerts that outside programs rely on.
const (
	MemberAbsent      = "member-absent"
	WrongShare        = "wrong-share"
	ParkMissedGate    = "park-missed-gate"
	BatteryOffPlan    = "battery-off-plan"
	FallbackPlan      = "fallback-plan"
	PlanFailedCheck   = "plan-failed-check"
	GapAboveTolerance = "gap-above-tolerance"
	RoundFailed       = "round-failed"
	TariffMissing     = "tariff-missing"
	EnergyImbalance   = "energy-imbalance"
	DoubleSigning     = "double-signing"
	BatteryAlarm      = "battery-alarm"
	OutcomeMissing    = "outcome-missing"
	Keepers           = "keepers"         // another epoch of share keepers is announced or in force
	HandoverFailed    = "handover-failed" // it could not take over
	FalseHandover     = "false-handover"  // a member has handed on a false share
)

// Raise is the body of "alerts/raise", by any account.
type Raise struct {
	_       struct{} `cbor:",toarray"`
	Rule    string   // [a-z0-9-], at most 40
	Subject string   // what it is about: a member, park, "storage"
	Detail  string   // in words, at most 500 bytes
}

// Acknowledge is the body of "alerts/acknowledge", by any account.
type Acknowledge struct {
	_     struct{} `cbor:",toarray"`
	Alert uint64
}

// Alert is an alert on the ledger.
type Alert struct {
	_              struct{} `cbor:",toarray"`
	ID             uint64
	Height         int64
	Time           int64 // ledger time, Unix seconds
	Rule           string
	Subject        string
	Detail         string
	RaisedBy       string // account, or "contract/<name>"
	AcknowledgedBy string // "" while nobody has
	AcknowledgedAt int64
}

// Prefix is the prefix of all alerts' keys ("alert/00000001").
const Prefix = "alert/"
