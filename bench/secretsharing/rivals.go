package main

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"

	circlgroup "github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"
	hashicorp "github.com/hashicorp/vault/shamir"

	"github.com/sesame-energy/sesame/vault/group"
	"github.com/sesame-energy/sesame/vault/shamir"
)

const vaultName = "HashiCorp Vault"

// rival is a way to share a series among members. prepare tries it once,
// compares what comes back with values, and returns the two pieces of work:
// sharing all values, and rebuilding all of them from threshold shares.
type rival struct {
	name    string
	prepare func(values []uint64, threshold, members int) (split, combine func(), err error)
}

// rivals lists ours first; the others are measured against it.
func rivals() []rival {
	return []rival{
		{"ours", ours}, {"circl", circl}, {vaultName, vault}, {"plain copy", plainCopy},
	}
}

var errLost = errors.New("the values do not come back")

// ours shares each value as one scalar, like circl.
func ours(values []uint64, threshold, members int) (split, combine func(), err error) {
	secrets := make([]group.Scalar, len(values))
	for j, value := range values {
		secrets[j] = *group.NewScalar(value)
	}
	shares, err := shamir.Split(secrets, threshold, members)
	if err != nil {
		return nil, nil, err
	}
	chosen := shares[members-threshold:]
	back, err := shamir.Combine(threshold, chosen)
	if err != nil {
		return nil, nil, err
	}
	for j := range secrets {
		if !back[j].Equal(&secrets[j]) {
			return nil, nil, errLost
		}
	}
	return func() { _, _ = shamir.Split(secrets, threshold, members) },
		func() { _, _ = shamir.Combine(threshold, chosen) }, nil
}

// circl shares one scalar at a time; its t is the number of corrupted members,
// one less than the threshold.
func circl(values []uint64, threshold, members int) (split, combine func(), err error) {
	corrupted := uint(threshold - 1)
	secrets := make([]circlgroup.Scalar, len(values))
	for j, value := range values {
		secrets[j] = circlgroup.Ristretto255.NewScalar().SetUint64(value)
	}
	chosen := make([][]secretsharing.Share, len(secrets))
	for j, secret := range secrets {
		chosen[j] = secretsharing.New(rand.Reader, corrupted, secret).Share(uint(members))[members-threshold:]
		back, err := secretsharing.Recover(corrupted, chosen[j])
		if err != nil {
			return nil, nil, err
		}
		if !back.IsEqual(secret) {
			return nil, nil, errLost
		}
	}
	return func() {
			for _, secret := range secrets {
				secretsharing.New(rand.Reader, corrupted, secret).Share(uint(members))
			}
		}, func() {
			for _, shares := range chosen {
				_, _ = secretsharing.Recover(corrupted, shares)
			}
		}, nil
}

// vault shares bytes over GF(2^8): each value is eight of them.
func vault(values []uint64, threshold, members int) (split, combine func(), err error) {
	secret := asBytes(values)
	shares, err := hashicorp.Split(secret, members, threshold)
	if err != nil {
		return nil, nil, err
	}
	chosen := shares[members-threshold:]
	back, err := hashicorp.Combine(chosen)
	if err != nil {
		return nil, nil, err
	}
	if !bytes.Equal(back, secret) {
		return nil, nil, errLost
	}
	return func() { _, _ = hashicorp.Split(secret, members, threshold) },
		func() { _, _ = hashicorp.Combine(chosen) }, nil
}

// plainCopy is the floor: a copy for each member, and reading threshold of them.
func plainCopy(values []uint64, threshold, members int) (split, combine func(), err error) {
	secret := asBytes(values)
	copies, read := make([]byte, members*len(secret)), make([]byte, len(secret))
	return func() {
			for i := range members {
				copy(copies[i*len(secret):], secret)
			}
		}, func() {
			for i := range threshold {
				copy(read, copies[i*len(secret):])
			}
		}, nil
}

func asBytes(values []uint64) []byte {
	var out []byte
	for _, value := range values {
		out = binary.LittleEndian.AppendUint64(out, value)
	}
	return out
}
