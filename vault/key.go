package vault

import (
	"crypto/hpke"
	"errors"
	"fmt"
)

// Sizes of keys and of what a sealed blob adds to its plaintext, bytes.
const (
	PrivateKeySize    = 32
	PublicKeySize     = 1216
	encapsulationSize = 1120
	SealOverhead      = encapsulationSize + 16
)

// ErrUnseal reports a blob that was not sealed to this key with this info.
var ErrUnseal = errors.New("blob was not sealed to this key and place, or was changed")

const sealLabel = "sesame-seal/1"

// The one cipher suite: X-Wing, so that what is recorded today stays closed to
// tomorrow's quantum computer, HKDF-SHA256, AES-256-GCM.
func suite() (hpke.KEM, hpke.KDF, hpke.AEAD) {
	return hpke.MLKEM768X25519(), hpke.HKDFSHA256(), hpke.AES256GCM()
}

// GenerateKey makes a key pair for channels and sealed blobs: HPKE's
// MLKEM768X25519 (X-Wing), 32 bytes private and 1216 bytes public.
func GenerateKey() (private, public []byte, err error) {
	kem, _, _ := suite()
	key, err := kem.GenerateKey()
	if err != nil {
		return nil, nil, fmt.Errorf("generating a key: %w", err)
	}
	private, err = key.Bytes()
	if err != nil {
		return nil, nil, fmt.Errorf("encoding a private key: %w", err)
	}
	return private, key.PublicKey().Bytes(), nil
}

// PublicKey returns the public key of a private key.
func PublicKey(private []byte) ([]byte, error) {
	key, err := decodePrivateKey(private)
	if err != nil {
		return nil, err
	}
	return key.PublicKey().Bytes(), nil
}

// CheckPublicKey reports whether public is an encoded public key.
func CheckPublicKey(public []byte) error {
	_, err := decodePublicKey(public)
	return err
}

func decodePublicKey(public []byte) (hpke.PublicKey, error) {
	kem, _, _ := suite()
	key, err := kem.NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("public key of %d bytes, want an MLKEM768X25519 key of %d: %w", len(public), PublicKeySize, err)
	}
	return key, nil
}

func decodePrivateKey(private []byte) (hpke.PrivateKey, error) {
	kem, _, _ := suite()
	key, err := kem.NewPrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("private key of %d bytes, want an MLKEM768X25519 seed of %d: %w", len(private), PrivateKeySize, err)
	}
	return key, nil
}

// SealTo encrypts plaintext to the holder of a public key. info binds the blob
// to its place, so that it cannot be moved to another; Unseal needs the same.
// The blob is SealOverhead bytes longer than the plaintext.
func SealTo(public, info, plaintext []byte) ([]byte, error) {
	key, err := decodePublicKey(public)
	if err != nil {
		return nil, err
	}
	_, kdf, aead := suite()
	blob, err := hpke.Seal(key, kdf, aead, sealInfo(info), plaintext)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return blob, nil
}

// Unseal opens what SealTo made.
func Unseal(private, info, blob []byte) ([]byte, error) {
	key, err := decodePrivateKey(private)
	if err != nil {
		return nil, err
	}
	if len(blob) < SealOverhead {
		return nil, fmt.Errorf("blob of %d bytes, want at least %d: %w", len(blob), SealOverhead, ErrUnseal)
	}
	_, kdf, aead := suite()
	plaintext, err := hpke.Open(key, kdf, aead, sealInfo(info), blob)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnseal, err)
	}
	return plaintext, nil
}

func sealInfo(info []byte) []byte {
	var e encoder
	e.name(sealLabel)
	e.raw(info)
	return e.bytes
}
