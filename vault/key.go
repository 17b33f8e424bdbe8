package vault

// GenerateKey makes a key pair for channels and sealed blobs: HPKE's
// MLKEM768X25519 (X-Wing), 32 bytes private and 1216 bytes public.
func GenerateKey() (private, public []byte, err error) { return nil, nil, errNotBuilt }

// PublicKey returns the public key of a private key.
func PublicKey(private []byte) ([]byte, error) { return nil, errNotBuilt }

// CheckPublicKey reports whether public is an encoded public key.
func CheckPublicKey(public []byte) error { return errNotBuilt }

// SealTo encrypts plaintext to the holder of a public key. info binds the blob
// to its place, so that it cannot be moved to another; Unseal needs the same.
// The blob is 1136 bytes longer than the plaintext.
func SealTo(public, info, plaintext []byte) ([]byte, error) { return nil, errNotBuilt }

// Unseal opens what SealTo made.
func Unseal(private, info, blob []byte) ([]byte, error) { return nil, errNotBuilt }
