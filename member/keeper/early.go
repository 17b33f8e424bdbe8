package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
)

const sealedPrefix = "vault/sealed/"

// arrivals are the sealed series that a block has brought and that nobody has
// looked at yet. A member that was away looks at what it missed in the round.
type arrivals struct {
	mutex sync.Mutex
	keys  []string
}

// maxArrivals bounds what waits: who falls behind that far looks in the round.
const maxArrivals = 4096

// note reports whether a key is that of a sealed series, and keeps it.
func (a *arrivals) note(key string) bool {
	if !strings.HasPrefix(key, sealedPrefix) {
		return false
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if len(a.keys) < maxArrivals && !slices.Contains(a.keys, key) {
		a.keys = append(a.keys, key)
	}
	return true
}

func (a *arrivals) take() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	keys := a.keys
	a.keys = nil
	return keys
}

// refuseEarly checks the member's shares of series as they arrive, so that a
// park whose dealing is wrong is told before its gate, while it can deal again.
func (k *Keeper) refuseEarly(ctx context.Context, post func(what, kind string, body any)) error {
	var failures []error
	for _, key := range k.arrived.take() {
		if err := k.lookAt(ctx, key, post); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", key, err))
		}
	}
	return errors.Join(failures...)
}

// lookAt refuses the first wrong part of a sealed series, which voids it whole.
func (k *Keeper) lookAt(ctx context.Context, key string, post func(what, kind string, body any)) error {
	sealed, found, err := participant.Load[vault.Sealed](ctx, k.ledger, key)
	if err != nil || !found || sealed.Park == "" || vault.SealedKey(sealed.Kind, sealed.Day, sealed.Park) != key {
		return err // taken off again, or erased after its term
	}
	keys, found := k.store.find(channel{sealed.Park, sealed.Channel})
	if !found || keys.ID().Epoch != sealed.DealtTo() {
		return nil // the round says so, if it is still missing then
	}
	for part, encoded := range sealed.Parts {
		proof, err := refusal(encoded, keys)
		if err != nil {
			return fmt.Errorf("part %d: %w", part, err)
		}
		if proof == nil {
			continue
		}
		k.logger.Error("a park's share is wrong: refused before the gate, with proof", "park", sealed.Park, "kind", sealed.Kind, "part", part)
		post("refuse "+key, "vault/refuse", vault.Refuse{
			Kind: sealed.Kind, Day: sealed.Day, Version: sealed.Version,
			Refusal: vault.Refusal{Park: sealed.Park, Part: uint8(part), Proof: proof},
		})
		return nil
	}
	return nil
}
