package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// MaxValue is the largest value of one period that can be dealt.
const MaxValue = math.MaxUint32

// minDealerSecret is the least length of a dealer's secret, bytes.
const minDealerSecret = 32

const nonceLabel = "sesame-nonce/1"

// NewDeal seals values (each at most MaxValue) for the members whose day keys
// are given in the order of their indices, 1 first. dealerSecret, at least 32
// bytes, protects against a repeated nonce when a machine was restored from a
// copy: two deals under one nonce would give away the difference of their
// values. header.Nonce is ignored and drawn afresh. The Opening is the dealer's
// own, secret.
func NewDeal(header Header, values []uint64, dayKeys []*DayKeys, dealerSecret []byte) (*Deal, *Opening, error) {
	var fresh [32]byte
	_, _ = rand.Read(fresh[:]) // never fails: crypto/rand ends the program instead
	return newDeal(header, values, dayKeys, dealerSecret, fresh)
}

// newDeal is NewDeal with its randomness given.
func newDeal(header Header, values []uint64, dayKeys []*DayKeys, dealerSecret []byte, fresh [32]byte) (*Deal, *Opening, error) {
	if err := header.check(); err != nil {
		return nil, nil, fmt.Errorf("deal: %w", err)
	}
	if len(values) != header.Periods {
		return nil, nil, fmt.Errorf("deal: %d values for %d periods", len(values), header.Periods)
	}
	for j, value := range values {
		if value > MaxValue {
			return nil, nil, fmt.Errorf("deal: period %d: value %d, want at most %d", j+1, value, uint64(MaxValue))
		}
	}
	if len(dealerSecret) < minDealerSecret {
		return nil, nil, fmt.Errorf("deal: dealer's secret of %d bytes, want at least %d", len(dealerSecret), minDealerSecret)
	}
	header.Nonce = dealNonce(&header, values, dealerSecret, fresh)
	sources, err := shareSources(&header, dayKeys)
	if err != nil {
		return nil, nil, fmt.Errorf("deal: %w", err)
	}
	return share(header, values, sources)
}

// dealNonce depends on everything that must not meet the same nonce twice, so
// a repeated random number alone does no harm.
func dealNonce(header *Header, values []uint64, dealerSecret []byte, fresh [32]byte) (nonce [16]byte) {
	named := *header
	named.Nonce = [16]byte{}
	var e encoder
	e.name(nonceLabel)
	named.encode(&e)
	for _, value := range values {
		e.u64(value)
	}
	e.raw(fresh[:])
	mac := hmac.New(sha256.New, dealerSecret)
	mac.Write(e.bytes)
	copy(nonce[:], mac.Sum(nil))
	return nonce
}

// shareSources finds each member's key for this deal.
func shareSources(header *Header, dayKeys []*DayKeys) ([]*shareSource, error) {
	if len(dayKeys) != header.Members {
		return nil, fmt.Errorf("day keys of %d members, want %d", len(dayKeys), header.Members)
	}
	context := header.context()
	sources := make([]*shareSource, len(dayKeys))
	for i, keys := range dayKeys {
		if keys == nil {
			return nil, fmt.Errorf("member %d: no day keys", i+1)
		}
		if err := keys.id.fits(header, i+1); err != nil {
			return nil, fmt.Errorf("member %d: %w", i+1, err)
		}
		key, err := keys.key(header.Day)
		if err != nil {
			return nil, fmt.Errorf("member %d: %w", i+1, err)
		}
		sources[i] = newShareSource(context, uint8(i+1), key)
	}
	return sources, nil
}

// ErrOtherChannel reports day keys of another chain, epoch, dealer or member.
var ErrOtherChannel = errors.New("day keys are of another channel")

// fits reports whether the channel is the one from the header's dealer to the
// member.
func (id *ChannelID) fits(header *Header, member int) error {
	switch {
	case id.Chain != header.Chain || id.Epoch != header.Epoch:
		return fmt.Errorf("%w: chain %q epoch %d, want %q epoch %d", ErrOtherChannel, id.Chain, id.Epoch, header.Chain, header.Epoch)
	case id.Dealer != header.Dealer:
		return fmt.Errorf("%w: dealer %q, want %q", ErrOtherChannel, id.Dealer, header.Dealer)
	case int(id.Member) != member:
		return fmt.Errorf("%w: member %d, want %d", ErrOtherChannel, id.Member, member)
	}
	return nil
}

// share computes the polynomials, the commitments and the boxes. Members below
// the threshold derive their values, members up to the threshold their
// blindings; these points and the value at zero fix the polynomials, which are
// as uniform as if their coefficients had been drawn.
func share(header Header, values []uint64, sources []*shareSource) (*Deal, *Opening, error) {
	deal := &Deal{header: header, keyHashes: make([][32]byte, header.Members)}
	opening := &Opening{Values: append([]uint64(nil), values...), Blindings: make([]group.Scalar, header.Periods)}
	explicit := make([]*Share, 0, header.Members-header.Threshold+1)
	for i, source := range sources {
		deal.keyHashes[i] = source.keyHash()
		source.derive(header.Periods)
		if i+1 >= header.Threshold {
			explicit = append(explicit, newShare(uint8(i+1), header.Periods))
		}
	}
	interpolator := shamir.NewInterpolator(header.Threshold)
	f, g := make([]group.Scalar, header.Threshold), make([]group.Scalar, header.Threshold)
	for j, value := range values {
		f[0] = *group.NewScalar(value)
		for i := range header.Threshold {
			if i+1 < header.Threshold {
				f[i+1] = sources[i].value(j)
			}
			g[i] = sources[i].blind(j)
		}
		interpolator.Interpolate(f, 0)
		interpolator.Interpolate(g, 1)
		deal.polynomials = append(deal.polynomials, commit(f, g))
		opening.Blindings[j] = g[0]
		for _, share := range explicit {
			share.Value[j].Horner(f, uint32(share.Member))
			share.Blind[j].Horner(g, uint32(share.Member))
		}
	}
	for _, share := range explicit {
		box, err := sources[share.Member-1].seal(share, int(share.Member) > header.Threshold)
		if err != nil {
			return nil, nil, fmt.Errorf("deal: member %d: %w", share.Member, err)
		}
		deal.boxes = append(deal.boxes, box)
	}
	deal.seal()
	opening.Deal = deal.id
	return deal, opening, nil
}

// commit returns the commitments to a pair of polynomials.
func commit(f, g []group.Scalar) Polynomial {
	points, out := make([]group.Point, len(f)), make(Polynomial, len(f))
	for c := range out {
		out[c] = points[c].Commit(&f[c], &g[c])
	}
	return out
}
