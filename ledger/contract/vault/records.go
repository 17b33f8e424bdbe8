// Package vault is the contract of sealed series: it takes channels and deals
// of the parks, acknowledgements and partial sums of the members, and opens
// sums by purpose under the rules of docs/ledger.md; and it has the shares handed
// over where other keepers are announced. The cryptography is in
// the top-level package vault; what an opened sum is used for is the caller's.
//
// Weights of an opening are never submitted: the contract that starts a round
// derives them, and the round's record lists them for everybody.
package vault

import "fmt"

// Kinds of series.
const (
	Forecast = "forecast" // load, pv, wind, surplus; the deficit follows
	Reading  = "reading"  // surplus, deficit
)

// Series sealed for each kind, in the order of a deal's parts.
var (
	ForecastSeries = []string{"load", "pv", "wind", "surplus"}
	ReadingSeries  = []string{"surplus", "deficit"}
)

// SeriesName is the name under which a series is sealed: "forecast/load".
func SeriesName(kind, series string) string { return kind + "/" + series }

// OpenChannel is the body of "vault/channel", by a park: one channel per
// keeper of an epoch for a run of days; and by a member to the keepers of the
// next epoch, for the one day of the hand-over.
type OpenChannel struct {
	_        struct{} `cbor:",toarray"`
	Number   uint32   // of the dealer, from 1, one more than its last
	Epoch    uint32   // of the keepers: in force or announced
	FirstDay uint32
	Days     uint8    // 1..31
	Channels [][]byte // encoded channel of the vault, one per keeper in order of the index
}

// AcknowledgeChannel is the body of "vault/channel-acknowledge", by a member
// that has expanded and checked its channel.
type AcknowledgeChannel struct {
	_      struct{} `cbor:",toarray"`
	Dealer string
	Number uint32
}

// Channel is a dealer's channels for a run of days; a keeper's is usable once
// it has acknowledged it.
type Channel struct {
	_            struct{} `cbor:",toarray"`
	Dealer       string
	Number       uint32
	Epoch        uint32
	FirstDay     uint32
	Days         uint8
	Channels     [][]byte
	Acknowledged []uint8 // indices of keepers, ascending
}

// Covers says whether the channels are for a day.
func (c Channel) Covers(day uint32) bool {
	return c.FirstDay <= day && int64(day) < int64(c.FirstDay)+int64(c.Days)
}

// ChannelPrefix is the prefix of a dealer's channels' keys.
func ChannelPrefix(dealer string) string { return ChannelsPrefix + dealer + "/" }

// ChannelsPrefix is the prefix of all dealers' channels' keys.
const ChannelsPrefix = "vault/channel/"

// ChannelKey is where a dealer's channels of a number stand.
func ChannelKey(dealer string, number uint32) string {
	return fmt.Sprintf("%s%06d", ChannelPrefix(dealer), number)
}

// Deal is the body of "vault/deal", by a park: the sealed series of a day and
// kind. Before the gate a higher version replaces a lower one.
type Deal struct {
	_       struct{} `cbor:",toarray"`
	Day     uint32
	Kind    string
	Version uint32   // from 1, rising
	Parts   [][]byte // encoded deals of the vault in the order of the kind's series
	Proof   []byte   // that ClaimOf the parts is true
}

// Sealed is a park's sealed series as the ledger keeps it.
type Sealed struct {
	_       struct{} `cbor:",toarray"`
	Park    string
	Day     uint32
	Kind    string
	Version uint32
	Height  int64
	Channel uint32 // number of the dealer's channels that it is sealed under
	Parts   [][]byte
	Handed  []Handed // by the epochs that it was handed over to, ascending; those that are closed are left out
}

// Handed is what stands in the place of a sealed series' parts after a
// hand-over: the same commitments to the values, others to the shares.
type Handed struct {
	_     struct{} `cbor:",toarray"`
	Epoch uint32
	Parts [][]byte // handed-over deals of the vault in the order of the kind's series
}

// SealedPrefix is the prefix of all sealed series of a kind and day.
func SealedPrefix(kind string, day uint32) string {
	return fmt.Sprintf("vault/sealed/%s/%06d/", kind, day)
}

// SealedKey is where a park's sealed series of a kind and day stands.
func SealedKey(kind string, day uint32, park string) string { return SealedPrefix(kind, day) + park }

// Purpose is one sum to be opened: sum over the round's parks and all periods
// of SurplusWeights[t] x surplus_it + DeficitWeights[t] x deficit_it. An empty
// list of weights means none of that side; weights after the last that is not
// zero are left out.
type Purpose struct {
	_              struct{} `cbor:",toarray"`
	ID             []byte   // SHA-256 of chain, kind, day, period, versions and set
	Kind           string   // one of the Purpose kinds
	Period         int      // for community sums, else -1
	SurplusWeights []int64
	DeficitWeights []int64
}

// Kinds of purpose.
const (
	PurposeSurplus    = "community-surplus" // of one period
	PurposeDeficit    = "community-deficit" // of one period
	PurposeUsefulness = "total-usefulness"  // sum of U_i
	PurposeBaseline   = "total-baseline"    // sum of B_i
)

// Participant is a park of a round with the version that enters it.
type Participant struct {
	_       struct{} `cbor:",toarray"`
	Park    string
	Version uint32
}

// Phases of a round.
const (
	PhaseAcknowledging = "acknowledging" // members check their shares
	PhaseOpening       = "opening"       // set and quorum are frozen, partials come
	PhaseOpened        = "opened"
	PhaseFailed        = "failed"
)

// Round is the gathering, freezing and opening of one day's series of a kind.
type Round struct {
	_            struct{} `cbor:",toarray"`
	ID           string   // "forecast/019919/1"
	Kind         string
	Day          uint32
	Number       uint32 // of the kind and day, from 1
	Epoch        uint32 // of the keepers that open it, whoever comes after them
	Phase        string
	Started      int64         // height of the gate
	Candidates   []Participant // sealed by the gate, in order of the names
	Acknowledged []uint8       // indices of members, ascending
	Frozen       int64         // height of the freeze, 0 before
	Parks        []Participant // the frozen set
	Quorum       []uint8       // the frozen acknowledging members
	Purposes     []Purpose     // what is opened, from the freeze on
	Refused      []string      // parks whose series a member has proven false: void
	Unfounded    []uint8       // members that refused a right series: named, not in the quorum
	Partials     []uint8       // members whose partials were right
	Wrong        []uint8       // members whose partials were wrong: named, ignored
	Closed       int64         // height
	Reason       string        // why it failed
}

// RoundPrefix is the prefix of all rounds' keys.
const RoundPrefix = "vault/round/"

// RoundID names the number-th round of a kind and day.
func RoundID(kind string, day, number uint32) string {
	return fmt.Sprintf("%s/%06d/%d", kind, day, number)
}

// RoundKey is where the round of that id stands.
func RoundKey(id string) string { return RoundPrefix + id }

// Acknowledge is the body of "vault/acknowledge", by a member: it has checked
// all its shares of the round; refusals name the series whose share is wrong.
type Acknowledge struct {
	_        struct{} `cbor:",toarray"`
	Round    string
	Refusals []Refusal
}

// Refusal names a sealed series whose share is not the right one, with the proof.
type Refusal struct {
	_     struct{} `cbor:",toarray"`
	Park  string
	Part  uint8  // which part of the deal
	Proof []byte // the vault's refusal proof
}

// Partials is the body of "vault/partials", by a member of the quorum: one
// partial (two scalars, 64 bytes) per purpose, in the round's order.
type Partials struct {
	_     struct{} `cbor:",toarray"`
	Round string
	Sums  [][]byte
}

// PartialKey is where a member's accepted partials of a round stand.
func PartialKey(round string, member uint8) string {
	return fmt.Sprintf("vault/partial/%s/%03d", round, member)
}

// Request is the body of "vault/request", by a member: a further round over a
// day's forecasts. It is refused unless all parks of the earlier set have sealed
// fresh versions (docs/ledger.md, rule 3).
type Request struct {
	_    struct{} `cbor:",toarray"`
	Kind string
	Day  uint32
}

// Opened is what a round opened.
type Opened struct {
	_        struct{} `cbor:",toarray"`
	Round    string
	Purposes []OpenedSum
}

// OpenedSum is one opened sum with its blinding: anybody checks it against
// the sum of the commitments.
type OpenedSum struct {
	_        struct{} `cbor:",toarray"`
	Value    []byte   // signed big-endian magnitude: first byte 0 or 1 (negative), then the magnitude
	Blinding []byte   // scalar, 32 bytes
}

// OpenedKey is where the opened sums of a round stand.
func OpenedKey(round string) string { return "vault/opened/" + round }
