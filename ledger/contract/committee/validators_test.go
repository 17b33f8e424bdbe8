package committee_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// founded is a state with a committee of so many members.
func founded(members, threshold int) (record.State, []genesis.Member) {
	document := genesis.Document{ChainID: "chain", Threshold: threshold}
	for i := range members {
		name := fmt.Sprintf("member%d", i+1)
		document.Members = append(document.Members, genesis.Member{Name: name, Index: uint8(i + 1), Key: []byte(name), ConsensusKey: []byte("consensus of " + name)})
	}
	state := record.Memory{}
	committee.InitGenesis(contract.Context{State: state}, document, []byte("hash"))
	return state, document.Members
}

// Whatever is proven and voted, the engine gets updates that it can carry out:
// none twice, only of validators that it has, and always enough stay for a round.
func TestValidatorUpdatesCanAlwaysBeCarriedOut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(r, "members")
		state, members := founded(n, rapid.IntRange(2, n).Draw(r, "threshold"))
		validators := map[string]bool{}
		for _, member := range members {
			validators[string(member.ConsensusKey)] = true
		}
		for height := range rapid.IntRange(1, 12).Draw(r, "blocks") {
			ctx := contract.Context{State: state, Height: int64(height)}
			committee.BeginBlock(ctx, nil, drawAccused(r, members))
			drawVotes(r, ctx, members)
			for _, update := range committee.EndBlock(ctx) {
				if key := string(update.Key); update.Power != 0 || !validators[key] {
					t.Fatalf("update of %q to power %d: validators are %v", key, update.Power, validators)
				}
				delete(validators, string(update.Key))
			}
			if len(validators) < committee.Quorum(state) || len(validators) != len(committee.Members(state)) {
				t.Fatalf("%d validators of %d members: rounds need %d", len(validators), len(committee.Members(state)), committee.Quorum(state))
			}
		}
	})
}

// drawAccused may name a member twice, and somebody unknown.
func drawAccused(r *rapid.T, members []genesis.Member) [][]byte {
	var accused [][]byte
	for range rapid.IntRange(0, 2).Draw(r, "accused") {
		accused = append(accused, committee.Address(rapid.SampledFrom(members).Draw(r, "accused").ConsensusKey))
	}
	return append(accused, make([]byte, 20))
}

// drawVotes has members propose and vote, those that may.
func drawVotes(r *rapid.T, ctx contract.Context, members []genesis.Member) {
	for range rapid.IntRange(0, 6).Draw(r, "votes") {
		ctx.Sender = rapid.SampledFrom(members).Draw(r, "sender").Name
		if _, may := committee.LoadAccount(ctx.State, ctx.Sender); !may {
			continue
		}
		if rapid.IntRange(0, 2).Draw(r, "propose") == 0 {
			_, _ = committee.HandlePropose(ctx, committee.Propose{Action: committee.ActionRemoveMember, Subject: rapid.SampledFrom(members).Draw(r, "subject").Name})
			continue
		}
		_, _ = committee.HandleVote(ctx, committee.Vote{Proposal: rapid.Uint64Range(1, 4).Draw(r, "proposal"), Approve: true})
	}
}

// A member keeps its index for ever, and shares are dealt to those that were removed.
func TestKeepersStayWhenMembersGo(t *testing.T) {
	state, members := founded(5, 3)
	ctx := contract.Context{State: state}
	committee.BeginBlock(ctx, nil, [][]byte{committee.Address(members[1].ConsensusKey)})
	if got := len(committee.Members(state)); got != 4 {
		t.Fatalf("%d members, want 4", got)
	}
	var indices []uint8
	for _, keeper := range committee.VaultCommittee(state).Keepers {
		indices = append(indices, keeper.Index)
	}
	if want := []uint8{1, 2, 3, 4, 5}; !slices.Equal(indices, want) {
		t.Errorf("keepers %v, want %v", indices, want)
	}
	gone, found := committee.MemberNamed(state, members[1].Name)
	if _, may := committee.LoadAccount(state, gone.Name); !found || !gone.Removed || may {
		t.Errorf("member 2: %+v, may act: %t", gone, may)
	}
}

// The parameters of the sharing rule hold for days that begin after the vote.
func TestSharingChangesForLaterDaysOnly(t *testing.T) {
	state, _ := founded(5, 3)
	record.Save(state, committee.SharingKey(1001), committee.Sharing{Reference: 7})
	for at, want := range map[int64]int64{0: 0, 1000: 0, 1001: 7, 5000: 7} {
		if got := committee.LoadSharing(state, at); int64(got.Reference) != want {
			t.Errorf("at %d: reference %d, want %d", at, got.Reference, want)
		}
	}
}
