// Package identity is who a role is: its account name, the Ed25519 key that
// signs its transactions, and the X-Wing key that blobs and channels are sealed
// to. Both live in one file of the role's home folder, readable by its owner
// only.
//
// Consensus keys of validators are the node's (package node); what a key may
// do is the ledger's (contract committee).
package identity

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"

	"github.com/sesame-energy/sesame/ledger/transaction"
)

// File is the name of the key file in a home folder.
const File = "identity.json"

// ErrExists says that the folder holds an identity already; it is never
// written over, because what was sealed to its key would be lost.
var ErrExists = errors.New("there is an identity already")

const version = 1

var namePattern = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// Identity is an account with its secret keys. It prints as its name only.
type Identity struct {
	Name       string
	AccountKey ed25519.PrivateKey
	SealingKey []byte // X-Wing private key, 32 bytes
}

// Public is what others may know, in the words of the genesis document.
type Public struct {
	Name       string `json:"name"`
	Key        []byte `json:"key"`         // Ed25519, 32 bytes
	SealingKey []byte `json:"sealing_key"` // X-Wing, 1216 bytes
}

// stored is the key file.
type stored struct {
	Version    int    `json:"version"`
	Name       string `json:"name"`
	AccountKey []byte `json:"account_seed"` // Ed25519 seed, 32 bytes
	SealingKey []byte `json:"sealing_key"`  // X-Wing seed, 32 bytes
}

// Create draws the keys of an account and writes them to the home folder dir,
// which it makes where it is missing. name is [a-z0-9-], at most 40 letters.
func Create(dir, name string) (Identity, error) {
	if !namePattern.MatchString(name) {
		return Identity{}, fmt.Errorf("account name %q: expected 1 to 40 of a-z, 0-9 and -", name)
	}
	_, account, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Identity{}, fmt.Errorf("draw account key of %s: %w", name, err)
	}
	sealing, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return Identity{}, fmt.Errorf("draw sealing key of %s: %w", name, err)
	}
	secret, err := sealing.Bytes()
	if err != nil {
		return Identity{}, fmt.Errorf("encode sealing key of %s: %w", name, err)
	}
	created := Identity{Name: name, AccountKey: account, SealingKey: secret}
	if err := write(dir, created); err != nil {
		return Identity{}, err
	}
	return created, nil
}

// write stores the keys, and fails where there is a file already.
func write(dir string, identity Identity) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("home folder of %s: %w", identity.Name, err)
	}
	path := filepath.Join(dir, File)
	return place(dir, identity, func(complete string) error {
		if err := os.Link(complete, path); errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s: %w", path, ErrExists)
		} else if err != nil {
			return fmt.Errorf("write identity of %s: %w", identity.Name, err)
		}
		return nil
	})
}

// place writes the keys completely under another name and has put move them to
// the right one.
func place(dir string, identity Identity, put func(complete string) error) error {
	encoded, err := json.MarshalIndent(stored{version, identity.Name, identity.AccountKey.Seed(), identity.SealingKey}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode identity of %s: %w", identity.Name, err)
	}
	temporary, err := os.CreateTemp(dir, ".identity-*") // mode 0600
	if err != nil {
		return fmt.Errorf("home folder of %s: %w", identity.Name, err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(append(encoded, '\n'))
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("write identity of %s: %w", identity.Name, err)
	}
	return put(temporary.Name())
}

// Load reads the identity in a home folder. A key file that others may read is
// refused. The keys lie in memory that is not swapped out, where the platform
// allows it, for as long as the process lives.
func Load(dir string) (Identity, error) {
	identity, err := read(filepath.Join(dir, File))
	if err != nil {
		return Identity{}, err
	}
	identity.SealingKey = locked(identity.SealingKey) // crypto/ed25519 signs with keys on the heap only
	return identity, nil
}

// read reads a key file, which only its owner may read.
func read(path string) (Identity, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Identity{}, fmt.Errorf("identity: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return Identity{}, fmt.Errorf("%s has mode %04o: expected 0600, keys are for their owner only", path, mode)
	}
	encoded, err := os.ReadFile(path)
	if err != nil {
		return Identity{}, fmt.Errorf("identity: %w", err)
	}
	identity, err := decode(encoded)
	clear(encoded)
	if err != nil {
		return Identity{}, fmt.Errorf("%s: %w", path, err)
	}
	return identity, nil
}

// decode reads a key file. Its errors never quote what the file holds.
func decode(encoded []byte) (Identity, error) {
	var file stored
	if err := json.Unmarshal(encoded, &file); err != nil {
		return Identity{}, errors.New("not a JSON key file")
	}
	if file.Version != version {
		return Identity{}, fmt.Errorf("version %d: expected %d", file.Version, version)
	}
	if !namePattern.MatchString(file.Name) {
		return Identity{}, errors.New("name: expected 1 to 40 of a-z, 0-9 and -")
	}
	if len(file.AccountKey) != ed25519.SeedSize {
		return Identity{}, fmt.Errorf("account_seed of %d bytes: expected %d", len(file.AccountKey), ed25519.SeedSize)
	}
	if _, err := hpke.MLKEM768X25519().NewPrivateKey(file.SealingKey); err != nil {
		return Identity{}, errors.New("sealing_key: not an X-Wing private key of 32 bytes")
	}
	return Identity{file.Name, ed25519.NewKeyFromSeed(file.AccountKey), file.SealingKey}, nil
}

// Public returns the public half. It panics for an Identity that neither
// Create nor Load made.
func (i Identity) Public() Public {
	sealing, err := hpke.MLKEM768X25519().NewPrivateKey(i.SealingKey)
	if err != nil {
		panic("identity: " + err.Error())
	}
	return Public{
		Name:       i.Name,
		Key:        []byte(i.AccountKey.Public().(ed25519.PublicKey)),
		SealingKey: sealing.PublicKey().Bytes(),
	}
}

// Sign makes the encoded transaction of this account.
func (i Identity) Sign(chain, kind string, validUntil int64, body any) []byte {
	return transaction.Sign(chain, i.Name, kind, validUntil, body, i.AccountKey)
}

// Format implements fmt.Formatter: whatever the verb, only the name is shown.
func (i Identity) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "identity of %s", i.Name)
}

// LogValue implements slog.LogValuer.
func (i Identity) LogValue() slog.Value { return slog.StringValue(i.Name) }

// MarshalJSON implements json.Marshaler: secrets leave only by way of the key file.
func (i Identity) MarshalJSON() ([]byte, error) { return json.Marshal(i.Name) }
