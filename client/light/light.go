// Package light verifies block headers from the genesis validators on. A
// header is believed when more than two thirds of the power of a validator set
// that is believed already have signed it, and more than two thirds of its
// own; where the set has changed too much, headers in between are verified
// first. No clock is asked: a machine with a wrong date verifies as well.
//
// What this rests on: more than two thirds of no set that was ever in power
// sign a second history, not even with keys given up since. The mathematics of
// one step is the engine's (github.com/cometbft/cometbft/light).
package light

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	engineed25519 "github.com/cometbft/cometbft/crypto/ed25519"
	cmtmath "github.com/cometbft/cometbft/libs/math"
	engine "github.com/cometbft/cometbft/light"
	"github.com/cometbft/cometbft/types"
)

// Bounds of what a verification may cost.
const (
	maxFetches  = 500  // headers fetched for one answer
	maxRemember = 1000 // headers kept in memory
)

// forever is the time for which a verified header is believed: keys are not
// forgotten, see the package's doc.
const forever = time.Duration(math.MaxInt64)

// twoThirds of a believed set's power must have signed.
var twoThirds = cmtmath.Fraction{Numerator: 2, Denominator: 3}

// ErrUnproven is the reason for which a header is not believed.
var ErrUnproven = errors.New("header is not proven")

// Anchor is what is believed without proof: the beginning of the chain.
type Anchor struct {
	ChainID    string
	Time       time.Time // genesis time, the time of the first block
	Validators []Validator
}

// Validator is a consensus key with its power at genesis.
type Validator struct {
	PublicKey ed25519.PublicKey
	Power     int64
}

// Fetch gets the encoded light block of a height from somebody untrusted.
type Fetch func(ctx context.Context, height int64) ([]byte, error)

// Chain is the believed part of a chain. It is safe for concurrent use.
type Chain struct {
	anchor  Anchor
	genesis *types.ValidatorSet

	mutex    sync.Mutex
	believed map[int64]*types.LightBlock
	heights  []int64 // of believed, ascending
}

// New begins with the anchor alone.
func New(anchor Anchor) (*Chain, error) {
	if len(anchor.Validators) == 0 {
		return nil, errors.New("anchor: no validators")
	}
	var validators []*types.Validator
	for i, v := range anchor.Validators {
		if len(v.PublicKey) != ed25519.PublicKeySize || v.Power <= 0 {
			return nil, fmt.Errorf("anchor: validator %d: key of %d bytes with power %d", i, len(v.PublicKey), v.Power)
		}
		validators = append(validators, types.NewValidator(engineed25519.PubKey(v.PublicKey), v.Power))
	}
	return &Chain{anchor: anchor, genesis: types.NewValidatorSet(validators), believed: map[int64]*types.LightBlock{}}, nil
}

// Header gives the verified header of a height.
func (c *Chain) Header(ctx context.Context, height int64, fetch Fetch) (*types.Header, error) {
	if height < 1 {
		return nil, fmt.Errorf("header %d: heights begin at 1", height)
	}
	if block := c.known(height); block != nil {
		return block.Header, nil
	}
	walk := walk{chain: c, fetch: fetch}
	start, err := walk.start(ctx, height)
	if err != nil {
		return nil, fmt.Errorf("header %d: %w", height, err)
	}
	block, err := walk.verify(ctx, start, height)
	if err != nil {
		return nil, fmt.Errorf("header %d: %w", height, err)
	}
	return block.Header, nil
}

// Newest is the newest believed header's height, 0 where there is none yet.
func (c *Chain) Newest() int64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.heights) == 0 {
		return 0
	}
	return c.heights[len(c.heights)-1]
}

// Export gives the newest believed light block, encoded, to begin with another
// time; nil where there is none.
func (c *Chain) Export() ([]byte, error) {
	block := c.known(c.Newest())
	if block == nil {
		return nil, nil
	}
	message, err := block.ToProto()
	if err != nil {
		return nil, fmt.Errorf("export header %d: %w", block.Height, err)
	}
	return message.Marshal()
}

// Import believes a light block that Export gave, without proof.
func (c *Chain) Import(encoded []byte) error {
	block, err := decode(encoded, c.anchor.ChainID)
	if err != nil {
		return fmt.Errorf("import header: %w", err)
	}
	c.believe(block)
	return nil
}

func (c *Chain) known(height int64) *types.LightBlock {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.believed[height]
}

// below is the newest believed block before a height, nil where there is none.
func (c *Chain) below(height int64) *types.LightBlock {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	i, _ := slices.BinarySearch(c.heights, height)
	if i == 0 {
		return nil
	}
	return c.believed[c.heights[i-1]]
}

// believe keeps a block; of too many the first stays, as the way to old ones,
// and the second goes.
func (c *Chain) believe(block *types.LightBlock) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	i, found := slices.BinarySearch(c.heights, block.Height)
	if found {
		return
	}
	c.heights = slices.Insert(c.heights, i, block.Height)
	c.believed[block.Height] = block
	if len(c.heights) > maxRemember {
		delete(c.believed, c.heights[1])
		c.heights = slices.Delete(c.heights, 1, 2)
	}
}

// first verifies the first block from the anchor.
func (c *Chain) first(block *types.LightBlock) error {
	switch {
	case !bytes.Equal(block.ValidatorsHash, c.genesis.Hash()):
		return fmt.Errorf("%w: the first block's validators are not those of genesis", ErrUnproven)
	case !block.Time.Equal(c.anchor.Time):
		return fmt.Errorf("%w: the first block is of %s, genesis of %s", ErrUnproven, block.Time.UTC(), c.anchor.Time.UTC())
	}
	if err := c.genesis.VerifyCommitLight(c.anchor.ChainID, block.Commit.BlockID, 1, block.Commit); err != nil {
		return fmt.Errorf("%w: first block: %w", ErrUnproven, err)
	}
	return nil
}

// step verifies a block from a believed one before it. The error wraps
// errTooFar where blocks in between may help.
func step(from, to *types.LightBlock) (err error) {
	defer refusePanic(&err)
	const drift = time.Second // the engine asks for some; the time given is the block's own
	if to.Height == from.Height+1 {
		err = engine.VerifyAdjacent(from.SignedHeader, to.SignedHeader, to.ValidatorSet, forever, to.Time, drift)
	} else {
		err = engine.VerifyNonAdjacent(from.SignedHeader, from.ValidatorSet, to.SignedHeader, to.ValidatorSet, forever, to.Time, drift, twoThirds)
	}
	var changed engine.ErrNewValSetCantBeTrusted
	switch {
	case err == nil:
		return nil
	case errors.As(err, &changed):
		return fmt.Errorf("%w: %w: from %d to %d: %w", ErrUnproven, errTooFar, from.Height, to.Height, err)
	default:
		return fmt.Errorf("%w: from %d to %d: %w", ErrUnproven, from.Height, to.Height, err)
	}
}

var errTooFar = errors.New("the validators have changed")

// refusePanic turns a panic into a refusal: what comes from outside must not
// end the process, whatever the engine's code assumes of it.
func refusePanic(err *error) {
	if reason := recover(); reason != nil {
		*err = fmt.Errorf("%w: %v", ErrUnproven, reason)
	}
}
