package committee

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/record"
)

// AbsentAfter is how many blocks in a row a member may miss before an alert
// says that it is absent.
const AbsentAfter = 20

// Power is the voting power of every member in the consensus.
const Power = 10

const raisedBy = "contract/committee"

// Attendance says whether a validator signed the previous block.
type Attendance struct {
	Address []byte // 20 bytes
	Signed  bool
}

// ValidatorUpdate sets a validator's power; 0 removes it.
type ValidatorUpdate struct {
	Key   []byte // Ed25519
	Power int64
}

// Address is what the consensus calls a validator by: the first 20 bytes of
// its key's SHA-256.
func Address(consensusKey []byte) []byte {
	hash := sha256.Sum256(consensusKey)
	return hash[:20]
}

// BeginBlock notes who signed the previous block and removes members that are
// proven to have signed two blocks of one height. Evidence may arrive twice.
func BeginBlock(ctx contract.Context, attendance []Attendance, misbehavior [][]byte) {
	members := Members(ctx.State)
	for _, seen := range attendance {
		if member, found := byAddress(members, seen.Address); found {
			note(ctx, member, seen.Signed)
		}
	}
	for _, address := range misbehavior {
		if member, found := byAddress(Members(ctx.State), address); found {
			punish(ctx, member)
		}
	}
}

// note counts the blocks that a member misses in a row; the alert about its
// absence is raised once and cleared when it signs again.
func note(ctx contract.Context, member Member, signed bool) {
	before := member
	if signed {
		member.Missed = 0
	} else {
		member.Missed++
	}
	switch {
	case !member.Absent && member.Missed >= AbsentAfter:
		member.Absent = true
		alerts.Post(ctx, raisedBy, alerts.MemberAbsent, member.Name,
			fmt.Sprintf("has not signed the last %d blocks", member.Missed))
	case member.Absent && signed:
		member.Absent = false
		alerts.Clear(ctx, raisedBy, alerts.MemberAbsent, member.Name)
	}
	if member.Missed != before.Missed {
		record.Save(ctx.State, MemberKey(member.Name), member)
	}
}

func punish(ctx contract.Context, member Member) {
	if reason := whyStays(ctx.State, member); reason != nil {
		alerts.Post(ctx, raisedBy, alerts.DoubleSigning, member.Name,
			"has signed two blocks of one height and stays a member for now: "+reason.Error())
		return
	}
	if reason := whyAwaited(ctx.State, member); reason != nil {
		withdraw(ctx, member.Name+" has signed two blocks of one height and is removed")
	}
	remove(ctx.State, member)
	alerts.Post(ctx, raisedBy, alerts.DoubleSigning, member.Name,
		"has signed two blocks of one height and is removed")
}

// whyStays says why the ledger could not go on without a member, nil where it
// could: enough must be left, and enough that hold the shares of what was handed
// over.
func whyStays(state record.State, member Member) error {
	if !member.Sits() {
		return nil
	}
	current := CurrentKeepers(state)
	left, quorum := len(Members(state))-1, current.Quorum()
	if left < quorum {
		return fmt.Errorf("without %s %d members would be left: rounds need %d", member.Name, left, quorum)
	}
	index := current.IndexOf(member.Name)
	if !slices.Contains(current.Holders, index) {
		return nil
	}
	if held := actingBeside(state, current, index, current.Holders); held < quorum {
		return fmt.Errorf("without %s %d members would be left that hold the shares handed over to epoch %d: rounds need %d; replace it by vote, or refresh the shares first", member.Name, held, current.Epoch, quorum)
	}
	return nil
}

// whyAwaited says why the announced keepers could not take over without a
// member, nil where they could.
func whyAwaited(state record.State, member Member) error {
	next, found := NextKeepers(state)
	index := next.IndexOf(member.Name)
	if !found || index == 0 {
		return nil
	}
	left := actingBeside(state, next, index, ActiveSeats(state, next))
	if err := carries(left, len(next.Seats), next.Threshold); err != nil {
		return fmt.Errorf("without %s, epoch %d, which is announced: %w; withdraw it first", member.Name, next.Epoch, err)
	}
	return nil
}

// actingBeside counts those of some seats that may act, all but one of them.
func actingBeside(state record.State, keepers Keepers, without uint8, seats []uint8) int {
	acting := 0
	for _, index := range ActiveSeats(state, keepers) {
		if index != without && slices.Contains(seats, index) {
			acting++
		}
	}
	return acting
}

func remove(state record.State, member Member) {
	member.Removed, member.Outside, member.Absent, member.Missed = true, false, false, 0
	record.Save(state, MemberKey(member.Name), member)
}

// EndBlock carries out what has waited for a change of the keepers to be over,
// and tells the engine what has changed among the validators. The
// updates can always be carried out: each key that they remove was there, none
// comes twice, and the quorum that stays is never empty.
func EndBlock(ctx contract.Context) []ValidatorUpdate {
	carryOutWaiting(ctx)
	told, _ := record.Load[Validators](ctx.State, ValidatorsKey)
	var now Validators
	for _, member := range Members(ctx.State) {
		now.Keys = append(now.Keys, member.ConsensusKey)
	}
	var updates []ValidatorUpdate
	for _, key := range told.Keys {
		if !contains(now.Keys, key) {
			updates = append(updates, ValidatorUpdate{Key: key, Power: 0})
		}
	}
	for _, key := range now.Keys {
		if !contains(told.Keys, key) {
			updates = append(updates, ValidatorUpdate{Key: key, Power: Power})
		}
	}
	if len(updates) > 0 {
		record.Save(ctx.State, ValidatorsKey, now)
	}
	return updates
}

func contains(keys [][]byte, key []byte) bool {
	for _, candidate := range keys {
		if bytes.Equal(candidate, key) {
			return true
		}
	}
	return false
}

func byAddress(members []Member, address []byte) (Member, bool) {
	for _, member := range members {
		if bytes.Equal(Address(member.ConsensusKey), address) {
			return member, true
		}
	}
	return Member{}, false
}
