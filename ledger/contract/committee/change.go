package committee

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// ErrUnderWay says that an epoch is announced already: one at a time.
var ErrUnderWay = errors.New("a change of the share keepers is under way")

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
		if votedUnderWay(ctx.State) {
			return ErrUnderWay
		}
		withdraw(ctx, "superseded by a vote")
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
	return carries(acting, n, change.Threshold)
}

// carries says why a number of acting keepers is too few for n seats: rounds
// need the quorum, and blocks more than two thirds, which is more than the
// quorum where the threshold is low.
func carries(acting, n, threshold int) error {
	if quorum := genesis.Quorum(n, threshold); acting < quorum {
		return fmt.Errorf("of %d keepers %d can act: rounds need %d", n, acting, quorum)
	}
	if 3*acting <= 2*n {
		return fmt.Errorf("of %d keepers %d can act: blocks need more than two thirds, %d", n, acting, 2*n/3+1)
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
	if epoch, seated := seatedIn(counting(state), admitted.Name); seated {
		if member, _ := MemberNamed(state, admitted.Name); member.Removed {
			return fmt.Errorf("admit %s: it was removed and still has a seat in epoch %d: again when that is over, or under another name", admitted.Name, epoch)
		}
	}
	account, _ := record.Load[Account](state, AccountKey(admitted.Name))
	if former, found := formerKey(state, admitted.SealingKey); found && (former != admitted.Name || !bytes.Equal(account.SealingKey, admitted.SealingKey)) {
		return fmt.Errorf("admit %s: %s has had its sealing key", admitted.Name, former)
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
