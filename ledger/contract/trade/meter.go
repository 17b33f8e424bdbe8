package trade

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// A park's net exchange, surplus less deficit, is committed to by what it has
// sealed: the difference of two commitments. The park shows the grid company
// the net values with their blindings; the company compares them with its own
// meter and signs the commitments (ADR 9).

// What a bill rests on.
const (
	BasisHonesty  = "honesty"  // nobody has compared the readings with the meter
	BasisMetered  = "metered"  // the grid company's meter shows the same
	BasisDisputed = "disputed" // the grid company's meter shows something else
)

// RuleMeterDisputed is the rule of the alert about a park whose sealed readings
// are not what the grid company's meter shows.
const RuleMeterDisputed = "meter-disputed"

// SubmitNet is the body of "trade/net", by a park: its net values of a day,
// sealed to the grid company (info: NetInfo; plain text: NetValues).
type SubmitNet struct {
	_       struct{} `cbor:",toarray"`
	Day     uint32
	Version uint32 // of its sealed readings
	ToGrid  []byte
}

// NetValues open the commitments to a park's net exchange, one per period.
type NetValues struct {
	_         struct{} `cbor:",toarray"`
	Values    []int64  // surplus - deficit, W
	Blindings [][]byte // scalars, 32 bytes
}

// Attest is the body of "trade/attest", by the grid company, after comparing
// net values with its meter. The envelope's signature covers the commitment.
type Attest struct {
	_          struct{} `cbor:",toarray"`
	Day        uint32
	Park       string
	Version    uint32
	Commitment []byte // NetCommitment
	Fits       bool
	Detail     string // why not, in words; shows no values
}

// Metering is what is known of a park's sealed readings and the meter.
type Metering struct {
	_          struct{} `cbor:",toarray"`
	Day        uint32
	Park       string
	Version    uint32
	State      string // one of the Basis constants
	ToGrid     []byte // net values, sealed, until the company has said what its meter shows
	Commitment []byte // what the company has signed, 32 bytes; empty before
	Detail     string
	Height     int64
}

// MeteringPrefix is the prefix of a day's meterings' keys.
func MeteringPrefix(day uint32) string { return fmt.Sprintf("trade/metering/%06d/", day) }

// MeteringKey is where the metering of a park's readings stands.
func MeteringKey(day uint32, park string) string { return MeteringPrefix(day) + park }

// NetInfo binds sealed net values to what they are of.
func NetInfo(day uint32, park string, version uint32) []byte {
	return fmt.Appendf(nil, "%s/%d", MeteringKey(day, park), version)
}

const (
	maxSealedNet    = 16_384
	maxAttestDetail = 200
)

// NetForms are the forms of a park's net exchange over its sealed readings,
// one per period.
func NetForms(sealed vault.Sealed) ([]sealing.Form, map[sealing.DealID]*sealing.Deal, error) {
	if sealed.Kind != vault.Reading {
		return nil, nil, fmt.Errorf("%s of %s: expected its %s", sealed.Kind, sealed.Park, vault.Reading)
	}
	parts, err := vault.Decoded(sealed)
	if err != nil {
		return nil, nil, err
	}
	surplus, deficit := parts["surplus"], parts["deficit"]
	forms := make([]sealing.Form, surplus.Header().Periods)
	for period := range forms {
		forms[period].Add(surplus.ID(), period, 1)
		forms[period].Add(deficit.ID(), period, -1)
	}
	return forms, map[sealing.DealID]*sealing.Deal{surplus.ID(): surplus, deficit.ID(): deficit}, nil
}

// netPoints are the commitments to a park's net exchange, one per period.
func netPoints(sealed vault.Sealed) ([]*group.Point, error) {
	forms, deals, err := NetForms(sealed)
	if err != nil {
		return nil, err
	}
	points := make([]*group.Point, len(forms))
	for period := range forms {
		if points[period], err = forms[period].Value(deals); err != nil {
			return nil, fmt.Errorf("period %d: %w", period+1, err)
		}
	}
	return points, nil
}

// NetCommitment is the SHA-256 of chain, day, park, version and the
// commitments to a park's net exchange: what the grid company signs.
func NetCommitment(chain string, sealed vault.Sealed) ([]byte, error) {
	points, err := netPoints(sealed)
	if err != nil {
		return nil, err
	}
	encoded := make([][]byte, len(points))
	for period, point := range points {
		bytes := point.Bytes()
		encoded[period] = bytes[:]
	}
	hash := sha256.Sum256(record.Encode(struct {
		_           struct{} `cbor:",toarray"`
		Domain      string
		Chain       string
		Day         uint32
		Park        string
		Version     uint32
		Commitments [][]byte
	}{Domain: "sesame/net/1", Chain: chain, Day: sealed.Day, Park: sealed.Park, Version: sealed.Version, Commitments: encoded}))
	return hash[:], nil
}

// maxNet bounds a net value, W: a sealed value has 32 bits.
const maxNet = math.MaxUint32

// CheckNet says whether net values open the commitments of sealed readings:
// the grid company runs it on what it has unsealed.
func CheckNet(sealed vault.Sealed, net NetValues) error {
	points, err := netPoints(sealed)
	if err != nil {
		return err
	}
	if len(net.Values) != len(points) || len(net.Blindings) != len(points) {
		return fmt.Errorf("%d net values and %d blindings: expected %d of each", len(net.Values), len(net.Blindings), len(points))
	}
	for period, point := range points {
		if value := net.Values[period]; value < -maxNet || value > maxNet {
			return fmt.Errorf("period %d: a net value out of range", period+1)
		}
		blinding, err := group.DecodeScalar(net.Blindings[period])
		if err != nil {
			return fmt.Errorf("period %d: blinding: %w", period+1, err)
		}
		if err := sealing.CheckOpening(point, sealing.Sum{Value: big.NewInt(net.Values[period]), Blinding: *blinding}); err != nil {
			return fmt.Errorf("period %d: %w", period+1, err)
		}
	}
	return nil
}

// meterable loads the sealed readings that a transaction is about.
func meterable(ctx contract.Context, day uint32, park string, version uint32) (vault.Sealed, error) {
	sealed, found := record.Load[vault.Sealed](ctx.State, vault.SealedKey(vault.Reading, day, park))
	switch published, known := tariff.Load(ctx.State, day); {
	case !found || sealed.Version != version:
		return sealed, fmt.Errorf("%.64q has no version %d of its readings of day %d on the ledger", park, version, day)
	case !known || ctx.Now > published.End+committee.LoadParameters(ctx.State).Contest:
		return sealed, fmt.Errorf("readings of day %d: their contest term is over", day)
	}
	return sealed, nil
}

// HandleNet takes a park's net values, sealed to the grid company ("trade/net").
func HandleNet(ctx contract.Context, body SubmitNet) error {
	if _, err := meterable(ctx, body.Day, ctx.Sender, body.Version); err != nil {
		return err
	}
	if len(body.ToGrid) == 0 || len(body.ToGrid) > maxSealedNet {
		return fmt.Errorf("sealed net values of %d bytes: expected 1 to %d", len(body.ToGrid), maxSealedNet)
	}
	key := MeteringKey(body.Day, ctx.Sender)
	shown := Metering{Day: body.Day, Park: ctx.Sender, Version: body.Version, State: BasisHonesty, Commitment: []byte{}}
	if before, found := record.Load[Metering](ctx.State, key); found && before.Version == body.Version {
		shown = before // a dispute stands until the company ends it
	}
	if shown.State == BasisMetered {
		return fmt.Errorf("version %d of the readings of day %d is metered already", body.Version, body.Day)
	}
	shown.ToGrid, shown.Height = body.ToGrid, ctx.Height
	record.Save(ctx.State, key, shown)
	return nil
}

// HandleAttest takes what the grid company says after looking at its meter
// ("trade/attest"). What it has once found metered stays so.
func HandleAttest(ctx contract.Context, body Attest) error {
	sealed, err := meterable(ctx, body.Day, body.Park, body.Version)
	if err != nil {
		return err
	}
	known, found := record.Load[Metering](ctx.State, MeteringKey(body.Day, body.Park))
	switch {
	case !found || known.Version != body.Version:
		return fmt.Errorf("%s has shown no net values of version %d of its readings of day %d", body.Park, body.Version, body.Day)
	case known.State == BasisMetered:
		return fmt.Errorf("version %d of %s's readings of day %d is metered already", body.Version, body.Park, body.Day)
	case len(body.Detail) > maxAttestDetail:
		return fmt.Errorf("detail of %d bytes: at most %d", len(body.Detail), maxAttestDetail)
	}
	commitment, err := NetCommitment(ctx.Chain, sealed)
	if err != nil {
		return err
	}
	if !bytes.Equal(commitment, body.Commitment) {
		return errors.New("the commitment is not that of the park's sealed readings")
	}
	known.State, known.ToGrid, known.Commitment, known.Detail, known.Height = BasisMetered, []byte{}, commitment, body.Detail, ctx.Height
	if body.Fits {
		alerts.Clear(ctx, raisedBy, RuleMeterDisputed, body.Park)
	} else {
		known.State = BasisDisputed
		alerts.Post(ctx, raisedBy, RuleMeterDisputed, body.Park,
			fmt.Sprintf("sealed readings of %s: the grid company's meter shows something else: %s", tariff.Date(body.Day), body.Detail))
	}
	record.Save(ctx.State, MeteringKey(body.Day, body.Park), known)
	setBasis(ctx, body.Day, body.Park, known.State)
	return nil
}

// setBasis writes into a bill what it rests on. The bill's readings are the
// park's last version: nothing is sealed anew after the gate, when bills begin.
func setBasis(ctx contract.Context, day uint32, park, basis string) {
	if bill, found := record.Load[Bill](ctx.State, BillKey(day, park)); found && bill.Basis != basis {
		bill.Basis = basis
		record.Save(ctx.State, BillKey(day, park), bill)
	}
}

// basisOf is what a bill on a version of sealed readings rests on.
func basisOf(state record.State, sealed vault.Sealed) string {
	known, found := record.Load[Metering](state, MeteringKey(sealed.Day, sealed.Park))
	if !found || known.Version != sealed.Version {
		return BasisHonesty
	}
	return known.State
}
