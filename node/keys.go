package node

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	engineed25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
)

// LastSigned is where a node's folder keeps what its validator signed last. An
// older copy of this file under a running chain is double signing.
const LastSigned = "data/last-signed.json"

// PeerID is the identity by which peers know the node of a home folder, the
// part before the @ in Config.Peers. Its key is made where there is none.
func PeerID(home string) (string, error) {
	key, err := peerKey(home)
	if err != nil {
		return "", err
	}
	return string(key.ID()), nil
}

func peerKey(home string) (*p2p.NodeKey, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("node folder: %w", err)
	}
	key, err := p2p.LoadOrGenNodeKey(filepath.Join(home, "peer-key.json"))
	if err != nil {
		return nil, fmt.Errorf("peer key in %s: %w", home, err)
	}
	return key, nil
}

// signer signs blocks with the consensus key and remembers the last height and
// round on disk, so that a restarted node never signs twice. A node without a
// key gets a fresh one, which is in no validator set.
func signer(home string, key ed25519.PrivateKey) (*privval.FilePV, error) {
	if key == nil {
		_, fresh, err := ed25519.GenerateKey(nil)
		if err != nil {
			return nil, fmt.Errorf("key of an observer: %w", err)
		}
		key = fresh
	}
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("consensus key has %d bytes, want %d", len(key), ed25519.PrivateKeySize)
	}
	statePath := filepath.Join(home, LastSigned)
	signer := privval.NewFilePV(engineed25519.PrivKey(key), "", statePath) // no key path: the key is the caller's to keep
	last, err := os.ReadFile(statePath)
	if errors.Is(err, fs.ErrNotExist) {
		return signer, nil
	}
	if err != nil {
		return nil, fmt.Errorf("last signed vote: %w", err)
	}
	if err := cmtjson.Unmarshal(last, &signer.LastSignState); err != nil {
		return nil, fmt.Errorf("last signed vote in %s: %w", statePath, err)
	}
	return signer, nil
}
