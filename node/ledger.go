package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/merkle"
)

// GenesisOf reads what the engine must know from an encoded genesis document.
func GenesisOf(document []byte) (Genesis, error) {
	parsed, err := genesis.Parse(document)
	if err != nil {
		return Genesis{}, err
	}
	g := Genesis{ChainID: parsed.ChainID, Time: parsed.GenesisTime, Document: document}
	for _, member := range parsed.Members {
		g.Validators = append(g.Validators, Validator{Name: member.Name, PublicKey: member.ConsensusKey})
	}
	return g, nil
}

// StartLedger starts a node with Sesame's own state machine, which keeps its
// state in the home folder. key is the member's consensus key, nil for a node
// that only follows. For the rest see Start.
func StartLedger(ctx context.Context, config Config, document []byte, key ed25519.PrivateKey, logger *slog.Logger) (*Node, error) {
	genesis, err := GenesisOf(document)
	if err != nil {
		return nil, err
	}
	if err := config.validate(); err != nil {
		return nil, err
	}
	store, err := merkle.Open(config.Home, merkle.DefaultKeep)
	if err != nil {
		return nil, err
	}
	node, err := Start(ctx, config, Parts{Genesis: genesis, Key: key, Machine: ledger.New(store), State: store, Logger: logger})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	node.owned = store
	return node, nil
}
