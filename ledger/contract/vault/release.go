package vault

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"

	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// A release opens something of one park's sealed series of one day, apart from
// all community sums: a disclosure that the committee has voted for, or a bill
// that the park has not sent. It needs no acknowledgements, since one park's
// series is one set; each member's part is checked against the commitments and
// t right ones open it.

// Kinds of release.
const (
	Disclosure = "disclosure" // series of one park, by vote
	BillOpen   = "bill"       // one bill, because it was withheld
)

// Phases of a release. PhaseOpening, PhaseOpened and PhaseFailed are those of
// rounds.
const (
	PhaseRequested = "requested" // the committee votes
	PhaseRejected  = "rejected"  // by vote
	PhaseRefused   = "refused"   // granted by vote, but too late or a second time
)

// Release is the opening of something of one park, with all that led to it. It
// stays on the ledger for ever.
type Release struct {
	_         struct{} `cbor:",toarray"`
	ID        string   // "disclosure/019919/park1/reading/1", "bill/019919/park1"
	Kind      string   // Disclosure or BillOpen
	Park      string
	Day       uint32
	Series    string   // Forecast or Reading
	Parts     []string // the series that a disclosure opens: "load"
	Version   uint32   // of the sealed series, 0 before the grant
	Epoch     uint32   // of the committee that the series is shared among
	Requester string   // account, or "contract/trade"
	Reason    string
	Proposal  uint64 // the committee's vote, 0 for a bill
	Requested int64  // ledger time
	Phase     string
	Granted   int64 // height from which members post their parts, 0 before
	Purposes  []ReleasePurpose
	Partials  []uint8 // members whose parts were right, ascending
	Wrong     []uint8 // members whose parts were wrong: named, ignored
	Closed    int64   // height
	Outcome   string  // why it was refused or failed
}

// ReleasePurpose is one sum to be opened. The contract derives the terms; they
// are never submitted.
type ReleasePurpose struct {
	_     struct{} `cbor:",toarray"`
	ID    []byte   // SHA-256 of chain, kind, park, day, version, epoch and terms
	Terms []ReleaseTerm
}

// ReleaseTerm is one summand: a weight times one period of one part.
type ReleaseTerm struct {
	_      struct{} `cbor:",toarray"`
	Part   uint8    // position in SeriesOf
	Period uint8
	Weight []byte // as EncodeValue
}

// Disclose is the body of "vault/disclose", by anybody with an account: a
// request that series of one park, day and kind be opened.
type Disclose struct {
	_      struct{} `cbor:",toarray"`
	Park   string
	Day    uint32
	Kind   string   // Forecast or Reading
	Series []string // of the kind, in its order; none: all
	Reason string
}

// ReleasePrefix is the prefix of all releases' keys.
const ReleasePrefix = "vault/release/"

// ReleaseKey is where the release of that id stands.
func ReleaseKey(id string) string { return ReleasePrefix + id }

// ReleasedKey is where the sealed series of a release stands while members
// post their parts: nothing that the park seals anew takes it away.
func ReleasedKey(id string) string { return "vault/released/" + id }

// DisclosureID names the number-th request about a park's series.
func DisclosureID(kind string, day uint32, park string, number int) string {
	return fmt.Sprintf("%s%02d", disclosurePrefix(kind, day, park), number)
}

func disclosurePrefix(kind string, day uint32, park string) string {
	return fmt.Sprintf("%s/%06d/%s/%s/", Disclosure, day, park, kind)
}

// BillReleaseID names the opening of a park's bill.
func BillReleaseID(day uint32, park string) string {
	return fmt.Sprintf("%s/%06d/%s", BillOpen, day, park)
}

const releaseInFlightPrefix = "vault/release-in-flight/"

// ReleaseInFlightPrefix is the prefix of the marks of releases that take
// members' parts; what follows is the release's id.
const ReleaseInFlightPrefix = releaseInFlightPrefix

// ReleaseForms rebuilds what a release opens, one form per purpose: the same
// code for the contract, for members and for everybody who checks.
func ReleaseForms(release Release, sealed Sealed) ([]sealing.Form, map[sealing.DealID]*sealing.Deal, error) {
	if sealed.Park != release.Park || sealed.Day != release.Day || sealed.Kind != release.Series || sealed.Version != release.Version {
		return nil, nil, fmt.Errorf("version %d of %s's %s of day %d: %s opens version %d of %s's %s of day %d", sealed.Version,
			sealed.Park, sealed.Kind, sealed.Day, release.ID, release.Version, release.Park, release.Series, release.Day)
	}
	parts, err := DecodedAt(sealed, release.Epoch)
	if err != nil {
		return nil, nil, err
	}
	names := SeriesOf(release.Series)
	deals := map[sealing.DealID]*sealing.Deal{}
	forms := make([]sealing.Form, len(release.Purposes))
	for k, purpose := range release.Purposes {
		for _, term := range purpose.Terms {
			if int(term.Part) >= len(names) {
				return nil, nil, fmt.Errorf("%s: purpose %d: part %d of %d", release.ID, k+1, term.Part, len(names))
			}
			weight, err := DecodeValue(term.Weight)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: purpose %d: %w", release.ID, k+1, err)
			}
			deal := parts[names[term.Part]]
			deals[deal.ID()] = deal
			forms[k].AddBig(deal.ID(), int(term.Period), weight)
		}
	}
	return forms, deals, nil
}

// releasePurpose is the purpose with these terms, named.
func releasePurpose(chain string, release Release, terms []ReleaseTerm) ReleasePurpose {
	hash := sha256.Sum256(record.Encode(struct {
		_       struct{} `cbor:",toarray"`
		Domain  string
		Chain   string
		Kind    string
		Park    string
		Day     uint32
		Series  string
		Version uint32
		Epoch   uint32
		Terms   []ReleaseTerm
	}{
		Domain: "sesame/release/1", Chain: chain, Kind: release.Kind, Park: release.Park, Day: release.Day,
		Series: release.Series, Version: release.Version, Epoch: release.Epoch, Terms: terms,
	}))
	return ReleasePurpose{ID: hash[:], Terms: terms}
}

// unitPurposes are a disclosure's: each period of each part by itself.
func unitPurposes(chain string, release Release, periods int) []ReleasePurpose {
	one := EncodeValue(big.NewInt(1))
	var list []ReleasePurpose
	for part, name := range SeriesOf(release.Series) {
		if !slices.Contains(release.Parts, name) {
			continue
		}
		for period := range periods {
			list = append(list, releasePurpose(chain, release, []ReleaseTerm{{Part: uint8(part), Period: uint8(period), Weight: one}}))
		}
	}
	return list
}

// weightedPurpose is a bill's: one sum over all parts of a series, weights[part][period].
func weightedPurpose(chain string, release Release, weights [][]*big.Int) ReleasePurpose {
	var terms []ReleaseTerm
	for part, ofPart := range weights {
		for period, weight := range ofPart {
			if weight.Sign() != 0 {
				terms = append(terms, ReleaseTerm{Part: uint8(part), Period: uint8(period), Weight: EncodeValue(weight)})
			}
		}
	}
	return releasePurpose(chain, release, terms)
}
