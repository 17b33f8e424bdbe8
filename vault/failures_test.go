package vault

import (
	"errors"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// What well-known libraries have let pass, or have died of, has an error of its
// own here. The other tests of this package try each class in many forms; the
// module bench/secretsharing shows which of them others still let pass.
func TestFailureClassesOfKnownLibrariesHaveTheirErrors(t *testing.T) {
	w, next := newWorld(t, 1, 3, 5, "park1"), newWorld(t, 2, 3, 5, "park1")
	deal, _ := w.deal(t, "park1", "load", []uint64{5})
	form, posts := postsFor(t, w, deal)
	secrets := []group.Scalar{*group.NewScalar(5)}
	shares, err := shamir.Split(secrets, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	combine := func(shares ...shamir.Share) error {
		_, err := shamir.Combine(3, shares)
		return err
	}
	open := func(posts map[uint8][]Partial) error {
		_, err := Open(3, form, posts)
		return err
	}
	atZero := shamir.Share{Index: 0, Values: shares[0].Values}
	off := Partial{Value: posts[2][0].Value, Blinding: posts[2][0].Blinding}
	off.Value.Add(&off.Value, one())
	flipped := shamir.Share{Index: 2, Values: []group.Scalar{off.Value}}
	foreign := *deal
	foreign.polynomials = []Polynomial{append(deal.polynomials[0][:3:3], group.Base())}
	foreign.seal()

	for name, test := range map[string]struct{ got, want error }{
		"share with x = 0":                {combine(atZero, shares[1], shares[2]), shamir.ErrIndexZero},
		"partial with x = 0":              {open(map[uint8][]Partial{0: posts[1], 2: posts[2], 3: posts[3]}), shamir.ErrIndexZero},
		"checking a partial of x = 0":     {second(CheckPartials(0, form, posts[1])), shamir.ErrIndexZero},
		"one share twice":                 {combine(shares[0], shares[0], shares[2]), shamir.ErrDuplicate},
		"one partial under two members":   {open(map[uint8][]Partial{1: posts[1], 2: posts[1], 3: posts[3]}), ErrOpening},
		"too few shares":                  {combine(shares[:2]...), shamir.ErrTooFew},
		"too few partials":                {open(map[uint8][]Partial{1: posts[1], 2: posts[2]}), shamir.ErrTooFew},
		"flipped bit of a share of four":  {combine(shares[0], flipped, shares[2], shares[3]), shamir.ErrInconsistent},
		"flipped bit of one partial":      {open(map[uint8][]Partial{1: posts[1], 2: {off}, 3: posts[3]}), ErrOpening},
		"flipped bit of a sealed share":   {withFlippedBox(t, w, deal), ErrWrongShare},
		"deal replayed in a later epoch":  {deal.Check(&next.committee), ErrCommittee},
		"keys of another epoch":           {second(OpenShare(deal, next.member["park1"][0])), ErrOtherChannel},
		"more commitments than threshold": {second(UnmarshalDeal(foreign.encoded)), ErrFormat},
	} {
		if !errors.Is(test.got, test.want) {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
}

// second is the error of a call whose result does not matter.
func second[T any](_ T, err error) error { return err }

// withFlippedBox is what the last member says of a deal with one bit of its
// box flipped.
func withFlippedBox(t *testing.T, w *world, deal *Deal) error {
	t.Helper()
	encoded := encodeDeal(t, deal)
	encoded[len(encoded)-1] ^= 1
	changed, err := UnmarshalDeal(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return second(OpenShare(changed, w.member["park1"][4]))
}
