package shamir

import (
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/sesame-energy/sesame/vault/group"
	"pgregory.net/rapid"
)

func secretsFor(count int) []group.Scalar {
	secrets := make([]group.Scalar, count)
	for j := range secrets {
		secrets[j] = *group.NewScalar(uint64(1000*j + 7))
	}
	return secrets
}

func sameScalars(got, want []group.Scalar) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d values, want %d", len(got), len(want))
	}
	for j := range got {
		if !got[j].Equal(&want[j]) {
			return fmt.Errorf("value %d is %v, want %v", j, got[j].Signed(), want[j].Signed())
		}
	}
	return nil
}

// subsets calls visit with every choice of size out of 0..n-1.
func subsets(n, size int, visit func([]int)) {
	var choose func(from int, chosen []int)
	choose = func(from int, chosen []int) {
		if len(chosen) == size {
			visit(chosen)
			return
		}
		for i := from; i < n; i++ {
			choose(i+1, append(chosen[:len(chosen):len(chosen)], i))
		}
	}
	choose(0, nil)
}

// The sharing of RFC 9591, appendix E.3: FROST(ristretto255, SHA-512).
func TestSharesAreThoseOfRFC9591(t *testing.T) {
	scalar := func(text string) group.Scalar {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := group.DecodeScalar(raw)
		if err != nil {
			t.Fatal(err)
		}
		return *s
	}
	secret := scalar("1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b")
	polynomial := []group.Scalar{secret, scalar("410f8b744b19325891d73736923525a4f596c805d060dfb9c98009d34e3fec02")}
	wanted := []string{
		"5c3430d391552f6e60ecdc093ff9f6f4488756aa6cebdbad75a768010b8f830e",
		"b06fc5eac20b4f6e1b271d9df2343d843e1e1fb03c4cbb673f2872d459ce6f01",
		"f17e505f0e2581c6acfe54d3846a622834b5e7b50cad9a2109a97ba7a80d5c04",
	}
	shares := make([]Share, len(wanted))
	for i, want := range wanted {
		shares[i] = Share{Index: uint8(i + 1), Values: make([]group.Scalar, 1)}
		shares[i].Values[0].Horner(polynomial, uint32(shares[i].Index))
		if err := sameScalars(shares[i].Values, []group.Scalar{scalar(want)}); err != nil {
			t.Errorf("share %d: %v", i+1, err)
		}
	}
	subsets(3, 2, func(chosen []int) {
		got, err := Combine(2, []Share{shares[chosen[0]], shares[chosen[1]]})
		if err != nil {
			t.Fatal(err)
		}
		if err := sameScalars(got, []group.Scalar{secret}); err != nil {
			t.Errorf("shares %v: %v", chosen, err)
		}
	})
	public := new(group.Point).MulBase(&secret).Bytes()
	if got := hex.EncodeToString(public[:]); got != "e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57" {
		t.Errorf("group public key %s", got)
	}
}

func TestEveryThresholdSubsetRebuildsTheSecrets(t *testing.T) {
	for members := 2; members <= 6; members++ {
		for threshold := 2; threshold <= members; threshold++ {
			secrets := secretsFor(3)
			shares, err := Split(secrets, threshold, members)
			if err != nil {
				t.Fatal(err)
			}
			for size := threshold; size <= members; size++ {
				subsets(members, size, func(chosen []int) {
					picked := make([]Share, len(chosen))
					for i, index := range chosen {
						picked[i] = shares[index]
					}
					got, err := Combine(threshold, picked)
					if err == nil {
						err = sameScalars(got, secrets)
					}
					if err != nil {
						t.Errorf("%d of %d, shares %v: %v", threshold, members, chosen, err)
					}
				})
			}
		}
	}
}

func TestAnyThirtyFourOfFiftyRebuildTheSecrets(t *testing.T) {
	secrets := secretsFor(4)
	shares, err := Split(secrets, 34, 50)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(shares).Draw(t, "order")
		got, err := Combine(34, order[:34])
		if err != nil {
			t.Fatal(err)
		}
		if err := sameScalars(got, secrets); err != nil {
			t.Fatal(err)
		}
	})
}

// Whatever threshold-1 members hold is exactly consistent with every secret:
// for any other secret there is one polynomial that gives them the same shares,
// and here it is.
func TestFewerThanThresholdAreConsistentWithEverySecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.IntRange(2, 9).Draw(t, "members")
		threshold := rapid.IntRange(2, members).Draw(t, "threshold")
		secret := group.NewScalar(rapid.Uint64().Draw(t, "secret"))
		other := group.NewScalar(rapid.Uint64().Draw(t, "other"))
		shares, err := Split([]group.Scalar{*secret}, threshold, members)
		if err != nil {
			t.Fatal(err)
		}
		view := rapid.Permutation(shares).Draw(t, "view")[:threshold-1]

		// The view and (0, other) are threshold points. Their polynomial at
		// 1..threshold, by Lagrange through shifted indices, gives coefficients.
		polynomial := throughViewAnd(t, other, view)
		if len(polynomial) != threshold || !polynomial[0].Equal(other) {
			t.Fatalf("polynomial of %d coefficients at zero is %v, want %v", len(polynomial), polynomial[0].Signed(), other.Signed())
		}
		for _, share := range view {
			var value group.Scalar
			value.Horner(polynomial, uint32(share.Index))
			if !value.Equal(&share.Values[0]) {
				t.Fatalf("member %d would see another share", share.Index)
			}
		}
	})
}

// throughViewAnd builds the coefficients of the polynomial with the given value
// at zero through the view, by adding up Lagrange's basis polynomials.
func throughViewAnd(t *rapid.T, atZero *group.Scalar, view []Share) []group.Scalar {
	nodes := []group.Scalar{{}}
	values := []group.Scalar{*atZero}
	for _, share := range view {
		nodes = append(nodes, *group.NewScalar(uint64(share.Index)))
		values = append(values, share.Values[0])
	}
	sum := make([]group.Scalar, len(nodes))
	for i := range nodes {
		basis := []group.Scalar{values[i]} // times product of (x - x_j) / (x_i - x_j)
		for j := range nodes {
			if i == j {
				continue
			}
			var scale group.Scalar
			scale.Sub(&nodes[i], &nodes[j])
			if scale.IsZero() {
				t.Fatalf("node %d occurs twice", i)
			}
			scale.Invert(&scale)
			next := make([]group.Scalar, len(basis)+1)
			for k := range basis {
				var term, constant group.Scalar
				term.Mul(&basis[k], &scale)
				constant.Mul(&term, &nodes[j])
				next[k+1].Add(&next[k+1], &term)
				next[k].Sub(&next[k], &constant)
			}
			basis = next
		}
		for k := range basis {
			sum[k].Add(&sum[k], &basis[k])
		}
	}
	return sum
}

// In the field of thirteen elements everything can be counted: each view of
// threshold-1 members occurs equally often for each secret.
func TestViewsAreEquallyFrequentForEverySecretInASmallField(t *testing.T) {
	const prime = 13
	at := func(a, b, c, x int) int { return (a + b*x + c*x*x) % prime }
	for first := 1; first < 6; first++ {
		for second := first + 1; second < 6; second++ {
			seen := map[[3]int]int{}
			for secret := range prime {
				for b := range prime {
					for c := range prime {
						seen[[3]int{secret, at(secret, b, c, first), at(secret, b, c, second)}]++
					}
				}
			}
			if len(seen) != prime*prime*prime {
				t.Fatalf("members %d and %d: %d of %d combinations of secret and view occur", first, second, len(seen), prime*prime*prime)
			}
			for combination, count := range seen {
				if count != 1 {
					t.Errorf("members %d and %d: %v occurs %d times, want once", first, second, combination, count)
				}
			}
		}
	}
}

func TestBadSetsOfSharesAreRefused(t *testing.T) {
	shares, err := Split(secretsFor(2), 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	flipped := Share{Index: 4, Values: append([]group.Scalar(nil), shares[3].Values...)}
	flipped.Values[1].Add(&flipped.Values[1], group.NewScalar(1))
	short := Share{Index: 3, Values: shares[2].Values[:1]}
	forged := Share{Index: 0, Values: shares[0].Values}
	for name, test := range map[string]struct {
		threshold int
		shares    []Share
		want      error
	}{
		"none":                  {3, nil, ErrTooFew},
		"one too few":           {3, shares[:2], ErrTooFew},
		"duplicate":             {3, []Share{shares[0], shares[1], shares[0]}, ErrDuplicate},
		"duplicate beyond":      {3, []Share{shares[0], shares[1], shares[2], shares[1]}, ErrDuplicate},
		"index zero":            {3, []Share{forged, shares[1], shares[2]}, ErrIndexZero},
		"index zero beyond":     {3, []Share{shares[0], shares[1], shares[2], forged}, ErrIndexZero},
		"different lengths":     {3, []Share{shares[0], shares[1], short}, ErrLength},
		"one flipped of four":   {3, []Share{shares[0], shares[1], shares[2], flipped}, ErrInconsistent},
		"flipped among first":   {3, []Share{flipped, shares[1], shares[2], shares[0]}, ErrInconsistent},
		"threshold of one":      {1, shares, ErrThreshold},
		"threshold of nothing":  {0, shares, ErrThreshold},
		"threshold below zero":  {-1, shares, ErrThreshold},
		"threshold above bytes": {256, shares, ErrThreshold},
	} {
		if got, err := Combine(test.threshold, test.shares); !errors.Is(err, test.want) || got != nil {
			t.Errorf("%s: %v, error %v; want %v", name, got, err, test.want)
		}
	}
	for _, bad := range [][2]int{{1, 5}, {6, 5}, {0, 0}, {2, 256}, {2, 1}} {
		if _, err := Split(secretsFor(1), bad[0], bad[1]); !errors.Is(err, ErrThreshold) {
			t.Errorf("splitting %d of %d: %v, want ErrThreshold", bad[0], bad[1], err)
		}
	}
}

// Interpolating the values of a polynomial gives the polynomial back.
func TestInterpolationInvertsEvaluation(t *testing.T) {
	for _, points := range []int{1, 2, 3, 34, 255} {
		interpolator := NewInterpolator(points)
		for _, first := range []uint8{0, 1} {
			if int(first)+points > 256 {
				continue
			}
			polynomial := make([]group.Scalar, points)
			for c := range polynomial {
				polynomial[c] = *group.RandomScalar()
			}
			values := make([]group.Scalar, points)
			for i := range values {
				values[i].Horner(polynomial, uint32(first)+uint32(i))
			}
			interpolator.Interpolate(values, first)
			if err := sameScalars(values, polynomial); err != nil {
				t.Errorf("%d points from %d: %v", points, first, err)
			}
		}
	}
}

func benchmarkSharing(b *testing.B, periods, threshold, members int) {
	secrets := secretsFor(periods)
	shares, err := Split(secrets, threshold, members)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("split", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Split(secrets, threshold, members)
		}
	})
	b.Run("combine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Combine(threshold, shares[:threshold])
		}
	})
}

func Benchmark24PeriodsThreeOfFive(b *testing.B)       { benchmarkSharing(b, 24, 3, 5) }
func Benchmark96PeriodsThirtyFourOfFifty(b *testing.B) { benchmarkSharing(b, 96, 34, 50) }
