package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"

	"github.com/sesame-energy/sesame/vault/group"
)

// shareSource is the secret that dealer and one member have in common for one
// deal: it yields the derived part of the share and opens the box with the
// rest.
type shareSource struct {
	context [32]byte
	member  uint8
	key     [32]byte // k_i, of this member and this deal alone
	stream  []byte   // derived scalars, 32 bytes each: values, then blindings
	periods int
}

func newShareSource(context [32]byte, member uint8, dayKey *[32]byte) *shareSource {
	return &shareSource{
		context: context, member: member,
		key: expand(dayKey[:], "vec"+string(context[:])),
	}
}

// keyHash binds the dealer to the key, so that a member cannot blame it with
// another: AES-GCM alone would open under many keys.
func (s *shareSource) keyHash() [32]byte {
	var e encoder
	e.raw([]byte("kc"))
	e.raw(s.context[:])
	e.raw(s.key[:])
	return sha256.Sum256(e.bytes)
}

// derive prepares value and blind for all periods: the key stream of
// AES-256-CTR, 252 bits of each 32 bytes.
func (s *shareSource) derive(periods int) {
	key := expand(s.key[:], "share")
	s.periods = periods
	s.stream = make([]byte, 2*periods*group.ScalarSize)
	cipher.NewCTR(newAES(key), make([]byte, aes.BlockSize)).XORKeyStream(s.stream, s.stream)
}

func (s *shareSource) scalar(index int) (out group.Scalar) {
	out.SetBits252((*[32]byte)(s.stream[index*group.ScalarSize:]))
	return out
}

func (s *shareSource) value(period int) group.Scalar { return s.scalar(period) }
func (s *shareSource) blind(period int) group.Scalar { return s.scalar(s.periods + period) }

// seal encrypts the part of a share that is not derived: its values, and its
// blindings where they are wanted.
func (s *shareSource) seal(share *Share, blindings bool) ([]byte, error) {
	var e encoder
	e.scalars(share.Value)
	if blindings {
		e.scalars(share.Blind)
	}
	aead, err := s.box()
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, make([]byte, aead.NonceSize()), e.bytes, s.boxData()), nil
}

// open decrypts a box. The key seals one box only, so the nonce is zero.
func (s *shareSource) open(box []byte) ([]byte, error) {
	aead, err := s.box()
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, make([]byte, aead.NonceSize()), box, s.boxData())
}

func (s *shareSource) box() (cipher.AEAD, error) {
	return cipher.NewGCM(newAES(expand(s.key[:], "box")))
}

func (s *shareSource) boxData() []byte {
	return append(s.context[:len(s.context):len(s.context)], s.member)
}

func newAES(key [32]byte) cipher.Block {
	block, err := aes.NewCipher(key[:])
	if err != nil { // only for a key that is not of 16, 24 or 32 bytes
		panic(fmt.Sprintf("vault: AES with a key of 32 bytes: %v", err))
	}
	return block
}
