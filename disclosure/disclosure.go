package disclosure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// most is how many requests about one series the ledger takes.
const most = 99

// Party is who asks or votes; *participant.Participant is one.
type Party interface {
	participant.Reader
	Submit(ctx context.Context, kind string, body any) error
}

// Bounds of the wait for a state that proves what a block has taken: two
// blocks, usually.
const (
	patience = time.Minute
	pause    = 200 * time.Millisecond
)

// Request asks for a disclosure and gives the request as it stands on the
// ledger, proven, with its id and the number of the vote.
func Request(ctx context.Context, party Party, name string, body vault.Disclose) (vault.Release, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := party.Submit(ctx, "vault/disclose", body); err != nil {
		return vault.Release{}, err
	}
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		release, found, err := newest(ctx, party, name, body)
		if err != nil || found {
			return release, err
		}
		select {
		case <-ctx.Done():
			return release, fmt.Errorf("the request is in a block, and after %v in no proven state", patience)
		case <-ticker.C:
		}
	}
}

// newest is the last request of that name about what body asks for, if it
// waits for the vote or is granted.
func newest(ctx context.Context, reader participant.Reader, name string, body vault.Disclose) (last vault.Release, found bool, err error) {
	for number := 1; number <= most; number++ {
		release, there, err := participant.Load[vault.Release](ctx, reader, vault.ReleaseKey(vault.DisclosureID(body.Kind, body.Day, body.Park, number)))
		if err != nil || !there {
			return last, found, err
		}
		if release.Requester == name && release.Reason == body.Reason && (release.Phase == vault.PhaseRequested || release.Granted > 0) {
			last, found = release, true
		}
	}
	return last, found, nil
}

// Vote votes on a request.
func Vote(ctx context.Context, party Party, id string, approve bool) error {
	release, err := find(ctx, party, id)
	if err != nil {
		return err
	}
	return party.Submit(ctx, "committee/vote", committee.Vote{Proposal: release.Proposal, Approve: approve})
}

// View is a disclosure as far as it has come.
type View struct {
	Release vault.Release
	Vote    committee.Proposal
	Series  map[string][]int64          // W per period by series; nil while it is not opened
	Shares  map[uint8][]sealing.Partial // what each member has posted, one per purpose
	Sealed  vault.Sealed                // what was sealed; without parts after the contest term
}

func find(ctx context.Context, reader participant.Reader, id string) (vault.Release, error) {
	release, found, err := participant.Load[vault.Release](ctx, reader, vault.ReleaseKey(id))
	if err == nil && (!found || release.Kind != vault.Disclosure) {
		err = fmt.Errorf("%s: the ledger has no such disclosure", id)
	}
	return release, err
}

// Read reads a disclosure, proven.
func Read(ctx context.Context, reader participant.Reader, id string) (View, error) {
	release, err := find(ctx, reader, id)
	if err != nil {
		return View{}, err
	}
	view := View{Release: release, Shares: map[uint8][]sealing.Partial{}}
	if view.Vote, _, err = participant.Load[committee.Proposal](ctx, reader, committee.ProposalKey(release.Proposal)); err != nil {
		return View{}, err
	}
	opened, found, err := participant.Load[vault.Opened](ctx, reader, vault.OpenedKey(id))
	if err != nil || !found {
		return view, err
	}
	if view.Series, err = vault.Disclosed(release, opened); err != nil {
		return View{}, err
	}
	return view, errors.Join(view.readShares(ctx, reader), view.readSealed(ctx, reader))
}

// readShares reads what the members have posted.
func (v *View) readShares(ctx context.Context, reader participant.Reader) error {
	for _, index := range v.Release.Partials {
		sums, found, err := participant.Load[[][]byte](ctx, reader, vault.PartialKey(v.Release.ID, index))
		if err != nil {
			return err
		}
		if !found {
			continue // erased with the contest term
		}
		for _, encoded := range sums {
			partial, err := sealing.DecodePartial(encoded)
			if err != nil {
				return fmt.Errorf("%s: member %d: %w", v.Release.ID, index, err)
			}
			v.Shares[index] = append(v.Shares[index], partial)
		}
	}
	return nil
}

// readSealed reads the sealed series from where it still stands.
func (v *View) readSealed(ctx context.Context, reader participant.Reader) error {
	release := v.Release
	for _, key := range []string{vault.ReleasedKey(release.ID), vault.SealedKey(release.Series, release.Day, release.Park)} {
		sealed, found, err := participant.Load[vault.Sealed](ctx, reader, key)
		if err != nil {
			return err
		}
		if found && sealed.Version == release.Version {
			v.Sealed = sealed
			return nil
		}
	}
	return nil
}
