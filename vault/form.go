package vault

import (
	"fmt"
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
func (f *Form) Add(deal DealID, period int, weight int64) {
	f.terms = append(f.terms, Term{Deal: deal, Period: period, Weight: *group.NewScalarInt64(weight)})
}

// AddBig is Add for a weight of any size.
func (f *Form) AddBig(deal DealID, period int, weight *big.Int) {
	f.terms = append(f.terms, Term{Deal: deal, Period: period, Weight: *group.NewScalarBig(weight)})
}

// Terms returns the summands in the order in which they were added.
func (f *Form) Terms() []Term { return f.terms }

// Polynomial returns the commitment to the form's sharing polynomial. Every
// deal of the form must be in deals, all of one committee.
func (f *Form) Polynomial(deals map[DealID]*Deal) (Polynomial, error) {
	first, err := f.committee(deals)
	if err != nil {
		return nil, err
	}
	out := make(Polynomial, first.Threshold)
	for c := range out {
		out[c] = f.coefficient(deals, c)
	}
	return out, nil
}

// Value returns the commitment to the form's value alone, C_0 of Polynomial,
// at a threshold-th of its cost: all that checking a dealer's opening needs.
func (f *Form) Value(deals map[DealID]*Deal) (*group.Point, error) {
	if _, err := f.committee(deals); err != nil {
		return nil, err
	}
	return f.coefficient(deals, 0), nil
}

// committee checks that all terms are there and of one committee: shares of
// two epochs lie on unrelated polynomials even if all else is the same.
func (f *Form) committee(deals map[DealID]*Deal) (*Header, error) {
	var first *Header
	for k, term := range f.terms {
		deal := deals[term.Deal]
		if deal == nil {
			return nil, fmt.Errorf("term %d: deal %v is not at hand", k, term.Deal)
		}
		h := &deal.header
		if term.Period < 0 || term.Period >= h.Periods {
			return nil, fmt.Errorf("term %d: period %d of deal %v, which has %d", k, term.Period, term.Deal, h.Periods)
		}
		if first == nil {
			first = h
		}
		if h.Chain != first.Chain || h.Epoch != first.Epoch || h.Threshold != first.Threshold || h.Members != first.Members {
			return nil, fmt.Errorf("term %d: deal %v: %w of the first term", k, term.Deal, ErrCommittee)
		}
	}
	if first == nil {
		return nil, fmt.Errorf("the form is empty")
	}
	return first, nil
}

// coefficient sums one coefficient's commitments. Terms that are merely added
// or subtracted, as in a community sum, cost an addition each.
func (f *Form) coefficient(deals map[DealID]*Deal, c int) *group.Point {
	one, minusOne := group.NewScalarInt64(1), group.NewScalarInt64(-1)
	sum := group.Identity()
	var scalars []group.Scalar
	var points []*group.Point
	for i := range f.terms {
		term := &f.terms[i]
		point := deals[term.Deal].polynomials[term.Period][c]
		switch {
		case term.Weight.Equal(one):
			sum.Add(sum, point)
		case term.Weight.Equal(minusOne):
			sum.Sub(sum, point)
		default:
			scalars, points = append(scalars, term.Weight), append(points, point)
		}
	}
	return sum.Add(sum, new(group.Point).CombineVartime(scalars, points))
}

// Partial returns a member's part of opening the form.
func (f *Form) Partial(shares map[DealID]*Share) (Partial, error) {
	var out Partial
	for k := range f.terms {
		term := &f.terms[k]
		share := shares[term.Deal]
		if share == nil {
			return Partial{}, fmt.Errorf("term %d: no share of deal %v", k, term.Deal)
		}
		if term.Period < 0 || term.Period >= len(share.Value) {
			return Partial{}, fmt.Errorf("term %d: period %d of deal %v, which has %d", k, term.Period, term.Deal, len(share.Value))
		}
		out.Value.MulAdd(&term.Weight, &share.Value[term.Period], &out.Value)
		out.Blinding.MulAdd(&term.Weight, &share.Blind[term.Period], &out.Blinding)
	}
	return out, nil
}

// Sum opens the form with the dealers' own openings.
func (f *Form) Sum(openings map[DealID]*Opening) (Sum, error) {
	var value, blinding group.Scalar
	for k := range f.terms {
		term := &f.terms[k]
		opening := openings[term.Deal]
		if opening == nil {
			return Sum{}, fmt.Errorf("term %d: no opening of deal %v", k, term.Deal)
		}
		if term.Period < 0 || term.Period >= len(opening.Values) {
			return Sum{}, fmt.Errorf("term %d: period %d of deal %v, which has %d", k, term.Period, term.Deal, len(opening.Values))
		}
		value.MulAdd(&term.Weight, group.NewScalar(opening.Values[term.Period]), &value)
		blinding.MulAdd(&term.Weight, &opening.Blindings[term.Period], &blinding)
	}
	return Sum{Value: value.Signed(), Blinding: blinding}, nil
}
