package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

const (
	handoverLabel  = "sesame-handover/1"
	handoverFormat = 1
)

// ErrHandover reports a hand-over whose secrets are not the old member's share.
var ErrHandover = errors.New("hand-over does not continue the old member's share")

// Handover is one old member's share of a deal, dealt on to the members of a
// new committee (Desmedt, Jajodia 1997; Wong, Wang, Wing 2002). A threshold of
// old members hand over; nothing is opened, and the commitments to the values
// stay the same, so totals and proofs about them stay valid. A refresh is a
// hand-over to the same members.
//
//	Handover.Check      anybody: what is dealt is the old member's share
//	OpenHandover        a new member takes its part out of each hand-over
//	HandOver            anybody: the deal as the new committee has it
//	CombineHandovers    a new member: its share of that
type Handover struct {
	sealed
	from   uint8
	origin DealID
}

// From is the old member's index.
func (h *Handover) From() uint8 { return h.from }

// Origin names the deal that is handed over.
func (h *Handover) Origin() DealID { return h.origin }

// NewHandover deals an old member's share of origin to the next committee.
// sender is the name under which the old member has channels to the new ones,
// whose day keys are given in the order of their indices; day says which day
// keys. secret and counter are as for NewDeal.
func NewHandover(origin *Deal, share *Share, next *Committee, sender string, day uint32, counter uint64, dayKeys []*DayKeys, secret []byte) (*Handover, error) {
	if share.Deal != origin.id {
		return nil, fmt.Errorf("hand-over: share of deal %v, want %v", share.Deal, origin.id)
	}
	if next.Chain != origin.header.Chain || next.Epoch <= origin.header.Epoch {
		return nil, fmt.Errorf("hand-over to chain %q, epoch %d: %w: want %q, later than epoch %d",
			next.Chain, next.Epoch, ErrCommittee, origin.header.Chain, origin.header.Epoch)
	}
	if len(secret) < minDealerSecret {
		return nil, fmt.Errorf("hand-over: secret of %d bytes, want at least %d", len(secret), minDealerSecret)
	}
	h := &Handover{from: share.Member, origin: origin.id}
	h.header = origin.header
	h.header.Epoch, h.header.Threshold, h.header.Members = next.Epoch, next.Threshold, len(next.Keepers)
	h.header.Dealer, h.header.Day, h.header.Counter = sender, day, counter
	if err := h.header.check(); err != nil {
		return nil, fmt.Errorf("hand-over: %w", err)
	}
	fresh := group.RandomScalar().Bytes()
	h.header.Nonce = sealNonce(&h.header, share.Value, share.Blind, secret, fresh)
	h.expectHandover()
	if _, err := h.share(share.Value, share.Blind, dayKeys); err != nil {
		return nil, fmt.Errorf("hand-over: %w", err)
	}
	h.seal()
	return h, nil
}

// expectHandover fixes how the shares of a hand-over are sealed: values and
// blindings are given at zero.
func (h *Handover) expectHandover() {
	var e encoder
	e.name(handoverLabel)
	e.u8(h.from)
	e.raw(h.origin[:])
	h.header.encode(&e)
	h.context = sha256.Sum256(e.bytes)
	h.blindDerived = h.header.Threshold - 1
}

func (h *Handover) seal() {
	var e encoder
	e.u8(handoverFormat)
	e.u8(h.from)
	e.raw(h.origin[:])
	h.header.encode(&e)
	h.encodeBody(&e)
	h.encoded = e.bytes
	h.id = sha256.Sum256(h.encoded)
}

// MarshalBinary returns the one encoding of the hand-over.
func (h *Handover) MarshalBinary() ([]byte, error) {
	return append([]byte(nil), h.encoded...), nil
}

// UnmarshalHandover reads an encoding, as strictly as UnmarshalDeal.
func UnmarshalHandover(encoded []byte) (*Handover, error) {
	d := decoder{rest: encoded}
	d.version(handoverFormat)
	h := &Handover{from: d.u8("old member"), origin: d.hash("deal")}
	if h.from == 0 {
		d.fail("old member 0, want 1..255")
	}
	h.header = decodeHeader(&d)
	h.expectHandover()
	h.decodeBody(&d)
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("hand-over: %w", err)
	}
	h.encoded = append([]byte(nil), encoded...)
	h.id = sha256.Sum256(h.encoded)
	return h, nil
}

// Check reports whether the hand-over is one of origin, to this committee
// (ErrCommittee), and hands on exactly the old member's share: its constant
// terms commit to what origin's polynomials are at the old member's index
// (ErrHandover).
func (h *Handover) Check(origin *Deal, next *Committee) error {
	o := &origin.header
	switch {
	case h.origin != origin.id:
		return fmt.Errorf("hand-over of deal %v, want %v", h.origin, origin.id)
	case int(h.from) > o.Members:
		return fmt.Errorf("%w: member %d of %d", ErrHandover, h.from, o.Members)
	case h.header.Epoch <= o.Epoch:
		return fmt.Errorf("%w: to epoch %d, want later than %d", ErrCommittee, h.header.Epoch, o.Epoch)
	case h.header.Series != o.Series || h.header.Version != o.Version || h.header.Periods != o.Periods:
		return fmt.Errorf("%w: series %q version %d of %d periods, want %q version %d of %d", ErrHandover,
			h.header.Series, h.header.Version, h.header.Periods, o.Series, o.Version, o.Periods)
	}
	if err := h.header.Check(next); err != nil {
		return err
	}
	if !h.continues(origin) {
		return fmt.Errorf("member %d: %w", h.from, ErrHandover)
	}
	return nil
}

// continues tests E_j0 == sum_c from^c C_jc for all periods at once, with
// weights that depend on both encodings.
func (h *Handover) continues(origin *Deal) bool {
	var e encoder
	e.name("sesame-check-handover/1")
	e.raw(origin.id[:])
	e.raw(h.id[:])
	weights := drawWeights(e, h.from, nil)
	var scalars []group.Scalar
	var points []*group.Point
	for j, polynomial := range origin.polynomials {
		factor := weights.next()
		scalars, points = append(scalars, *new(group.Scalar).Neg(&factor)), append(points, h.polynomials[j][0])
		for _, point := range polynomial {
			scalars, points = append(scalars, factor), append(points, point)
			factor.MulSmall(&factor, uint32(h.from))
		}
	}
	return new(group.Point).CombineVartime(scalars, points).IsIdentity()
}

// OpenHandover takes a new member's part out of a hand-over, as OpenShare does
// of a deal. ErrWrongShare calls for a refusal.
func OpenHandover(h *Handover, keys *DayKeys) (*Share, error) { return h.open(keys) }

// ProveHandoverRefusal is ProveRefusal for a hand-over.
func ProveHandoverRefusal(h *Handover, keys *DayKeys) (*Refusal, error) { return h.proveRefusal(keys) }

// JudgeHandoverRefusal is JudgeRefusal for a hand-over.
func JudgeHandoverRefusal(h *Handover, id ChannelID, channel Channel, refusal *Refusal) (upheld bool, err error) {
	return h.judgeRefusal(id, channel, refusal)
}

// HandOver returns the deal as the new committee has it: C'_jc is the sum of
// lambda_a E^a_jc over the hand-overs, which are of exactly as many different
// old members as the old threshold, all checked. Commitments to the values are
// those of origin. The result has no encoding and no boxes of its own.
func HandOver(origin *Deal, handovers []*Handover) (*Deal, error) {
	factors, err := handoverFactors(origin, handovers)
	if err != nil {
		return nil, err
	}
	first := &handovers[0].header
	next := &Deal{}
	next.header = origin.header
	next.header.Epoch, next.header.Threshold, next.header.Members = first.Epoch, first.Threshold, first.Members
	for j := range origin.polynomials {
		polynomial := make(Polynomial, first.Threshold)
		for c := range polynomial {
			points := make([]*group.Point, len(handovers))
			for a, handover := range handovers {
				points[a] = handover.polynomials[j][c]
			}
			polynomial[c] = new(group.Point).CombineVartime(factors, points)
		}
		if !polynomial[0].Equal(origin.polynomials[j][0]) {
			return nil, fmt.Errorf("hand-over: period %d would commit to another value: %w", j, ErrHandover)
		}
		next.polynomials = append(next.polynomials, polynomial)
	}
	next.id = handedID(origin, handovers)
	return next, nil
}

// handedID names a handed-over deal by all that it came from.
func handedID(origin *Deal, handovers []*Handover) DealID {
	var e encoder
	e.name("sesame-handed/1")
	e.raw(origin.id[:])
	for _, handover := range handovers {
		e.raw(handover.id[:])
	}
	return sha256.Sum256(e.bytes)
}

// handoverFactors checks that the hand-overs belong together, in ascending
// order of old members, and returns their Lagrange factors.
func handoverFactors(origin *Deal, handovers []*Handover) ([]group.Scalar, error) {
	if len(handovers) != origin.header.Threshold {
		return nil, fmt.Errorf("hand-over: %d hand-overs, want as many as the threshold, %d: %w",
			len(handovers), origin.header.Threshold, shamir.ErrTooFew)
	}
	indices := make([]uint8, len(handovers))
	first := handovers[0]
	for k, handover := range handovers {
		h := &handover.header
		if handover.origin != origin.id || len(handover.polynomials) != len(origin.polynomials) {
			return nil, fmt.Errorf("hand-over %d is of deal %v, want %v", k, handover.origin, origin.id)
		}
		if h.Epoch != first.header.Epoch || h.Threshold != first.header.Threshold || h.Members != first.header.Members {
			return nil, fmt.Errorf("hand-over %d: %w of the first", k, ErrCommittee)
		}
		if k > 0 && handover.from <= handovers[k-1].from {
			return nil, fmt.Errorf("hand-over %d is of member %d, after member %d: want ascending members", k, handover.from, handovers[k-1].from)
		}
		indices[k] = handover.from
	}
	return shamir.Lagrange(0, indices)
}

// CombineHandovers returns a new member's share of next, which HandOver made of
// the same hand-overs, from its parts of them in the same order.
func CombineHandovers(origin, next *Deal, handovers []*Handover, parts []*Share) (*Share, error) {
	factors, err := handoverFactors(origin, handovers)
	if err != nil {
		return nil, err
	}
	if next.id != handedID(origin, handovers) || len(parts) != len(handovers) {
		return nil, fmt.Errorf("hand-over: %d parts of %d hand-overs, or another set of them", len(parts), len(handovers))
	}
	share := newShare(parts[0].Member, next.header.Periods)
	share.Deal = next.id
	for k, part := range parts {
		if part.Deal != handovers[k].id || part.Member != share.Member || len(part.Value) != len(share.Value) {
			return nil, fmt.Errorf("hand-over: part %d is member %d's of %v, want member %d's of %v",
				k, part.Member, part.Deal, share.Member, handovers[k].id)
		}
		for j := range share.Value {
			share.Value[j].MulAdd(&factors[k], &part.Value[j], &share.Value[j])
			share.Blind[j].MulAdd(&factors[k], &part.Blind[j], &share.Blind[j])
		}
	}
	if !share.fits(&next.sealed) {
		return nil, fmt.Errorf("hand-over: member %d: %w: it does not fit the new commitments", share.Member, ErrWrongShare)
	}
	return share, nil
}
