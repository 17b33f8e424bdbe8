package client

import (
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/genesis"
)

// AnchorOf is the beginning of the chain by its genesis document, which is all
// that a client has to trust.
func AnchorOf(document genesis.Document) Anchor {
	anchor := Anchor{ChainID: document.ChainID, Time: document.GenesisTime}
	for _, member := range document.Members {
		anchor.Validators = append(anchor.Validators, Validator{PublicKey: member.ConsensusKey, Power: committee.Power})
	}
	return anchor
}
