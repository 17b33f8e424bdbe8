package vault

import (
	"errors"
	"fmt"
	"sync"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/rangeproof"
	"github.com/sesame-energy/sesame/vault/zeroproof"
)

// Prove makes the proof from the deals' openings, in the order of the deals. A
// claim that is not true is refused with the series and the period (ErrClaim).
// It takes some tenths of a second, on as many cores as there are: nothing to do
// while others wait.
func (c *Claim) Prove(openings []*Opening) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	values, blindings, err := c.open(openings)
	if err != nil {
		return nil, err
	}
	commitments := c.commitments()
	proof := []byte{claimFormat}
	pieces, err := c.proveRanges(commitments, values, blindings)
	if err != nil {
		return nil, err
	}
	for _, piece := range pieces {
		proof = append(proof, piece...)
	}
	if zeros := c.zeros(commitments); zeros != nil {
		left, right := c.Apart[0]*c.periods(), c.Apart[1]*c.periods()
		piece, err := zeroproof.Prove(zeros, values[left:][:c.periods()], values[right:][:c.periods()],
			blindings[left:][:c.periods()], blindings[right:][:c.periods()])
		if err != nil {
			return nil, err
		}
		proof = append(proof, piece...)
	}
	return proof, nil
}

// proveRanges makes the range proofs side by side.
func (c *Claim) proveRanges(commitments []*group.Point, values []uint64, blindings []group.Scalar) ([][]byte, error) {
	statements := c.ranges(commitments)
	pieces, failures := make([][]byte, len(statements)), make([]error, len(statements))
	var provers sync.WaitGroup
	for k, statement := range statements {
		first, last := k*claimChunk, k*claimChunk+len(statement.Commitments)
		provers.Go(func() {
			if pieces[k], failures[k] = rangeproof.Prove(statement, values[first:last], blindings[first:last]); failures[k] != nil {
				failures[k] = fmt.Errorf("from %s on: %w", c.place(first), failures[k])
			}
		})
	}
	provers.Wait()
	return pieces, errors.Join(failures...)
}

// open gives values and blindings of all series, and refuses what is not as
// claimed.
func (c *Claim) open(openings []*Opening) (values []uint64, blindings []group.Scalar, err error) {
	if len(openings) != len(c.Deals) {
		return nil, nil, fmt.Errorf("%d openings of %d deals", len(openings), len(c.Deals))
	}
	for i, opening := range openings {
		if opening.Deal != c.Deals[i].id || len(opening.Values) != c.periods() || len(opening.Blindings) != c.periods() {
			return nil, nil, fmt.Errorf("opening %d is not of deal %v", i, c.Deals[i].id)
		}
	}
	for _, series := range c.Series {
		for j := range c.periods() {
			value, blinding := int64(0), group.Scalar{}
			for _, term := range series.Terms {
				opening := openings[term.Deal]
				if term.Minus {
					value -= int64(opening.Values[j])
					blinding.Sub(&blinding, &opening.Blindings[j])
				} else {
					value += int64(opening.Values[j])
					blinding.Add(&blinding, &opening.Blindings[j])
				}
			}
			if value < 0 || uint64(value) > series.Most {
				return nil, nil, fmt.Errorf("%s, period %d: %d: %w: want 0..%d", series.Name, j+1, value, ErrClaim, series.Most)
			}
			values, blindings = append(values, uint64(value)), append(blindings, blinding)
		}
	}
	return values, blindings, c.checkApart(values)
}

func (c *Claim) checkApart(values []uint64) error {
	if c.Apart == nil {
		return nil
	}
	for j := range c.periods() {
		left, right := values[c.Apart[0]*c.periods()+j], values[c.Apart[1]*c.periods()+j]
		if left != 0 && right != 0 {
			return fmt.Errorf("%s and %s, period %d: %d and %d: %w: one must be zero",
				c.Series[c.Apart[0]].Name, c.Series[c.Apart[1]].Name, j+1, left, right, ErrClaim)
		}
	}
	return nil
}

// ClaimedProof is a claim with what should prove it.
type ClaimedProof struct {
	Claim *Claim
	Proof []byte
}

// Check reports whether the proof holds (ErrClaim). It is deterministic.
func (p ClaimedProof) Check() error { return CheckClaims([]ClaimedProof{p})[0] }

// CheckClaims gives for each proof whether it holds, nil or an error as Check
// gives it. The range proofs of all are verified together, for much less than
// one by one; where they do not hold together halves are tried, so that false
// ones among many are found without trying each. The verdicts do not depend on
// which proofs come together.
func CheckClaims(proofs []ClaimedProof) []error {
	verdicts := make([]error, len(proofs))
	var open []*claimCheck
	for k, p := range proofs {
		check, err := newClaimCheck(p)
		if err != nil {
			verdicts[k] = err
			continue
		}
		check.verdict = &verdicts[k]
		open = append(open, check)
	}
	checkTogether(open)
	return verdicts
}

// claimCheck is a claim whose range proofs are still to be verified.
type claimCheck struct {
	claim      *Claim
	statements []*rangeproof.Statement
	pieces     [][]byte
	verdict    *error
}

// newClaimCheck takes the proof apart and checks the cheaper half of it.
func newClaimCheck(p ClaimedProof) (*claimCheck, error) {
	c := p.Claim
	if err := c.check(); err != nil {
		return nil, err
	}
	if want := c.ProofSize(); len(p.Proof) != want || p.Proof[0] != claimFormat {
		return nil, fmt.Errorf("%w: proof of %d bytes: want %d in format %d", ErrClaim, len(p.Proof), want, claimFormat)
	}
	commitments, rest := c.commitments(), p.Proof[1:]
	check := &claimCheck{claim: c, statements: c.ranges(commitments)}
	for _, statement := range check.statements {
		size := rangeproof.Size(len(statement.Commitments), claimBits)
		check.pieces = append(check.pieces, rest[:size])
		rest = rest[size:]
	}
	if zeros := c.zeros(commitments); zeros != nil {
		if err := zeroproof.Verify(zeros, rest); err != nil {
			return nil, fmt.Errorf("%s and %s: %w: %w", c.Series[c.Apart[0]].Name, c.Series[c.Apart[1]].Name, ErrClaim, err)
		}
	}
	return check, nil
}

// checkTogether fills in the verdicts of the checks whose range proofs fail.
func checkTogether(checks []*claimCheck) {
	var statements []*rangeproof.Statement
	var pieces [][]byte
	for _, check := range checks {
		statements, pieces = append(statements, check.statements...), append(pieces, check.pieces...)
	}
	switch {
	case len(checks) == 0 || rangeproof.VerifyAll(statements, pieces) == nil:
	case len(checks) == 1:
		*checks[0].verdict = checks[0].name()
	default:
		checkTogether(checks[:len(checks)/2])
		checkTogether(checks[len(checks)/2:])
	}
}

// name says which values a claim's false range proofs are about.
func (check *claimCheck) name() error {
	for k, statement := range check.statements {
		if err := rangeproof.Verify(statement, check.pieces[k]); err != nil {
			first, last := k*claimChunk, k*claimChunk+len(statement.Commitments)-1
			return fmt.Errorf("from %s to %s: %w: %w", check.claim.place(first), check.claim.place(last), ErrClaim, err)
		}
	}
	return fmt.Errorf("%w: range proofs fail together", ErrClaim) // needs weights that cancel by chance, 2^-252
}
