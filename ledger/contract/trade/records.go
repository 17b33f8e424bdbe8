// Package trade is the contract of purchase and sale (the paper's section 3.3
// and Table 2): it drafts a contract per park and for the storage after each
// plan, takes the sealed lines and both sides' confirmations, and settles on
// sealed readings by the rule of docs/planning.md.
package trade

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// States of a contract.
const (
	Drafted    = "drafted"    // waits for the party's lines
	Notified   = "notified"   // lines are there, both sides know
	Confirmed  = "confirmed"  // both sides have confirmed
	Superseded = "superseded" // a newer plan has made another contract
	Settled    = "settled"
)

// Contract is a purchase and sale contract between a party (a park or the
// storage operator) and the grid company for one day.
type Contract struct {
	_            struct{} `cbor:",toarray"`
	ID           string   // "019919/0001/park1"
	Day          uint32
	Plan         uint32 // version of the plan
	Party        string
	Counterparty string // the grid company
	State        string
	Sealed       []byte   // the lines, sealed to the grid company; empty for the storage
	Lines        []Line   // in clear for the storage, whose trade is public
	Confirmed    []string // accounts, in the order of their confirmations
	Height       int64    // of the last change
}

// Line is one period of a contract: the paper's Table 2.
type Line struct {
	_         struct{} `cbor:",toarray"`
	Start     int64    // Unix seconds
	Purchase  energy.Watt
	Sale      energy.Watt
	BuyPrice  energy.Price
	SellPrice energy.Price
	Total     energy.Cost // Purchase x BuyPrice - Sale x SellPrice
}

// ContractPrefix is the prefix of all contracts' keys.
const ContractPrefix = "trade/contract/"

// ContractID names the contract of a party under a plan.
func ContractID(day, plan uint32, party string) string {
	return fmt.Sprintf("%06d/%04d/%s", day, plan, party)
}

// ContractKey is where the contract of that id stands.
func ContractKey(id string) string { return ContractPrefix + id }

// PostLines is the body of "trade/lines", by a park: its contract's lines
// sealed to the grid company (info: the contract's id; plain text: the
// canonical encoding of []Line).
type PostLines struct {
	_        struct{} `cbor:",toarray"`
	Contract string
	Sealed   []byte
}

// Confirm is the body of "trade/confirm", by either side of a contract.
type Confirm struct {
	_        struct{} `cbor:",toarray"`
	Contract string
}

// Settlement is what a day came to. Money is exact: Cost where whole, and in
// 2^-40 of it (big-endian two's magnitude as in vault.OpenedSum) where the rule
// needs fractions.
type Settlement struct {
	_               struct{} `cbor:",toarray"`
	Day             uint32
	Kind            string // SettledShared or SettledWithout
	Reason          string // why without saving
	Round           string
	Parks           []string // settled on sealed readings
	ByMeter         []string // without: they pay the tariff by the meter
	Surplus         []energy.Watt
	Deficit         []energy.Watt // opened where the storage was active on that side, else 0
	Charge          []energy.Watt
	Discharge       []energy.Watt
	EnergyStart     energy.WattHour
	EnergyEnd       energy.WattHour
	Saving          []byte   // by the rule, in 2^-40 Cost
	TotalBaseline   []byte   // sum of B_i, Cost
	TotalUsefulness []byte   // sum of U_i, Cost
	Rho             uint64   // in 2^-40
	TotalBills      []byte   // sum of bill_i before rounding, 2^-40 Cost
	GridDue         []byte   // 2^-40 Cost
	OperatorDue     []byte   // TotalBills - GridDue, exactly
	SurplusWeights  [][]byte // of a bill, one per period, 2^-40 Cost per W
	DeficitWeights  [][]byte
	Height          int64

	// The rule's parameters as they stood at the reading gate.
	Reference     energy.Price
	OperatorShare energy.Parts
	Fee           energy.Price
	GridTrade     bool
	EndRule       energy.EndRule
	Target        energy.WattHour // the end energy asked for
}

// Kinds of settlement.
const (
	// SettledShared is a settlement by the rule of docs/planning.md.
	SettledShared = "shared"
	// SettledWithout is a settlement of a day whose readings were not opened:
	// everybody pays the tariff for what its own meter shows, the storage as
	// well, and nothing is shared. Rho is 0, Surplus and Deficit are 0,
	// TotalBaseline, TotalUsefulness, TotalBills and GridDue are empty
	// because nobody knows them; OperatorDue is what the storage earned at
	// the tariff.
	SettledWithout = "without-saving"
)

// SettlementKey is where a day's settlement stands.
func SettlementKey(day uint32) string { return fmt.Sprintf("trade/settlement/%06d", day) }

// States of a bill.
const (
	BillDue       = "due"       // the park has not sent it
	BillSubmitted = "submitted" // sealed to grid company and operator
	BillAccepted  = "accepted"  // the grid company has checked it against the commitment
	BillContested = "contested" // the grid company says it does not fit
	BillWithheld  = "withheld"  // not sent in time: the committee opens it, publicly
	BillOpened    = "opened"    // by the committee
)

// Bill is a park's bill for a day. Its commitment follows from the sealed
// readings and the settlement's weights.
type Bill struct {
	_          struct{} `cbor:",toarray"`
	Day        uint32
	Park       string
	State      string
	Commitment []byte // 32 bytes
	ToGrid     []byte // amount and blinding, sealed
	ToOperator []byte
	Height     int64
	Amount     []byte // 2^-40 Cost, for everybody to see, once the committee has opened it; else empty
	Basis      string // what its readings rest on: one of the Basis constants
}

// BillPrefix is the prefix of a day's bills' keys.
func BillPrefix(day uint32) string { return fmt.Sprintf("trade/bill/%06d/", day) }

// BillKey is where a park's bill for a day stands.
func BillKey(day uint32, park string) string { return BillPrefix(day) + park }

// SubmitBill is the body of "trade/bill", by a park: the encoding of
// BillOpening sealed to the grid company and to the operator.
type SubmitBill struct {
	_          struct{} `cbor:",toarray"`
	Day        uint32
	ToGrid     []byte
	ToOperator []byte
}

// BillOpening is what a park reveals of its bill: the exact amount and the
// blinding that open the bill's commitment.
type BillOpening struct {
	_        struct{} `cbor:",toarray"`
	Amount   []byte   // 2^-40 Cost, encoded as in vault.OpenedSum
	Blinding []byte   // scalar, 32 bytes
}

// JudgeBill is the body of "trade/judge-bill", by the grid company after
// checking the opening against the commitment.
type JudgeBill struct {
	_    struct{} `cbor:",toarray"`
	Day  uint32
	Park string
	Fits bool
}
