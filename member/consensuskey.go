package member

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ConsensusKeyFile is the name of the file of the consensus key in a home folder.
const ConsensusKeyFile = "consensus-key.json"

// ErrKeyExists says that the folder holds a consensus key already. It is never
// written over: two keys of one member would look like two members.
var ErrKeyExists = errors.New("there is a consensus key already")

// storedKey is the key file.
type storedKey struct {
	Version int    `json:"version"`
	Seed    []byte `json:"seed"` // Ed25519, 32 bytes
}

// CreateConsensusKey draws the key with which a member signs blocks, writes it
// to the home folder, made where it is missing, and gives the public half for
// the genesis document.
func CreateConsensusKey(home string) (ed25519.PublicKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("draw consensus key: %w", err)
	}
	encoded, err := json.Marshal(storedKey{Version: 1, Seed: private.Seed()})
	if err != nil {
		return nil, fmt.Errorf("encode consensus key: %w", err)
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("home folder: %w", err)
	}
	path := filepath.Join(home, ConsensusKeyFile)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrKeyExists)
	}
	if err != nil {
		return nil, fmt.Errorf("consensus key: %w", err)
	}
	_, err = file.Write(append(encoded, '\n'))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("consensus key: %w", err)
	}
	return public, nil
}

// LoadConsensusKey reads the key of a home folder. A file that others may read
// is refused.
func LoadConsensusKey(home string) (ed25519.PrivateKey, error) {
	path := filepath.Join(home, ConsensusKeyFile)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("consensus key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o: expected 0600, keys are for their owner only", path, mode)
	}
	encoded, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("consensus key: %w", err)
	}
	var stored storedKey
	if err := json.Unmarshal(encoded, &stored); err != nil || stored.Version != 1 || len(stored.Seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s: expected version 1 and a seed of %d bytes", path, ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(stored.Seed), nil
}
