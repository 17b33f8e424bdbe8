package vault

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// ErrWrongShare says that a dealer cheated this member: the share is missing,
// does not decrypt, or does not fit the commitments. ProveRefusal makes the
// proof.
var ErrWrongShare = errors.New("the dealer's share is wrong")

// Share is one member's checked share of one deal, secret.
type Share struct {
	Deal   DealID
	Member uint8
	Value  []group.Scalar // f_j(i) per period
	Blind  []group.Scalar // g_j(i) per period
}

// String keeps the secret out of logs and errors.
func (s Share) String() string { return fmt.Sprintf("share of member %d of deal %v", s.Member, s.Deal) }

// GoString is String, for %#v.
func (s Share) GoString() string { return s.String() }

func newShare(member uint8, periods int) *Share {
	return &Share{Member: member, Value: make([]group.Scalar, periods), Blind: make([]group.Scalar, periods)}
}

// OpenShare takes the share of the member whose day keys are given out of a
// deal and checks it by equation (E). ErrWrongShare calls for a refusal; any
// other error lies on this side (other day, erased key, other member).
func OpenShare(deal *Deal, keys *DayKeys) (*Share, error) { return deal.open(keys) }

func (d *sealed) open(keys *DayKeys) (*Share, error) {
	if int(keys.id.Member) > d.header.Members {
		return nil, fmt.Errorf("share of member %d: there are %d members", keys.id.Member, d.header.Members)
	}
	if d.encoded == nil {
		return nil, fmt.Errorf("deal %v was handed over: its shares come with the hand-overs", d.id)
	}
	if err := keys.id.fits(&d.header, int(keys.id.Member)); err != nil {
		return nil, err
	}
	key, err := keys.key(d.header.Day)
	if err != nil {
		return nil, err
	}
	return d.openShare(keys.id.Member, key)
}

// openShare is OpenShare for a key that belongs to the member's channel, so
// that its every error is the dealer's fault and wraps ErrWrongShare. It is
// deterministic: a member's refusal and the ledger's verdict never disagree.
func (d *sealed) openShare(member uint8, dayKey *[32]byte) (*Share, error) {
	source := newShareSource(d.context, member, dayKey)
	if source.keyHash() != d.keyHashes[member-1] {
		return nil, fmt.Errorf("member %d: %w: its key hash is another", member, ErrWrongShare)
	}
	share, err := d.takeShare(source)
	if err != nil {
		return nil, fmt.Errorf("member %d: %w: %w", member, ErrWrongShare, err)
	}
	if !share.fits(d) {
		return nil, fmt.Errorf("member %d: %w: it does not fit the commitments", member, ErrWrongShare)
	}
	return share, nil
}

// fits tests equation (E) for all periods.
func (s *Share) fits(d *sealed) bool {
	partials := make([]Partial, len(s.Value))
	for j := range partials {
		partials[j] = Partial{Value: s.Value[j], Blinding: s.Blind[j]}
	}
	return fits(s.Member, d.polynomials, partials, shareWeights(d.id, s.Member, partials))
}

// takeShare derives what is derived and decrypts the rest, unchecked.
func (d *sealed) takeShare(source *shareSource) (*Share, error) {
	periods, threshold := d.header.Periods, d.header.Threshold
	share := newShare(source.member, periods)
	share.Deal = d.id
	source.derive(periods)
	for j := range periods {
		share.Value[j], share.Blind[j] = source.value(j), source.blind(j)
	}
	if int(source.member) < threshold {
		return share, nil
	}
	plain, err := source.open(d.boxes[int(source.member)-threshold])
	if err != nil {
		return nil, errors.New("its box does not decrypt")
	}
	from := decoder{rest: plain}
	share.Value = from.scalars("value", periods)
	if int(source.member) > d.blindDerived {
		share.Blind = from.scalars("blinding", periods)
	}
	return share, from.finish()
}

const shareFormat = 1

// MarshalBinary encodes the share for storage, secret.
func (s *Share) MarshalBinary() ([]byte, error) {
	var e encoder
	e.u8(shareFormat)
	e.raw(s.Deal[:])
	e.u8(s.Member)
	e.u16(uint16(len(s.Value)))
	e.scalars(s.Value)
	e.scalars(s.Blind)
	return e.bytes, nil
}

// DecodeShare reads what MarshalBinary wrote.
func DecodeShare(encoded []byte) (*Share, error) {
	d := decoder{rest: encoded}
	d.version(shareFormat)
	s := &Share{Deal: d.hash("deal"), Member: d.u8("member")}
	periods := int(d.u16("periods"))
	if s.Member == 0 || periods < 1 || periods > MaxPeriods {
		d.fail("member %d and %d periods, want 1..255 and 1..%d", s.Member, periods, MaxPeriods)
	}
	s.Value = d.scalars("value", periods)
	s.Blind = d.scalars("blinding", periods)
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("share: %w", err)
	}
	return s, nil
}
