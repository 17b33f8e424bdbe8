package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	circlgroup "github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"
	hashicorp "github.com/hashicorp/vault/shamir"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// prepare itself compares what comes back.
func TestEveryRivalGivesTheValuesBack(t *testing.T) {
	for _, r := range rivals() {
		for _, s := range []size{{threshold: 2, members: 2}, {threshold: 3, members: 5}} {
			split, combine, err := r.prepare([]uint64{0, 1, 1 << 31, 1<<32 - 1}, s.threshold, s.members)
			if err != nil {
				t.Errorf("%s, %d of %d: %v", r.name, s.threshold, s.members, err)
				continue
			}
			split()
			combine()
		}
	}
}

func TestReportHasARowForEachRivalAndWork(t *testing.T) {
	measureFor = time.Millisecond
	var out bytes.Buffer
	if err := report(&out); err != nil {
		t.Fatal(err)
	}
	for _, s := range sizes {
		for _, r := range rivals() {
			for _, work := range []string{"split", "combine"} {
				if row := "| " + s.name + " | " + work + " | " + r.name + " |"; !strings.Contains(out.String(), row) {
					t.Errorf("no row %q", row)
				}
			}
		}
	}
}

// What package shamir refuses by name the others let pass, or worse. Should a
// later version of theirs refuse it, this test says that the claim is old.
func TestOthersLetPassWhatOursRefuses(t *testing.T) {
	secret := []byte("one shared secret")
	shares := func() [][]byte {
		all, err := hashicorp.Split(secret, 5, 3)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	wrong := func(what string, parts [][]byte) {
		if got, err := hashicorp.Combine(parts); err != nil || bytes.Equal(got, secret) {
			t.Errorf("Vault, %s: error %v, right secret %v: expected another secret and no error", what, err, bytes.Equal(got, secret))
		}
	}
	forged := shares()[:3]
	forged[0] = append(bytes.Repeat([]byte("X"), len(secret)), 0) // the last byte is x
	wrong("share with x = 0", forged)
	flipped := shares()[:3]
	flipped[1][2] ^= 1
	wrong("flipped bit", flipped)
	wrong("too few shares", shares()[:2])

	scalar := circlgroup.Ristretto255.NewScalar().SetUint64(7)
	split := secretsharing.New(rand.Reader, 2, scalar).Share(5)
	split[1].Value = circlgroup.Ristretto255.NewScalar().SetUint64(9)
	if got, err := secretsharing.Recover(2, split); err != nil || got.IsEqual(scalar) {
		t.Errorf("circl, one of five shares wrong: error %v: expected another secret and no error", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("circl, one share twice: expected a panic")
			}
		}()
		_, _ = secretsharing.Recover(2, []secretsharing.Share{split[0], split[0], split[2]})
	}()

	ours, err := shamir.Split([]group.Scalar{*group.NewScalar(7)}, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	bad := append([]shamir.Share(nil), ours...)
	bad[1] = shamir.Share{Index: 2, Values: []group.Scalar{*group.NewScalar(9)}}
	for name, test := range map[string]struct {
		shares []shamir.Share
		want   error
	}{
		"share with x = 0": {[]shamir.Share{{Values: ours[0].Values}, ours[1], ours[2]}, shamir.ErrIndexZero},
		"one share twice":  {[]shamir.Share{ours[0], ours[0], ours[2]}, shamir.ErrDuplicate},
		"too few shares":   {ours[:2], shamir.ErrTooFew},
		"one of five":      {bad, shamir.ErrInconsistent},
	} {
		if _, err := shamir.Combine(3, test.shares); !errors.Is(err, test.want) {
			t.Errorf("ours, %s: %v, want %v", name, err, test.want)
		}
	}
}
