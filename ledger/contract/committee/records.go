// Package committee is the contract of who takes part: accounts, members,
// parks, the parameters all agreed on, and the votes that change them. It is
// the paper's proof of authority (section 2.2).
package committee

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
)

// Role is what an account may do; the ledger's route table says which role may
// send what.
type Role string

// Roles of accounts.
const (
	RoleMember   Role = "member"
	RolePark     Role = "park"
	RoleGrid     Role = "grid"
	RoleOperator Role = "operator"
)

// Account is somebody who can send transactions.
type Account struct {
	_          struct{} `cbor:",toarray"`
	Name       string
	Role       Role
	Key        []byte // Ed25519
	SealingKey []byte // X-Wing
}

// AccountKey is where the account of that name stands.
func AccountKey(name string) string { return "account/" + name }

// Member is a committee member.
type Member struct {
	_            struct{} `cbor:",toarray"`
	Name         string
	Owner        string
	Park         string
	Index        uint8 // x-coordinate of its shares in the epoch in force
	ConsensusKey []byte
	Missed       int64 // blocks in a row without its signature
	Absent       bool  // an alert about its absence stands
	Removed      bool
	Outside      bool // not of the committee yet, or not any more, but a keeper of an epoch that is announced or not closed
}

// MemberPrefix is the prefix of all members' keys; MemberKey of one.
const MemberPrefix = "committee/member/"

// MemberKey is where the member of that name stands.
func MemberKey(name string) string { return MemberPrefix + name }

// Park is a registered park.
type Park struct {
	_               struct{} `cbor:",toarray"`
	Name            string
	SurplusCapacity energy.Watt
	DeficitCapacity energy.Watt
}

// ParkPrefix is the prefix of all parks' keys.
const ParkPrefix = "committee/park/"

// ParkKey is where the park of that name stands.
func ParkKey(name string) string { return ParkPrefix + name }

// Parameters are what genesis and votes have fixed.
type Parameters struct {
	_          struct{} `cbor:",toarray"`
	Chain      string
	Genesis    []byte // SHA-256 of the genesis document
	Epoch      uint32 // of the share keepers in force
	Threshold  int    // theirs
	Minimum    int
	Consent    bool
	Minutes    int
	TariffLead int64
	DailyLead  int64
	ReadingLag int64
	BillTerm   int64
	Contest    int64
	Grid       string      // account name of the grid company
	Operator   string      // account name of the storage operator
	Padding    energy.Watt // forecasts hide behind up to so much
}

// ParametersKey is where the parameters stand.
const ParametersKey = "committee/parameters"

// Storage is the shared battery; Start is the energy that the ledger begins with.
type Storage struct {
	_                   struct{} `cbor:",toarray"`
	Power               energy.Watt
	Capacity            energy.WattHour
	Minimum             energy.WattHour
	Maximum             energy.WattHour
	Start               energy.WattHour
	End                 energy.WattHour
	EndRule             energy.EndRule
	ChargeEfficiency    energy.Efficiency
	DischargeEfficiency energy.Efficiency
	Fee                 energy.Price
	GridTrade           bool
}

// StorageKey is where the storage stands.
const StorageKey = "committee/storage"

// Sharing is the rule's parameters in force.
type Sharing struct {
	_             struct{} `cbor:",toarray"`
	Reference     energy.Price
	OperatorShare energy.Parts
}

// SharingPrefix is the prefix of the keys of all parameters of the rule, each
// under the ledger time from which it holds.
const SharingPrefix = "committee/sharing/"

// SharingKey is where the rule's parameters for days that begin at ledger time
// from or later stand.
func SharingKey(from int64) string { return fmt.Sprintf("%s%012d", SharingPrefix, from) }

// Actions that a vote can decide.
const (
	ActionRemoveMember = "remove-member" // Subject names the member
	ActionStorage      = "storage"       // Payload is a Storage: changed capacity
	ActionSharing      = "sharing"       // Payload is a Sharing
	ActionKeepers      = "keepers"       // Payload is a KeepersChange
	ActionWithdraw     = "withdraw"      // Payload is a Withdrawal: the announced keepers are given up
	ActionDisclose     = "disclose"      // Subject names the request; asked for by "vault/disclose" only
)

// Propose is the body of "committee/propose", by a member, who thereby approves.
type Propose struct {
	_       struct{} `cbor:",toarray"`
	Action  string
	Subject string
	Payload []byte // canonical encoding of what the action takes
	Reason  string
}

// Vote is the body of "committee/vote", by a member.
type Vote struct {
	_        struct{} `cbor:",toarray"`
	Proposal uint64
	Approve  bool
}

// Proposal is a proposal with its votes; it is decided when more than two
// thirds of the members approve, or so many reject that they cannot.
type Proposal struct {
	_        struct{} `cbor:",toarray"`
	ID       uint64
	Proposer string
	Action   string
	Subject  string
	Payload  []byte
	Reason   string
	Opened   int64 // ledger time
	Approved []string
	Rejected []string
	State    string // one of the states below
	Outcome  string // why it was refused, or what it waits for
}

// States of a proposal.
const (
	StateOpen     = "open"
	StateAccepted = "accepted"
	StateRejected = "rejected"
	StateRefused  = "refused" // accepted by vote, but it would break the ledger or comes too late
	StateExpired  = "expired" // not decided within ProposalTerm
)

// ProposalPrefix is the prefix of all proposals' keys ("committee/proposal/00000001").
const ProposalPrefix = "committee/proposal/"

// ProposalKey is where the proposal with that id stands.
func ProposalKey(id uint64) string { return fmt.Sprintf("%s%08d", ProposalPrefix, id) }

// Validators are the consensus keys that sign blocks, as told to the engine,
// in order of the members' indices.
type Validators struct {
	_    struct{} `cbor:",toarray"`
	Keys [][]byte // Ed25519
}

// ValidatorsKey is where the validators stand.
const ValidatorsKey = "committee/validators"
