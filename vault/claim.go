package vault

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/rangeproof"
	"github.com/sesame-energy/sesame/vault/zeroproof"
)

// ErrClaim reports a proof that does not show what it should, or a claim that
// is not true and so cannot be proven.
var ErrClaim = errors.New("claim is not proven")

// Claim is what a dealer shows of deals that belong together, without opening
// them: each series lies within its bound, and of two series one is zero in
// each period. Series are the deals themselves or what follows from them by
// adding and subtracting; the proof is about the same commitments that sums are
// opened against.
type Claim struct {
	Deals  []*Deal // of as many periods each
	Series []Bounded
	// Apart names two of the series, by place, of which at least one is zero in
	// each period; nil where that is not claimed.
	Apart []int
}

// Bounded is a series of which each value lies in 0..Most.
type Bounded struct {
	Name  string // for messages
	Terms []Summand
	Most  uint64 // at most MaxValue
}

// Summand adds or takes away one deal.
type Summand struct {
	Deal  int // place in the claim's deals
	Minus bool
}

func (s Summand) sign() uint8 {
	if s.Minus {
		return 1
	}
	return 0
}

const (
	claimLabel  = "sesame-claim/1"
	claimRange  = "sesame-claim-range/1"
	claimFormat = 1
	claimBits   = 32
	// claimChunk is how many values one range proof is about. Larger ones are
	// shorter in sum, but cost more generators, most of all where a proof is
	// verified alone (docs/adr/0008).
	claimChunk    = 32
	maxClaimDeals = 8
)

// check says what is wrong with the claim itself.
func (c *Claim) check() error {
	if len(c.Deals) < 1 || len(c.Deals) > maxClaimDeals || len(c.Series) < 1 || len(c.Series) > 2*maxClaimDeals {
		return fmt.Errorf("claim about %d series of %d deals, want 1..%d of 1..%d", len(c.Series), len(c.Deals), 2*maxClaimDeals, maxClaimDeals)
	}
	for _, deal := range c.Deals {
		if deal.header.Periods != c.periods() {
			return fmt.Errorf("claim about deals of %d and of %d periods", c.periods(), deal.header.Periods)
		}
	}
	for _, series := range c.Series {
		if series.Most > MaxValue || len(series.Terms) < 1 || len(series.Terms) > maxClaimDeals {
			return fmt.Errorf("%s: bound %d and %d terms, want at most %d and 1..%d", series.Name, series.Most, len(series.Terms), uint64(MaxValue), maxClaimDeals)
		}
		for _, term := range series.Terms {
			if term.Deal < 0 || term.Deal >= len(c.Deals) {
				return fmt.Errorf("%s: deal %d of %d", series.Name, term.Deal, len(c.Deals))
			}
		}
	}
	if c.Apart != nil && (len(c.Apart) != 2 || min(c.Apart[0], c.Apart[1]) < 0 || max(c.Apart[0], c.Apart[1]) >= len(c.Series)) {
		return fmt.Errorf("claim that one of series %v is zero, want two of 0..%d", c.Apart, len(c.Series)-1)
	}
	return nil
}

func (c *Claim) periods() int { return c.Deals[0].header.Periods }

// values counts the values that are proven to lie in a range.
func (c *Claim) values() int { return len(c.Series) * c.periods() }

// context binds the proofs to everything that is claimed: the deals' names fix
// headers and commitments.
func (c *Claim) context() []byte {
	var e encoder
	e.name(claimLabel)
	e.u8(uint8(len(c.Deals)))
	for _, deal := range c.Deals {
		e.raw(deal.id[:])
	}
	e.u8(uint8(len(c.Series)))
	for _, series := range c.Series {
		e.u8(uint8(len(series.Terms)))
		for _, term := range series.Terms {
			e.u8(uint8(term.Deal))
			e.u8(term.sign())
		}
		e.u32(uint32(series.Most))
	}
	e.u8(uint8(len(c.Apart)))
	for _, place := range c.Apart {
		e.u8(uint8(place))
	}
	digest := sha256.Sum256(e.bytes)
	return digest[:]
}

// commitments lists the series' commitments, series after series.
func (c *Claim) commitments() []*group.Point {
	out := make([]*group.Point, 0, c.values())
	for _, series := range c.Series {
		for j := range c.periods() {
			out = append(out, c.commitment(series, j))
		}
	}
	return out
}

func (c *Claim) commitment(series Bounded, period int) *group.Point {
	if len(series.Terms) == 1 && !series.Terms[0].Minus {
		return c.Deals[series.Terms[0].Deal].polynomials[period][0]
	}
	sum := group.Identity()
	for _, term := range series.Terms {
		point := c.Deals[term.Deal].polynomials[period][0]
		if term.Minus {
			sum.Sub(sum, point)
		} else {
			sum.Add(sum, point)
		}
	}
	return sum
}

// ranges are the statements of the range proofs, claimChunk values each.
func (c *Claim) ranges(commitments []*group.Point) []*rangeproof.Statement {
	context := c.context()
	var statements []*rangeproof.Statement
	for first := 0; first < len(commitments); first += claimChunk {
		last := min(first+claimChunk, len(commitments))
		var e encoder
		e.raw(context)
		e.u32(uint32(first))
		statement := &rangeproof.Statement{
			Label: claimRange, Context: e.bytes, Bits: claimBits, Commitments: commitments[first:last],
		}
		for k := first; k < last; k++ {
			statement.Most = append(statement.Most, c.Series[k/c.periods()].Most)
		}
		statements = append(statements, statement)
	}
	return statements
}

// zeros is the statement of the proof that one of two series is zero, nil
// where that is not claimed.
func (c *Claim) zeros(commitments []*group.Point) *zeroproof.Statement {
	if c.Apart == nil {
		return nil
	}
	side := func(place int) []*group.Point { return commitments[place*c.periods():][:c.periods()] }
	return &zeroproof.Statement{Context: c.context(), Left: side(c.Apart[0]), Right: side(c.Apart[1])}
}

// place names a value for messages.
func (c *Claim) place(value int) string {
	return fmt.Sprintf("%s, period %d", c.Series[value/c.periods()].Name, value%c.periods()+1)
}

// ProofSize is the one length of the claim's proof, bytes. It asks of the
// deals only how many periods they have.
func (c *Claim) ProofSize() int { return ClaimProofSize(len(c.Series), c.periods(), c.Apart != nil) }

// ClaimProofSize is the length of a proof about so many series, bytes.
func ClaimProofSize(series, periods int, apart bool) int {
	size, values := 1, series*periods
	for first := 0; first < values; first += claimChunk {
		size += rangeproof.Size(min(claimChunk, values-first), claimBits)
	}
	if apart {
		size += zeroproof.Size(periods)
	}
	return size
}
