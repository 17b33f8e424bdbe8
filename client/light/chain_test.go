package light_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	engineed25519 "github.com/cometbft/cometbft/crypto/ed25519"
	message "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/proto/tendermint/version"
	"github.com/cometbft/cometbft/types"

	"github.com/sesame-energy/sesame/client/light"
)

const chainID = "toy-chain"

var genesisTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// history is a chain made for tests, one light block per height.
type history struct {
	t      testing.TB
	blocks []*types.LightBlock // of heights 1..
}

// key is a member's key, made from its number.
func key(number int) engineed25519.PrivKey {
	seed := sha256.Sum256(fmt.Appendf(nil, "member %d", number))
	return engineed25519.PrivKey(ed25519.NewKeyFromSeed(seed[:]))
}

func setOf(members []int) *types.ValidatorSet {
	var validators []*types.Validator
	for _, m := range members {
		validators = append(validators, types.NewValidator(key(m).PubKey(), 10))
	}
	return types.NewValidatorSet(validators)
}

// newHistory makes a chain whose members at height i+1 are members[i].
func newHistory(t testing.TB, members [][]int) *history {
	t.Helper()
	h := &history{t: t}
	last := types.BlockID{}
	for i, set := range members {
		next := set
		if i+1 < len(members) {
			next = members[i+1]
		}
		block := h.seal(h.header(int64(i+1), last, set, next, "app"), set, set)
		last = block.Commit.BlockID
		h.blocks = append(h.blocks, block)
	}
	return h
}

func (h *history) header(height int64, last types.BlockID, set, next []int, app string) *types.Header {
	hash := sha256.Sum256(fmt.Appendf(nil, "%s %d", app, height))
	return &types.Header{
		Version: version.Consensus{Block: 11}, ChainID: chainID, Height: height,
		Time: genesisTime.Add(time.Duration(height-1) * time.Second), LastBlockID: last,
		LastCommitHash: hash[:], DataHash: hash[:], ValidatorsHash: setOf(set).Hash(), NextValidatorsHash: setOf(next).Hash(),
		ConsensusHash: hash[:], AppHash: hash[:], LastResultsHash: hash[:], EvidenceHash: hash[:],
		ProposerAddress: setOf(set).Validators[0].Address,
	}
}

// seal signs a header of a set of members by some of them.
func (h *history) seal(header *types.Header, members, signers []int) *types.LightBlock {
	h.t.Helper()
	set := setOf(members)
	id := types.BlockID{Hash: header.Hash(), PartSetHeader: types.PartSetHeader{Total: 1, Hash: header.Hash()}}
	commit := &types.Commit{Height: header.Height, BlockID: id, Signatures: make([]types.CommitSig, set.Size())}
	for i := range commit.Signatures {
		commit.Signatures[i] = types.NewCommitSigAbsent()
	}
	for _, member := range signers {
		index, validator := set.GetByAddress(key(member).PubKey().Address())
		if validator == nil {
			h.t.Fatalf("member %d signs but is no validator", member)
		}
		vote := &types.Vote{
			Type: message.PrecommitType, Height: header.Height, BlockID: id, Timestamp: header.Time,
			ValidatorAddress: validator.Address, ValidatorIndex: index,
		}
		signature, err := key(member).Sign(types.VoteSignBytes(chainID, vote.ToProto()))
		if err != nil {
			h.t.Fatal(err)
		}
		commit.Signatures[index] = types.CommitSig{
			BlockIDFlag: types.BlockIDFlagCommit, ValidatorAddress: validator.Address, Timestamp: header.Time, Signature: signature,
		}
	}
	return &types.LightBlock{SignedHeader: &types.SignedHeader{Header: header, Commit: commit}, ValidatorSet: set}
}

func encode(t testing.TB, block *types.LightBlock) []byte {
	t.Helper()
	converted, err := block.ToProto()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := converted.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// fetch serves the history, counting.
func (h *history) fetch(count *int) light.Fetch {
	return func(_ context.Context, height int64) ([]byte, error) {
		if count != nil {
			*count++
		}
		if height > int64(len(h.blocks)) {
			return nil, fmt.Errorf("no block %d", height)
		}
		return encode(h.t, h.blocks[height-1]), nil
	}
}

func anchor(members []int) light.Anchor {
	a := light.Anchor{ChainID: chainID, Time: genesisTime}
	for _, m := range members {
		a.Validators = append(a.Validators, light.Validator{PublicKey: ed25519.PublicKey(key(m).PubKey().Bytes()), Power: 10})
	}
	return a
}

func newChain(t testing.TB, members []int) *light.Chain {
	t.Helper()
	chain, err := light.New(anchor(members))
	if err != nil {
		t.Fatal(err)
	}
	return chain
}
