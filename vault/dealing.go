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
	secrets := make([]group.Scalar, len(values))
	for j, value := range values {
		secrets[j] = *group.NewScalar(value)
	}
	deal := &Deal{}
	deal.header = header
	deal.header.Nonce = sealNonce(&header, secrets, nil, dealerSecret, fresh)
	deal.expectDeal()
	blindings, err := deal.share(secrets, nil, dayKeys)
	if err != nil {
		return nil, nil, fmt.Errorf("deal: %w", err)
	}
	deal.seal()
	return deal, &Opening{Deal: deal.id, Values: append([]uint64(nil), values...), Blindings: blindings}, nil
}

// sealNonce depends on everything that must not meet the same nonce twice, so
// a repeated random number alone does no harm.
func sealNonce(header *Header, secrets, blindings []group.Scalar, dealerSecret []byte, fresh [32]byte) (nonce [16]byte) {
	named := *header
	named.Nonce = [16]byte{}
	var e encoder
	e.name(nonceLabel)
	named.encode(&e)
	e.scalars(secrets)
	e.scalars(blindings)
	e.raw(fresh[:])
	mac := hmac.New(sha256.New, dealerSecret)
	mac.Write(e.bytes)
	copy(nonce[:], mac.Sum(nil))
	return nonce
}

// shareSources finds each member's key for this sharing.
func (d *sealed) shareSources(dayKeys []*DayKeys) ([]*shareSource, error) {
	if len(dayKeys) != d.header.Members {
		return nil, fmt.Errorf("day keys of %d members, want %d", len(dayKeys), d.header.Members)
	}
	sources := make([]*shareSource, len(dayKeys))
	for i, keys := range dayKeys {
		if keys == nil {
			return nil, fmt.Errorf("member %d: no day keys", i+1)
		}
		if err := keys.id.fits(&d.header, i+1); err != nil {
			return nil, fmt.Errorf("member %d: %w", i+1, err)
		}
		key, err := keys.key(d.header.Day)
		if err != nil {
			return nil, fmt.Errorf("member %d: %w", i+1, err)
		}
		sources[i] = newShareSource(d.context, uint8(i+1), key)
		sources[i].derive(d.header.Periods)
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

// share computes the polynomials, the commitments and the boxes, for secrets
// with given blindings or, where blindings is nil, with free ones, which it
// returns. Members below the threshold derive their values, members up to
// blindDerived their blindings; these points and what is given at zero fix the
// polynomials, which are as uniform as if their coefficients had been drawn.
func (d *sealed) share(secrets, blindings []group.Scalar, dayKeys []*DayKeys) ([]group.Scalar, error) {
	sources, err := d.shareSources(dayKeys)
	if err != nil {
		return nil, err
	}
	threshold := d.header.Threshold
	var explicit []*Share
	for i, source := range sources {
		d.keyHashes = append(d.keyHashes, source.keyHash())
		if i+1 >= threshold {
			explicit = append(explicit, newShare(uint8(i+1), d.header.Periods))
		}
	}
	interpolator := shamir.NewInterpolator(threshold)
	atZero := make([]group.Scalar, len(secrets))
	f, g := make([]group.Scalar, threshold), make([]group.Scalar, threshold)
	for j := range secrets {
		f[0] = secrets[j]
		for i := range threshold - 1 {
			f[i+1] = sources[i].value(j)
		}
		interpolator.Interpolate(f, 0)
		interpolator.Interpolate(g, d.blindingPoints(g, blindings, sources, j))
		d.polynomials = append(d.polynomials, commit(f, g))
		atZero[j] = g[0]
		for _, share := range explicit {
			share.Value[j].Horner(f, uint32(share.Member))
			share.Blind[j].Horner(g, uint32(share.Member))
		}
	}
	return atZero, d.sealBoxes(explicit, sources)
}

// blindingPoints fills g with the blindings of one period at consecutive
// places and returns the first place: 0 where the one at zero is given.
func (d *sealed) blindingPoints(g, blindings []group.Scalar, sources []*shareSource, period int) (first uint8) {
	derived := g
	if blindings == nil {
		first = 1
	} else {
		g[0] = blindings[period]
		derived = g[1:]
	}
	for i := range derived {
		derived[i] = sources[i].blind(period)
	}
	return first
}

func (d *sealed) sealBoxes(explicit []*Share, sources []*shareSource) error {
	for _, share := range explicit {
		box, err := sources[share.Member-1].seal(share, int(share.Member) > d.blindDerived)
		if err != nil {
			return fmt.Errorf("member %d: %w", share.Member, err)
		}
		d.boxes = append(d.boxes, box)
	}
	return nil
}

// commit returns the commitments to a pair of polynomials.
func commit(f, g []group.Scalar) Polynomial {
	points, out := make([]group.Point, len(f)), make(Polynomial, len(f))
	for c := range out {
		out[c] = points[c].Commit(&f[c], &g[c])
	}
	return out
}
