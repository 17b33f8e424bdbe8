package committee

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// rotationPause is how long a member waits before it rotates its key again,
// seconds of ledger time: each rotation has everybody hand on all shares.
const rotationPause = 24 * 3_600

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
	if former, found := formerKey(ctx.State, key); found {
		return fmt.Errorf("%s has had this key before", former)
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

// rotatedBy is the member whose rotation has announced the next keepers, ""
// where a vote has: only a rotation raises the version of a key.
func rotatedBy(current, next Keepers) string {
	for i, seat := range next.Seats {
		if i < len(current.Seats) && current.Seats[i].Name == seat.Name && seat.KeyVersion > current.Seats[i].KeyVersion {
			return seat.Name
		}
	}
	return ""
}

// votedUnderWay says whether keepers are announced that a vote has chosen.
func votedUnderWay(state record.State) bool {
	next, found := NextKeepers(state)
	return found && rotatedBy(CurrentKeepers(state), next) == ""
}

// formerKeyOf is where the name of the member that has had a sealing key stands.
func formerKeyOf(key []byte) string {
	return fmt.Sprintf("committee/former-key/%x", sha256.Sum256(key))
}

// formerKey is the member to which a sealing key belonged in an epoch that was
// in force.
func formerKey(state record.State, key []byte) (member string, found bool) {
	return record.Load[string](state, formerKeyOf(key))
}

// rememberKeys notes the keys of an epoch that is over.
func rememberKeys(state record.State, past Keepers) {
	for _, seat := range past.Seats {
		record.Save(state, formerKeyOf(seat.Key), seat.Name)
	}
}
