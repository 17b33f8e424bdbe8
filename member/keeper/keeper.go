package keeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/participant"
)

// postsAtOnce bounds how many transactions wait for a block together.
const postsAtOnce = 8

// Ledger is what the keeper reads; *participant.Participant is one.
type Ledger interface {
	participant.Reader
	List(ctx context.Context, prefix string, limit int) ([]feed.Record, error)
}

// Poster puts what the keeper has to say on the ledger and returns when a block
// has it; *participant.Participant is one.
type Poster interface {
	Submit(ctx context.Context, kind string, body any) error
}

// Keeper keeps the shares of one member.
type Keeper struct {
	name    string
	secrets Secrets // X-Wing private keys
	ledger  Ledger
	poster  Poster
	store   *Store
	logger  *slog.Logger

	checked map[string]vault.Acknowledge // acknowledgements of rounds in flight, by round
	arrived arrivals                     // sealed series to look at before their gates

	received vault.AcknowledgeHandover // what the member has found of the last hand-over
	promoted uint32                    // the epoch whose sealing key is the only one here
	left     bool                      // it has been said that the member was removed
}

// New makes the keeper of the member of that name. secrets are the private keys
// to which channels are opened.
func New(name string, secrets Secrets, ledger Ledger, poster Poster, store *Store, logger *slog.Logger) *Keeper {
	return &Keeper{
		name: name, secrets: secrets, ledger: ledger, poster: poster, store: store, logger: logger,
		checked: map[string]vault.Acknowledge{},
	}
}

// Concerns says whether the record at a key matters to the keeper.
func (k *Keeper) Concerns(key string) bool {
	return k.arrived.note(key) || strings.HasPrefix(key, vault.ChannelsPrefix) || strings.HasPrefix(key, vault.RoundPrefix) ||
		strings.HasPrefix(key, vault.ReleasePrefix) || strings.HasPrefix(key, committee.KeepersPrefix) ||
		strings.HasPrefix(key, vault.HandoverPrefix) || strings.HasPrefix(key, vault.ProgressPrefix) || key == committee.MemberKey(k.name)
}

// Attend does what is missing at ledger time now: it erases old keys, accepts
// channels, acknowledges and opens rounds, and does its part in releases and in
// handing over. One duty that fails keeps no other from being done.
func (k *Keeper) Attend(ctx context.Context, now time.Time) (due time.Time, err error) {
	self, err := k.self(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if self.member.Removed {
		if !k.left {
			k.logger.Warn("the member is of the committee no more: everything that it kept is erased", "member", k.name)
		}
		k.left = true
		return time.Time{}, k.eraseAll()
	}
	over := self.over(now.Unix())
	group := &errgroup.Group{}
	group.SetLimit(postsAtOnce)
	failures := []error{k.store.eraseThrough(over), k.eraseEpochs(ctx, self)}
	post := func(what, kind string, body any) {
		group.Go(func() error { return k.post(ctx, what, kind, body) })
	}
	failures = append(failures, k.channels(ctx, self, over, post), k.rounds(ctx, post), k.releases(ctx, post), k.refuseEarly(ctx, post), k.handover(ctx, self, post))
	failures = append(failures, group.Wait())
	return self.nextOver(over), errors.Join(failures...)
}

// post puts something on the ledger. What a block refuses because it is there
// already, or comes too late, is no fault: the next look will tell.
func (k *Keeper) post(ctx context.Context, what, kind string, body any) error {
	err := k.poster.Submit(ctx, kind, body)
	if refused := (*client.Refused)(nil); errors.As(err, &refused) && refused.Height > 0 {
		k.logger.Warn("the ledger does not take it", "what", what, "reason", refused.Reason)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	k.logger.Info("done", "what", what)
	return nil
}

// self is the member as the ledger has it.
type self struct {
	member     committee.Member
	parameters committee.Parameters
	current    committee.Keepers
	next       committee.Keepers // epoch 0 where none is announced
}

func (k *Keeper) self(ctx context.Context) (self, error) {
	member, found, err := participant.Load[committee.Member](ctx, k.ledger, committee.MemberKey(k.name))
	if err != nil {
		return self{}, err
	}
	if !found {
		return self{}, fmt.Errorf("%q is not a member of the committee", k.name)
	}
	parameters, found, err := participant.Load[committee.Parameters](ctx, k.ledger, committee.ParametersKey)
	if err != nil {
		return self{}, err
	}
	if !found {
		return self{}, errors.New("the ledger has no parameters")
	}
	current, err := k.keepers(ctx, parameters.Epoch)
	if err != nil {
		return self{}, err
	}
	epoch, announced, err := participant.Load[uint32](ctx, k.ledger, committee.NextEpochKey)
	if err != nil || !announced {
		return self{member, parameters, current, committee.Keepers{}}, err
	}
	next, err := k.keepers(ctx, epoch)
	return self{member, parameters, current, next}, err
}

const secondsOfDay = 86_400

// margin is by how much a local day may end after the UTC date, seconds.
const margin = secondsOfDay / 2

// over is the last day whose contest term has ended everywhere on earth at a
// Unix second of ledger time.
func (s self) over(now int64) uint32 {
	return uint32(max((now-margin-s.parameters.Contest)/secondsOfDay-1, 0))
}

// nextOver is when the day after is over, too.
func (s self) nextOver(over uint32) time.Time {
	return time.Unix((int64(over)+2)*secondsOfDay+margin+s.parameters.Contest, 0)
}

// rounds does what is due in each round that has not come to its end.
func (k *Keeper) rounds(ctx context.Context, post func(what, kind string, body any)) error {
	listed, err := k.ledger.List(ctx, vault.InFlightPrefix, 0)
	if err != nil {
		return fmt.Errorf("rounds in flight: %w", err)
	}
	var failures []error
	flying := map[string]bool{}
	for _, entry := range listed {
		id := strings.TrimPrefix(entry.Key, vault.InFlightPrefix)
		flying[id] = true
		if err := k.round(ctx, id, post); err != nil {
			failures = append(failures, fmt.Errorf("round %s: %w", id, err))
		}
	}
	for id := range k.checked {
		if !flying[id] {
			delete(k.checked, id)
		}
	}
	return errors.Join(failures...)
}

func (k *Keeper) round(ctx context.Context, id string, post func(what, kind string, body any)) error {
	round, found, err := participant.Load[vault.Round](ctx, k.ledger, vault.RoundKey(id))
	if err != nil || !found {
		return err
	}
	keepers, err := k.keepers(ctx, round.Epoch)
	if err != nil {
		return err
	}
	index := keepers.IndexOf(k.name)
	switch {
	case index == 0:
	case round.Phase == vault.PhaseAcknowledging:
		if slices.Contains(round.Acknowledged, index) {
			return nil
		}
		body, err := k.check(ctx, round)
		if err != nil {
			return err
		}
		post("acknowledge "+id, "vault/acknowledge", body)
	case round.Frozen != 0:
		if !slices.Contains(round.Quorum, index) || slices.Contains(round.Partials, index) || slices.Contains(round.Wrong, index) {
			return nil
		}
		body, err := k.partials(ctx, round)
		if err != nil {
			return err
		}
		post("partial sums of "+id, "vault/partials", body)
	}
	return nil
}
