package vault

import (
	"math/big"

	"github.com/sesame-energy/sesame/vault/group"
)

// Form is a public weighted sum over periods of deals of one committee. The
// same form gives the commitment (ledger), a member's partial (its shares) and
// the dealer's own opening. The zero value is the empty form.
type Form struct {
	terms []Term
}

// Term is one summand of a form.
type Term struct {
	Deal   DealID
	Period int // 0-based
	Weight group.Scalar
}

// Add adds weight times one period of a deal.
func (f *Form) Add(deal DealID, period int, weight int64) {}

// AddBig is Add for a weight of any size.
func (f *Form) AddBig(deal DealID, period int, weight *big.Int) {}

// Terms returns the summands in the order in which they were added.
func (f *Form) Terms() []Term { return f.terms }

// Polynomial returns the commitment to the form's sharing polynomial. Every
// deal of the form must be in deals, with one threshold.
func (f *Form) Polynomial(deals map[DealID]*Deal) (Polynomial, error) { return nil, errNotBuilt }

// Value returns the commitment to the form's value alone, C_0 of Polynomial,
// at a threshold-th of its cost: all that checking a dealer's opening needs.
func (f *Form) Value(deals map[DealID]*Deal) (*group.Point, error) { return nil, errNotBuilt }

// Partial returns a member's part of opening the form.
func (f *Form) Partial(shares map[DealID]*Share) (Partial, error) { return Partial{}, errNotBuilt }

// Sum opens the form with the dealers' own openings.
func (f *Form) Sum(openings map[DealID]*Opening) (Sum, error) { return Sum{}, errNotBuilt }

// Partial is a member's part of opening a form: the form over its shares.
type Partial struct {
	Value    group.Scalar // s of equation (E)
	Blinding group.Scalar // tau
}

// MarshalBinary encodes a partial in 64 bytes.
func (p Partial) MarshalBinary() ([]byte, error) { return nil, errNotBuilt }

// DecodePartial reads what MarshalBinary wrote.
func DecodePartial(encoded []byte) (Partial, error) { return Partial{}, errNotBuilt }

// CheckPartials reports which of a member's partials are false:
// polynomials[k] belongs to partials[k]. It returns nil where all are right,
// and is deterministic, so it may run inside consensus. One equation checks
// all; only if that fails each is checked alone.
func CheckPartials(index uint8, polynomials []Polynomial, partials []Partial) (wrong []int, err error) {
	return nil, errNotBuilt
}
