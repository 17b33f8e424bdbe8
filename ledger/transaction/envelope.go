// Package transaction is the signed envelope in which every change reaches the
// ledger: who asks for what, until when. What the bodies mean is the
// contracts' business (ledger/contract).
package transaction

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/record"
)

// Version is the version of the envelope that this code writes and reads.
const Version = 1

// MaxSize is the largest encoded transaction, bytes.
const MaxSize = 1 << 20

// MaxLifetime is how many blocks ahead a transaction may ask to stay valid:
// the ledger remembers accepted transactions that long against replay.
const MaxLifetime = 600

const signingDomain = "sesame/transaction/1\x00"

// ErrSignature says that a signature does not fit the sender's key.
var ErrSignature = errors.New("signature does not fit the sender's key")

// Envelope is a transaction.
type Envelope struct {
	_          struct{} `cbor:",toarray"`
	Version    uint8
	Chain      string // chain id: no transaction is valid on two ledgers
	Sender     string // account name
	Kind       string // "contract/action"
	ValidUntil int64  // last height at which it may be included
	Body       []byte // canonical encoding of the action's body
	Signature  []byte // Ed25519 over the domain and the envelope without signature
}

// Sign makes the encoded, signed transaction.
func Sign(chain, sender, kind string, validUntil int64, body any, key ed25519.PrivateKey) []byte {
	return Envelope{
		Version: Version, Chain: chain, Sender: sender, Kind: kind,
		ValidUntil: validUntil, Body: record.Encode(body),
	}.SignedBy(key)
}

// SignedBy gives the encoded envelope with the signature of key.
func (e Envelope) SignedBy(key ed25519.PrivateKey) []byte {
	e.Signature = ed25519.Sign(key, e.signingBytes())
	return record.Encode(e)
}

// Decode reads an encoded transaction and checks its form, not its signature.
func Decode(encoded []byte) (Envelope, error) {
	if len(encoded) > MaxSize {
		return Envelope{}, fmt.Errorf("transaction of %d bytes: at most %d", len(encoded), MaxSize)
	}
	envelope, err := record.Decode[Envelope](encoded)
	if err != nil {
		return Envelope{}, err
	}
	if envelope.Version != Version {
		return Envelope{}, fmt.Errorf("transaction version %d: expected %d", envelope.Version, Version)
	}
	return envelope, nil
}

// Verify checks the signature against the sender's public key.
func (e Envelope) Verify(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, e.signingBytes(), e.Signature) {
		return fmt.Errorf("%s of %s: %w", e.Kind, e.Sender, ErrSignature)
	}
	return nil
}

func (e Envelope) signingBytes() []byte {
	e.Signature = nil
	return append([]byte(signingDomain), record.Encode(e)...)
}

// Hash identifies an encoded transaction.
func Hash(encoded []byte) [sha256.Size]byte { return sha256.Sum256(encoded) }
