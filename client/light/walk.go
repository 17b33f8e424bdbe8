package light

import (
	"context"
	"errors"
	"fmt"

	"github.com/cometbft/cometbft/proto/tendermint/types"
	engine "github.com/cometbft/cometbft/types"
)

// maxBlock bounds an encoded light block: a header, and 3.4 kB at worst for
// each of 255 validators.
const maxBlock = 1 << 20

// walk is the way to one header.
type walk struct {
	chain   *Chain
	fetch   Fetch
	fetched int
}

// start is the believed block to begin from: the newest before the height, or
// the first of all, which it fetches.
func (w *walk) start(ctx context.Context, height int64) (*engine.LightBlock, error) {
	if below := w.chain.below(height); below != nil {
		return below, nil
	}
	block, err := w.get(ctx, 1)
	if err != nil {
		return nil, err
	}
	if err := w.chain.first(block); err != nil {
		return nil, err
	}
	w.chain.believe(block)
	return block, nil
}

// verify goes from a believed block to a height, in one step where that
// suffices, else by halves.
func (w *walk) verify(ctx context.Context, from *engine.LightBlock, height int64) (*engine.LightBlock, error) {
	if known := w.chain.known(height); known != nil {
		return known, nil
	}
	target, err := w.get(ctx, height)
	if err != nil {
		return nil, err
	}
	pending := []*engine.LightBlock{target} // the nearest last
	for len(pending) > 0 {
		next := pending[len(pending)-1]
		switch err := step(from, next); {
		case err == nil:
			w.chain.believe(next)
			from, pending = next, pending[:len(pending)-1]
		case errors.Is(err, errTooFar) && next.Height > from.Height+1:
			middle, err := w.get(ctx, from.Height+(next.Height-from.Height)/2)
			if err != nil {
				return nil, err
			}
			pending = append(pending, middle)
		default:
			return nil, err
		}
	}
	return from, nil
}

func (w *walk) get(ctx context.Context, height int64) (*engine.LightBlock, error) {
	if w.fetched++; w.fetched > maxFetches {
		return nil, fmt.Errorf("%w: more than %d headers in between", ErrUnproven, maxFetches)
	}
	encoded, err := w.fetch(ctx, height)
	if err != nil {
		return nil, fmt.Errorf("light block %d: %w", height, err)
	}
	block, err := decode(encoded, w.chain.anchor.ChainID)
	if err != nil {
		return nil, fmt.Errorf("light block %d: %w", height, err)
	}
	if block.Height != height {
		return nil, fmt.Errorf("%w: asked for block %d, got %d", ErrUnproven, height, block.Height)
	}
	return block, nil
}

// decode reads a light block and checks it in itself: chain, form, and that
// header, commit and validators belong together.
func decode(encoded []byte, chain string) (block *engine.LightBlock, err error) {
	defer refusePanic(&err)
	if len(encoded) > maxBlock {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrUnproven, len(encoded), maxBlock)
	}
	message := new(types.LightBlock)
	if err := message.Unmarshal(encoded); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	block, err = engine.LightBlockFromProto(message)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	if err := block.ValidateBasic(chain); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnproven, err)
	}
	return block, nil
}
