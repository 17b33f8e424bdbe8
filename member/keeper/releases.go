package keeper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
)

// releases posts the member's part of each disclosure that the committee has
// granted and of each bill that it opens. What is granted, and what of, is read
// proven: a node's word alone makes nobody post.
func (k *Keeper) releases(ctx context.Context, post func(what, kind string, body any)) error {
	listed, err := k.ledger.List(ctx, vault.ReleaseInFlightPrefix, 0)
	if err != nil {
		return fmt.Errorf("releases in flight: %w", err)
	}
	var failures []error
	for _, entry := range listed {
		id := strings.TrimPrefix(entry.Key, vault.ReleaseInFlightPrefix)
		if err := k.release(ctx, id, post); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", id, err))
		}
	}
	return errors.Join(failures...)
}

func (k *Keeper) release(ctx context.Context, id string, post func(what, kind string, body any)) error {
	release, found, err := participant.Load[vault.Release](ctx, k.ledger, vault.ReleaseKey(id))
	if err != nil || !found || release.Granted == 0 {
		return err
	}
	keepers, err := k.keepers(ctx, release.Epoch)
	if err != nil {
		return err
	}
	index := keepers.IndexOf(k.name)
	if index == 0 || slices.Contains(release.Partials, index) || slices.Contains(release.Wrong, index) {
		return nil
	}
	sealed, found, err := participant.Load[vault.Sealed](ctx, k.ledger, vault.ReleasedKey(id))
	if err != nil || !found { // its time is over
		return err
	}
	body, err := k.parts(release, sealed)
	if err != nil {
		return err
	}
	post("partial sums of "+id, "vault/partials", body)
	return nil
}

// parts computes the member's part of each sum of a release.
func (k *Keeper) parts(release vault.Release, sealed vault.Sealed) (vault.Partials, error) {
	body := vault.Partials{Round: release.ID}
	forms, _, err := vault.ReleaseForms(release, sealed)
	if err != nil {
		return body, err
	}
	shares, err := k.sharesAt(sealed, release.Epoch)
	if err != nil {
		return body, err
	}
	body.Sums, err = sums(forms, shares)
	return body, err
}
