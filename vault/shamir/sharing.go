package shamir

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// MaxMembers is the largest number of members, since an index is a byte and
// zero is taken.
const MaxMembers = 255

// What can be wrong with a set of shares.
var (
	ErrThreshold    = errors.New("threshold out of range")
	ErrIndexZero    = errors.New("index 0 is the secret's own place, no member's")
	ErrDuplicate    = errors.New("two shares of one index")
	ErrTooFew       = errors.New("fewer shares than the threshold")
	ErrLength       = errors.New("shares of different lengths")
	ErrInconsistent = errors.New("more shares than the threshold, and they do not lie on one polynomial")
)

// Share is one member's values, one per secret.
type Share struct {
	Index  uint8
	Values []group.Scalar
}

// CheckThreshold reports whether threshold of members is a sharing: 2 <=
// threshold <= members <= MaxMembers.
func CheckThreshold(threshold, members int) error {
	if threshold < 2 || members < threshold || members > MaxMembers {
		return fmt.Errorf("%w: %d of %d, want 2 <= threshold <= members <= %d",
			ErrThreshold, threshold, members, MaxMembers)
	}
	return nil
}

// Split shares each secret among members 1..members, so that threshold of them
// rebuild it and fewer learn nothing. Each polynomial is drawn by its forward
// differences at zero, the secret being the value there. Difference k is k!
// times coefficient k in Newton's form, so uniform differences make uniform
// coefficients, a leading zero included: to exclude it would leak.
func Split(secrets []group.Scalar, threshold, members int) ([]Share, error) {
	if err := CheckThreshold(threshold, members); err != nil {
		return nil, err
	}
	shares := make([]Share, members)
	values := make([]group.Scalar, members*len(secrets))
	for i := range shares {
		shares[i] = Share{Index: uint8(i + 1), Values: values[i*len(secrets) : (i+1)*len(secrets)]}
	}
	differences := make([]group.Scalar, threshold*len(secrets))
	group.FillRandom(differences)
	for j := range secrets {
		polynomial := differences[j*threshold : (j+1)*threshold]
		polynomial[0] = secrets[j]
		for i := range shares {
			group.Advance(polynomial)
			shares[i].Values[j] = polynomial[0]
		}
	}
	return shares, nil
}

// Combine rebuilds the secrets from at least threshold shares. Shares beyond
// the threshold must lie on the same polynomials.
func Combine(threshold int, shares []Share) ([]group.Scalar, error) {
	if err := CheckThreshold(threshold, MaxMembers); err != nil {
		return nil, err
	}
	if len(shares) < threshold {
		return nil, fmt.Errorf("%w: %d of %d", ErrTooFew, len(shares), threshold)
	}
	indices := make([]uint8, len(shares))
	for i, share := range shares {
		indices[i] = share.Index
		if len(share.Values) != len(shares[0].Values) {
			return nil, fmt.Errorf("%w: share %d has %d values, share %d has %d", ErrLength,
				share.Index, len(share.Values), shares[0].Index, len(shares[0].Values))
		}
	}
	if err := CheckIndices(indices); err != nil {
		return nil, err
	}
	base := shares[:threshold]
	for _, extra := range shares[threshold:] {
		expected, err := interpolateAt(extra.Index, indices[:threshold], base)
		if err != nil {
			return nil, err
		}
		for j := range expected {
			if !expected[j].Equal(&extra.Values[j]) {
				return nil, fmt.Errorf("value %d of share %d: %w", j+1, extra.Index, ErrInconsistent)
			}
		}
	}
	return interpolateAt(0, indices[:threshold], base)
}

// interpolateAt returns the values at x of the polynomials through the shares.
func interpolateAt(x uint8, indices []uint8, shares []Share) ([]group.Scalar, error) {
	factors, err := Lagrange(x, indices)
	if err != nil {
		return nil, err
	}
	out := make([]group.Scalar, len(shares[0].Values))
	for i := range shares {
		for j := range out {
			out[j].MulAdd(&factors[i], &shares[i].Values[j], &out[j])
		}
	}
	return out, nil
}
