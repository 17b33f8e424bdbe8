package node

import (
	"encoding/hex"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	engineed25519 "github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/state"

	"github.com/sesame-energy/sesame/ledger"
)

const absent = types.BlockIDFlagAbsent

// validatorUpdates passes on the changes of the validator set that the engine
// can carry out. On a duplicate, on the removal of a key that is not in the
// set, and on an empty set the engine halts the chain; such changes are left
// out, by a rule that gives the same on every node.
func (a *application) validatorUpdates(height int64, wanted []ledger.ValidatorUpdate) ([]abci.ValidatorUpdate, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	set, err := a.validators(height + 1)
	if err != nil {
		return nil, fmt.Errorf("validators at %d: %w", height+1, err)
	}
	var updates []abci.ValidatorUpdate
	seen := map[string]bool{}
	for _, update := range wanted {
		key := hex.EncodeToString(update.PublicKey)
		if reason := unfit(update, set, seen[key]); reason != nil {
			a.logger.Error("change of the validators left out", "height", height, "key", key, "power", update.Power, "reason", reason)
			continue
		}
		seen[key] = true
		if set[key] = true; update.Power == 0 {
			delete(set, key)
		}
		updates = append(updates, abci.Ed25519ValidatorUpdate(update.PublicKey, update.Power))
	}
	return updates, nil
}

func unfit(update ledger.ValidatorUpdate, set map[string]bool, seen bool) error {
	present := set[hex.EncodeToString(update.PublicKey)]
	switch {
	case len(update.PublicKey) != engineed25519.PubKeySize:
		return fmt.Errorf("key of %d bytes", len(update.PublicKey))
	case seen:
		return errors.New("second change of one key in a block")
	case update.Power < 0 || update.Power > maxPower:
		return fmt.Errorf("power must be within 0..%d", int64(maxPower))
	case update.Power == 0 && !present:
		return errors.New("not a validator")
	case update.Power == 0 && len(set) == 1:
		return errors.New("the last validator")
	}
	return nil
}

// maxPower keeps the sum of all powers far below the engine's limit of 2^60.
const maxPower = 1 << 40

// engineValidators reads validator sets from the engine's own records.
func engineValidators(store state.Store) func(height int64) (map[string]bool, error) {
	return func(height int64) (map[string]bool, error) {
		set, err := store.LoadValidators(height)
		if err != nil {
			return nil, err
		}
		keys := map[string]bool{}
		for _, v := range set.Validators {
			keys[hex.EncodeToString(v.PubKey.Bytes())] = true
		}
		return keys, nil
	}
}
