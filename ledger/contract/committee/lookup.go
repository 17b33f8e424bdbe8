package committee

import (
	"cmp"
	"slices"

	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// LoadAccount loads the account of that name, and whether it may act: a
// removed member may not.
func LoadAccount(state record.State, name string) (Account, bool) {
	account, found := record.Load[Account](state, AccountKey(name))
	if !found {
		return Account{}, false
	}
	if account.Role == RoleMember {
		member, found := MemberNamed(state, name)
		return account, found && !member.Removed
	}
	return account, true
}

// LoadParameters loads what genesis and votes have fixed.
func LoadParameters(state record.State) Parameters {
	parameters, _ := record.Load[Parameters](state, ParametersKey)
	return parameters
}

// LoadStorage loads the shared battery.
func LoadStorage(state record.State) Storage {
	storage, _ := record.Load[Storage](state, StorageKey)
	return storage
}

// LoadSharing loads the rule's parameters for a day that begins at ledger time
// at. A vote changes them for days that begin after it, never backward.
func LoadSharing(state record.State, at int64) Sharing {
	var inForce Sharing
	record.Each(state, SharingPrefix, func(key string, sharing Sharing) bool {
		if key > SharingKey(at) {
			return false
		}
		inForce = sharing
		return true
	})
	return inForce
}

// MemberNamed loads a member, removed or not.
func MemberNamed(state record.State, name string) (Member, bool) {
	return record.Load[Member](state, MemberKey(name))
}

// MemberByIndex loads the member whose shares have that x-coordinate, removed or not.
func MemberByIndex(state record.State, index uint8) (Member, bool) {
	for _, member := range everMembers(state) {
		if member.Index == index {
			return member, true
		}
	}
	return Member{}, false
}

// Members lists the members that have not been removed, by their indices.
func Members(state record.State) []Member {
	return slices.DeleteFunc(everMembers(state), func(member Member) bool { return member.Removed })
}

// Parks lists the parks by their names.
func Parks(state record.State) []Park {
	var parks []Park
	record.Each(state, ParkPrefix, func(_ string, park Park) bool {
		parks = append(parks, park)
		return true
	})
	return parks
}

// VaultCommittee is who keeps the shares. A removed member stays among the
// keepers, since shares have been dealt to it, but cannot act any more.
func VaultCommittee(state record.State) vault.Committee {
	parameters := LoadParameters(state)
	committee := vault.Committee{Chain: parameters.Chain, Epoch: parameters.Epoch, Threshold: parameters.Threshold}
	for _, member := range everMembers(state) {
		account, _ := record.Load[Account](state, AccountKey(member.Name))
		committee.Keepers = append(committee.Keepers, vault.Keeper{Index: member.Index, Key: account.SealingKey})
	}
	return committee
}

// Quorum is how many keepers must have acknowledged a round.
func Quorum(state record.State) int {
	return genesis.Quorum(len(everMembers(state)), LoadParameters(state).Threshold)
}

// everMembers lists all members that ever were, by their indices.
func everMembers(state record.State) []Member {
	var members []Member
	record.Each(state, MemberPrefix, func(_ string, member Member) bool {
		members = append(members, member)
		return true
	})
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.Index, b.Index) })
	return members
}
