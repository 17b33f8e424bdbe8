package node

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	engineed25519 "github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"
)

// Power is the voting power of every member. Block time is the weighted median
// of the votes; at power 1 integer division would pick the second lowest of
// five, so that two wrong clocks could move it.
const Power = 10

// Limits of a block; a block must leave room for the worst commit.
const (
	maxBlockBytes    = 4_000_000
	maxEvidenceBytes = 65_536
	evidenceBlocks   = 100_000
	evidenceTime     = 48 * time.Hour
)

// Genesis is what the engine must know of the genesis document, with the
// document's bytes as agreed.
type Genesis struct {
	ChainID    string
	Time       time.Time
	Validators []Validator
	Document   []byte
}

// Validator is a member that votes from the first block on.
type Validator struct {
	Name      string
	PublicKey ed25519.PublicKey
}

// engineGenesis is the engine's genesis document. The engine stores and
// re-encodes it, so it carries the hash of ours in place of its bytes.
func (g Genesis) engineGenesis() (*types.GenesisDoc, error) {
	if len(g.ChainID) == 0 || len(g.ChainID) > types.MaxChainIDLen {
		return nil, fmt.Errorf("genesis: chain id %q: 1 to %d characters are allowed", g.ChainID, types.MaxChainIDLen)
	}
	if len(g.Validators) == 0 {
		return nil, fmt.Errorf("genesis of %s: no validators", g.ChainID)
	}
	parameters := types.DefaultConsensusParams()
	parameters.Block.MaxBytes = maxBlockBytes
	parameters.Evidence.MaxBytes = maxEvidenceBytes
	parameters.Evidence.MaxAgeNumBlocks = evidenceBlocks
	parameters.Evidence.MaxAgeDuration = evidenceTime
	document := &types.GenesisDoc{
		ChainID:         g.ChainID,
		GenesisTime:     g.Time.UTC(),
		InitialHeight:   1,
		ConsensusParams: parameters,
		AppState:        g.appState(),
	}
	for _, v := range g.Validators {
		if len(v.PublicKey) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("genesis of %s: validator %s: key of %d bytes, want %d", g.ChainID, v.Name, len(v.PublicKey), ed25519.PublicKeySize)
		}
		key := engineed25519.PubKey(v.PublicKey)
		document.Validators = append(document.Validators, types.GenesisValidator{Address: key.Address(), PubKey: key, Power: Power, Name: v.Name})
	}
	if err := document.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("genesis of %s: %w", g.ChainID, err)
	}
	return document, nil
}

// appState is the SHA-256 of our document as a JSON string.
func (g Genesis) appState() json.RawMessage {
	digest := sha256.Sum256(g.Document)
	return json.RawMessage(`"` + hex.EncodeToString(digest[:]) + `"`)
}
