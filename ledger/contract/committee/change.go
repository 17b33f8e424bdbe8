package committee

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// ErrUnderWay says that an epoch is announced already: one at a time.
var ErrUnderWay = errors.New("a change of the share keepers is under way")

// rotationPause is how long a member waits before it rotates its key again,
// seconds of ledger time: each rotation has everybody hand on all shares.
const rotationPause = 24 * 3_600

// KeepersChange is the payload of ActionKeepers: the next epoch's keepers. The
// k-th of those admitted takes the seat of the k-th that leaves, further ones
// take new seats at the end; seats that stay empty are closed. With nobody
// leaving or admitted and the same threshold it is a refresh.
type KeepersChange struct {
	_         struct{} `cbor:",toarray"`
	Leave     []string
	Admit     []NewMember
	Threshold int
}

// NewMember is who is admitted, by the keys that it has made itself.
type NewMember struct {
	_            struct{} `cbor:",toarray"`
	Name         string
	Owner        string
	Park         string // that owns it, or nothing
	Key          []byte // Ed25519
	SealingKey   []byte // X-Wing
	ConsensusKey []byte // Ed25519
}

// keepersChange checks a change of the keepers and gives what announces it.
func keepersChange(ctx contract.Context, subject string, payload []byte) (func() error, error) {
	if subject != "" {
		return nil, fmt.Errorf("%s takes no subject: it has %.60q", ActionKeepers, subject)
	}
	change, err := record.Decode[KeepersChange](payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	for i, admitted := range change.Admit {
		if err := admissible(ctx.State, admitted, change.Admit[:i]); err != nil {
			return nil, err
		}
	}
	seats, err := reseated(CurrentKeepers(ctx.State), change)
	if err != nil {
		return nil, err
	}
	if err := enoughAct(ctx.State, seats, change); err != nil {
		return nil, err
	}
	return func() error {
		if _, found := NextKeepers(ctx.State); found {
			return ErrUnderWay
		}
		for _, admitted := range change.Admit {
			saveAccount(ctx.State, admitted.Name, RoleMember, admitted.Key, admitted.SealingKey)
			record.Save(ctx.State, MemberKey(admitted.Name), Member{
				Name: admitted.Name, Owner: admitted.Owner, Park: admitted.Park,
				ConsensusKey: admitted.ConsensusKey, Outside: true,
			})
		}
		announce(ctx, seats, change.Threshold, describe(change))
		return nil
	}, nil
}

func describe(change KeepersChange) string {
	text := "refresh"
	if len(change.Leave)+len(change.Admit) > 0 {
		var names []string
		for _, admitted := range change.Admit {
			names = append(names, admitted.Name)
		}
		text = fmt.Sprintf("leave %v, admitted %v", change.Leave, names)
	}
	return text + ", by vote"
}

// reseated gives the seats after a change.
func reseated(current Keepers, change KeepersChange) ([]Seat, error) {
	seats := slices.Clone(current.Seats)
	admit := change.Admit
	var closed []int
	for i, name := range change.Leave {
		at := int(current.IndexOf(name)) - 1
		if at < 0 || slices.Contains(change.Leave[:i], name) {
			return nil, fmt.Errorf("leave: %.60q keeps no shares, or is named twice", name)
		}
		if len(admit) == 0 {
			closed = append(closed, at)
			continue
		}
		seats[at] = Seat{Name: admit[0].Name, Key: admit[0].SealingKey}
		admit = admit[1:]
	}
	for _, admitted := range admit {
		seats = append(seats, Seat{Name: admitted.Name, Key: admitted.SealingKey})
	}
	names := map[string]bool{}
	for _, seat := range seats {
		if names[seat.Name] {
			return nil, fmt.Errorf("admit: %s has a seat", seat.Name)
		}
		names[seat.Name] = true
	}
	slices.Sort(closed)
	for _, at := range slices.Backward(closed) {
		seats = slices.Delete(seats, at, at+1)
	}
	return seats, nil
}

// enoughAct checks the threshold and that rounds can be held after a change.
func enoughAct(state record.State, seats []Seat, change KeepersChange) error {
	n := len(seats)
	if n < 2 || n > genesis.MaxMembers {
		return fmt.Errorf("%d keepers: expected 2 to %d", n, genesis.MaxMembers)
	}
	if change.Threshold < 2 || change.Threshold > n {
		return fmt.Errorf("threshold %d: expected 2 to %d, the number of keepers", change.Threshold, n)
	}
	acting := 0
	for _, seat := range seats {
		member, found := MemberNamed(state, seat.Name)
		admitted := slices.ContainsFunc(change.Admit, func(m NewMember) bool { return m.Name == seat.Name })
		if admitted || found && !member.Removed {
			acting++
		}
	}
	if quorum := genesis.Quorum(n, change.Threshold); acting < quorum {
		return fmt.Errorf("of %d keepers %d can act: rounds need %d", n, acting, quorum)
	}
	return nil
}

// admissible checks a new member's name and keys against everybody there is.
func admissible(state record.State, admitted NewMember, others []NewMember) error {
	document := genesis.Member{
		Name: admitted.Name, Owner: admitted.Owner, Park: admitted.Park,
		Key: admitted.Key, SealingKey: admitted.SealingKey, ConsensusKey: admitted.ConsensusKey,
	}
	if err := document.Validate(); err != nil {
		return fmt.Errorf("admit: %w", err)
	}
	if _, found := record.Load[Park](state, ParkKey(admitted.Park)); admitted.Park != "" && !found {
		return fmt.Errorf("admit %s: its park %.60q is not registered", admitted.Name, admitted.Park)
	}
	var fault error
	record.Each(state, AccountKey(""), func(_ string, account Account) bool {
		member, _ := MemberNamed(state, account.Name)
		switch {
		case account.Name == admitted.Name && !member.Removed:
			fault = fmt.Errorf("admit %s: there is such an account", admitted.Name)
		case account.Name == admitted.Name:
		case bytes.Equal(account.Key, admitted.Key), bytes.Equal(account.SealingKey, admitted.SealingKey):
			fault = fmt.Errorf("admit %s: %s has one of its keys", admitted.Name, account.Name)
		case bytes.Equal(member.ConsensusKey, admitted.ConsensusKey):
			fault = fmt.Errorf("admit %s: %s has its consensus key", admitted.Name, account.Name)
		}
		return fault == nil
	})
	for _, other := range others {
		if other.Name == admitted.Name || bytes.Equal(other.Key, admitted.Key) ||
			bytes.Equal(other.SealingKey, admitted.SealingKey) || bytes.Equal(other.ConsensusKey, admitted.ConsensusKey) {
			fault = fmt.Errorf("admit %s: %s has the same name or key", admitted.Name, other.Name)
		}
	}
	return fault
}

func rotatedKey(member string) string { return "committee/rotated/" + member }

// AnnounceRotation announces the next epoch with another key of one member,
// asked for by itself: all shares are refreshed, so that the old key opens
// nothing any more once the epoch before is closed.
func AnnounceRotation(ctx contract.Context, key []byte) error {
	current := CurrentKeepers(ctx.State)
	index := current.IndexOf(ctx.Sender)
	if index == 0 {
		return fmt.Errorf("%s keeps no shares", ctx.Sender)
	}
	if _, found := NextKeepers(ctx.State); found {
		return ErrUnderWay
	}
	if last, found := record.Load[int64](ctx.State, rotatedKey(ctx.Sender)); found && ctx.Now < last+rotationPause {
		return fmt.Errorf("%s has rotated its key at %d: again from %d on, it is %d", ctx.Sender, last, last+rotationPause, ctx.Now)
	}
	if err := vault.CheckPublicKey(key); err != nil {
		return err
	}
	var fault error
	record.Each(ctx.State, AccountKey(""), func(_ string, account Account) bool {
		if bytes.Equal(account.SealingKey, key) {
			fault = fmt.Errorf("%s has this key already", account.Name)
		}
		return fault == nil
	})
	if fault != nil {
		return fault
	}
	seats := slices.Clone(current.Seats)
	seats[index-1].Key, seats[index-1].KeyVersion = key, seats[index-1].KeyVersion+1
	record.Save(ctx.State, rotatedKey(ctx.Sender), ctx.Now)
	announce(ctx, seats, current.Threshold, ctx.Sender+" rotates its key")
	return nil
}
