package committee

import (
	"cmp"
	"slices"

	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/vault"
)

// LoadAccount loads the account of that name, and whether it may act: a
// removed member may not, one that comes or goes may for its epochs.
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

// Members lists the members of the committee, by their indices.
func Members(state record.State) []Member {
	var members []Member
	record.Each(state, MemberPrefix, func(_ string, member Member) bool {
		if member.Sits() {
			members = append(members, member)
		}
		return true
	})
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.Index, b.Index) })
	return members
}

// Sits says whether the member is one of the committee now.
func (m Member) Sits() bool { return !m.Removed && !m.Outside }

// Parks lists the parks by their names.
func Parks(state record.State) []Park {
	var parks []Park
	record.Each(state, ParkPrefix, func(_ string, park Park) bool {
		parks = append(parks, park)
		return true
	})
	return parks
}

// VaultCommittee is who keeps the shares in the epoch in force. A removed
// member stays among the keepers of its epoch, since shares have been dealt to
// it, but cannot act any more.
func VaultCommittee(state record.State) vault.Committee {
	return CurrentKeepers(state).Vault(LoadParameters(state).Chain)
}

// Quorum is how many keepers of the epoch in force must have acknowledged a round.
func Quorum(state record.State) int { return CurrentKeepers(state).Quorum() }
