package vault

import (
	"errors"
	"fmt"
)

// ErrUnprovenRefusal reports a refusal that proves nothing: it is about another
// deal, or its key is not of the channel.
var ErrUnprovenRefusal = errors.New("refusal proves nothing")

// Refusal is a member's proof that a dealer's share is wrong: the day key, so
// that anybody can open the share. It gives away this member's shares of the
// dealer's whole day, so it is made only after ErrWrongShare.
type Refusal struct {
	Deal     DealID
	Member   uint8
	Revealed RevealedKey
}

// ProveRefusal makes the proof. It refuses to for a share that is right, which
// it would give away.
func ProveRefusal(deal *Deal, keys *DayKeys) (*Refusal, error) { return deal.proveRefusal(keys) }

func (d *sealed) proveRefusal(keys *DayKeys) (*Refusal, error) {
	switch _, err := d.open(keys); {
	case err == nil:
		return nil, fmt.Errorf("member %d's share of deal %v is right", keys.id.Member, d.id)
	case !errors.Is(err, ErrWrongShare):
		return nil, err
	}
	revealed, err := keys.Reveal(d.header.Day)
	if err != nil {
		return nil, err
	}
	return &Refusal{Deal: d.id, Member: keys.id.Member, Revealed: revealed}, nil
}

// JudgeRefusal recomputes the share of the member of channel id. upheld: the
// dealer cheated, the deal is void. Not upheld: the member's complaint is
// unfounded; ErrUnprovenRefusal says where the proof itself does not stand. It
// is deterministic. The caller sees to it that channel is the one that both
// sides used for the deal.
func JudgeRefusal(deal *Deal, id ChannelID, channel Channel, refusal *Refusal) (upheld bool, err error) {
	return deal.judgeRefusal(id, channel, refusal)
}

func (d *sealed) judgeRefusal(id ChannelID, channel Channel, refusal *Refusal) (upheld bool, err error) {
	h := &d.header
	switch {
	case refusal.Deal != d.id || d.encoded == nil:
		return false, fmt.Errorf("%w: it is about deal %v, not %v", ErrUnprovenRefusal, refusal.Deal, d.id)
	case refusal.Member != id.Member || int(refusal.Member) > h.Members:
		return false, fmt.Errorf("%w: it is of member %d, the channel of member %d of %d", ErrUnprovenRefusal, refusal.Member, id.Member, h.Members)
	case refusal.Revealed.Day != h.Day:
		return false, fmt.Errorf("%w: it reveals the key of day %d, the deal is of day %d", ErrUnprovenRefusal, refusal.Revealed.Day, h.Day)
	}
	if err := id.fits(h, int(refusal.Member)); err != nil {
		return false, fmt.Errorf("%w: %w", ErrUnprovenRefusal, err)
	}
	if err := channel.CheckDayKey(id, refusal.Revealed); err != nil {
		return false, fmt.Errorf("%w: %w", ErrUnprovenRefusal, err)
	}
	_, err = d.openShare(refusal.Member, &refusal.Revealed.Key)
	return err != nil, nil
}

const refusalFormat = 1

// MarshalBinary encodes the refusal.
func (r *Refusal) MarshalBinary() ([]byte, error) {
	if len(r.Revealed.Path) > maxPath {
		return nil, fmt.Errorf("path of %d hashes, want at most %d", len(r.Revealed.Path), maxPath)
	}
	var e encoder
	e.u8(refusalFormat)
	e.raw(r.Deal[:])
	e.u8(r.Member)
	r.Revealed.encode(&e)
	return e.bytes, nil
}

// DecodeRefusal reads what MarshalBinary wrote.
func DecodeRefusal(encoded []byte) (*Refusal, error) {
	d := decoder{rest: encoded}
	d.version(refusalFormat)
	r := &Refusal{Deal: d.hash("deal"), Member: d.u8("member"), Revealed: decodeRevealedKey(&d)}
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("refusal: %w", err)
	}
	return r, nil
}
