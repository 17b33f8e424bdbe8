package committee

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// Keepers is who keeps the shares in one epoch. Epochs follow each other: the
// next one is announced by a vote or by the rotation of a member's key, takes
// over what is sealed (contract vault), and comes into force. The one before
// serves what it has begun and is closed then.
type Keepers struct {
	_         struct{} `cbor:",toarray"`
	Epoch     uint32
	Threshold int
	Seats     []Seat  // the k-th has the x-coordinate k+1
	State     string  // one of the states below
	From      int64   // first height at which series are dealt to them, 0 before
	Holders   []uint8 // seats that hold shares of what was handed over to this epoch
	Cause     string  // what announced it
	Announced int64   // ledger time
}

// Seat is one keeper of an epoch.
type Seat struct {
	_          struct{} `cbor:",toarray"`
	Name       string   // of a member
	Key        []byte   // X-Wing, to which shares are sealed
	KeyVersion uint32   // from 0, rises with each rotation
}

// States of keepers.
const (
	KeepersNext    = "next"     // announced
	KeepersInForce = "in-force" // series are dealt to them
	KeepersPast    = "past"     // serve the rounds and releases that they have begun
	KeepersClosed  = "closed"   // have nothing to do any more, and have erased their shares
	KeepersFailed  = "failed"   // never came into force
)

// KeepersPrefix is the prefix of the keys of all epochs' keepers.
const KeepersPrefix = "committee/keepers/"

// KeepersKey is where the keepers of an epoch stand.
func KeepersKey(epoch uint32) string { return fmt.Sprintf("%s%06d", KeepersPrefix, epoch) }

// NextEpochKey is where the number of the epoch that is announced stands,
// nothing where none is.
const NextEpochKey = "committee/epoch-next"

const (
	lastEpochKey = "committee/epoch-last" // the highest that ever was
	pastPrefix   = "committee/epoch-past/"
)

// IndexOf is the x-coordinate of a member's shares, 0 where it has no seat.
func (k Keepers) IndexOf(name string) uint8 {
	return uint8(slices.IndexFunc(k.Seats, func(seat Seat) bool { return seat.Name == name }) + 1)
}

// Vault is the committee as the vault knows it.
func (k Keepers) Vault(chain string) vault.Committee {
	committee := vault.Committee{Chain: chain, Epoch: k.Epoch, Threshold: k.Threshold}
	for i, seat := range k.Seats {
		committee.Keepers = append(committee.Keepers, vault.Keeper{Index: uint8(i + 1), Key: seat.Key, KeyVersion: seat.KeyVersion})
	}
	return committee
}

// Quorum is how many of them must have acknowledged a round.
func (k Keepers) Quorum() int { return genesis.Quorum(len(k.Seats), k.Threshold) }

// LoadKeepers loads the keepers of an epoch.
func LoadKeepers(state record.State, epoch uint32) (Keepers, bool) {
	return record.Load[Keepers](state, KeepersKey(epoch))
}

// CurrentKeepers are those to whom series are dealt.
func CurrentKeepers(state record.State) Keepers {
	keepers, _ := LoadKeepers(state, LoadParameters(state).Epoch)
	return keepers
}

// NextKeepers are those that are announced, and whether there are any.
func NextKeepers(state record.State) (Keepers, bool) {
	epoch, found := record.Load[uint32](state, NextEpochKey)
	if !found {
		return Keepers{}, false
	}
	return LoadKeepers(state, epoch)
}

// PastEpochs lists the epochs that are over and still serve what they began.
func PastEpochs(state record.State) []uint32 {
	var epochs []uint32
	record.Each(state, pastPrefix, func(_ string, epoch uint32) bool {
		epochs = append(epochs, epoch)
		return true
	})
	return epochs
}

func pastKey(epoch uint32) string { return fmt.Sprintf("%s%06d", pastPrefix, epoch) }

// ActiveSeats are the indices of an epoch's members that may act, ascending.
func ActiveSeats(state record.State, keepers Keepers) []uint8 {
	indices := []uint8{}
	for i, seat := range keepers.Seats {
		if member, found := MemberNamed(state, seat.Name); found && !member.Removed {
			indices = append(indices, uint8(i+1))
		}
	}
	return indices
}

// announce makes keepers the next ones.
func announce(ctx contract.Context, seats []Seat, threshold int, cause string) Keepers {
	last, found := record.Load[uint32](ctx.State, lastEpochKey)
	if !found {
		last = LoadParameters(ctx.State).Epoch
	}
	next := Keepers{
		Epoch: last + 1, Threshold: threshold, Seats: seats, State: KeepersNext,
		Holders: []uint8{}, Cause: cause, Announced: ctx.Now,
	}
	record.Save(ctx.State, KeepersKey(next.Epoch), next)
	record.Save(ctx.State, lastEpochKey, next.Epoch)
	record.Save(ctx.State, NextEpochKey, next.Epoch)
	detail := fmt.Sprintf("epoch %d is announced, %d of %d: %s", next.Epoch, threshold, len(seats), cause)
	if reading := parksReach(ctx.State, next); reading != "" {
		detail += "; " + reading
	}
	alerts.Post(ctx, raisedBy, alerts.Keepers, subjectOf(next.Epoch), detail)
	return next
}

func subjectOf(epoch uint32) string { return fmt.Sprintf("epoch/%d", epoch) }

// parksReach warns, as genesis does, of seats that parks own and that together
// can read every series.
func parksReach(state record.State, keepers Keepers) string {
	var names []string
	for _, seat := range keepers.Seats {
		if member, _ := MemberNamed(state, seat.Name); member.Park != "" {
			names = append(names, seat.Name)
		}
	}
	if len(names) < keepers.Threshold {
		return ""
	}
	return fmt.Sprintf("members owned by parks (%d: %v) reach the threshold %d: together they can read every park's series", len(names), names, keepers.Threshold)
}

// Switch brings the announced keepers into force. holders are those of them
// that hold shares of what was handed over. Members without a seat leave the
// committee, and stay able to serve what their epoch has begun.
func Switch(ctx contract.Context, holders []uint8) {
	next, found := NextKeepers(ctx.State)
	if !found {
		return
	}
	parameters, past := LoadParameters(ctx.State), CurrentKeepers(ctx.State)
	past.State, next.State = KeepersPast, KeepersInForce
	next.From, next.Holders = ctx.Height+1, holders
	record.Save(ctx.State, KeepersKey(past.Epoch), past)
	record.Save(ctx.State, pastKey(past.Epoch), past.Epoch)
	rememberKeys(ctx.State, past)
	record.Save(ctx.State, KeepersKey(next.Epoch), next)
	ctx.State.Delete(NextEpochKey)
	parameters.Epoch, parameters.Threshold = next.Epoch, next.Threshold
	record.Save(ctx.State, ParametersKey, parameters)
	for _, seat := range past.Seats {
		if member, _ := MemberNamed(ctx.State, seat.Name); next.IndexOf(seat.Name) == 0 && !member.Removed {
			member.Outside, member.Absent, member.Missed = true, false, 0
			record.Save(ctx.State, MemberKey(seat.Name), member)
		}
	}
	for i, seat := range next.Seats {
		member, _ := MemberNamed(ctx.State, seat.Name)
		member.Index = uint8(i + 1)
		if !member.Removed {
			member.Outside = false
		}
		record.Save(ctx.State, MemberKey(seat.Name), member)
		account, _ := record.Load[Account](ctx.State, AccountKey(seat.Name))
		account.SealingKey = seat.Key
		record.Save(ctx.State, AccountKey(seat.Name), account)
	}
	alerts.Clear(ctx, raisedBy, alerts.Keepers, subjectOf(next.Epoch))
	alerts.Post(ctx, raisedBy, alerts.Keepers, subjectOf(next.Epoch),
		fmt.Sprintf("epoch %d is in force, %d of %d", next.Epoch, next.Threshold, len(next.Seats)))
}

// GiveUp ends an announced epoch that could not take over: the one in force
// stays.
func GiveUp(ctx contract.Context, why string) {
	next, found := NextKeepers(ctx.State)
	if !found {
		return
	}
	next.State = KeepersFailed
	record.Save(ctx.State, KeepersKey(next.Epoch), next)
	ctx.State.Delete(NextEpochKey)
	dismiss(ctx.State, next)
	alerts.Post(ctx, raisedBy, alerts.HandoverFailed, subjectOf(next.Epoch),
		fmt.Sprintf("epoch %d stays in force: %s", LoadParameters(ctx.State).Epoch, why))
}

// Close ends a past epoch that has nothing left to serve: its members erase
// their shares.
func Close(ctx contract.Context, epoch uint32) {
	keepers, _ := LoadKeepers(ctx.State, epoch)
	keepers.State = KeepersClosed
	record.Save(ctx.State, KeepersKey(epoch), keepers)
	ctx.State.Delete(pastKey(epoch))
	dismiss(ctx.State, keepers)
}

// dismiss removes the members of an epoch that is over who have no seat in any
// other that still counts.
func dismiss(state record.State, over Keepers) {
	counting := counting(state)
	for _, seat := range over.Seats {
		member, _ := MemberNamed(state, seat.Name)
		if _, seated := seatedIn(counting, seat.Name); member.Outside && !seated {
			remove(state, member)
		}
	}
}

// counting are the keepers that serve something, or will: those in force, the
// announced ones and those of past epochs that are not closed.
func counting(state record.State) []Keepers {
	counting := []Keepers{CurrentKeepers(state)}
	if next, found := NextKeepers(state); found {
		counting = append(counting, next)
	}
	for _, epoch := range PastEpochs(state) {
		past, _ := LoadKeepers(state, epoch)
		counting = append(counting, past)
	}
	return counting
}

// seatedIn finds the first of some epochs in which a name has a seat.
func seatedIn(epochs []Keepers, name string) (epoch uint32, seated bool) {
	at := slices.IndexFunc(epochs, func(k Keepers) bool { return k.IndexOf(name) > 0 })
	if at < 0 {
		return 0, false
	}
	return epochs[at].Epoch, true
}
