package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

// A proposal that is not decided within its term is closed, and votes on it are
// refused from then on.
func TestProposalsExpire(t *testing.T) {
	chain := ledgertest.NewChain(t, ledgertest.ReferenceCase(t))
	chain.Interval = 10 * time.Second
	chain.Step()
	member := func(number string) ledgertest.Party { return ledgertest.NewParty("member" + number) }
	body := committee.Propose{Action: committee.ActionRemoveMember, Subject: "member5", Payload: []byte{}}
	if reason := chain.Try(member("1"), "committee/propose", body); reason != "" {
		t.Fatal(reason)
	}
	opened := chain.Now
	state := func() committee.Proposal {
		proposal, _ := record.Load[committee.Proposal](chain.State(), committee.ProposalKey(1))
		return proposal
	}
	chain.RunTo(opened + committee.ProposalTerm - 1200)
	if reason := chain.Try(member("2"), "committee/vote", committee.Vote{Proposal: 1, Approve: true}); reason != "" || state().State != committee.StateOpen {
		t.Fatalf("a vote in time: %q, the proposal is %s", reason, state().State)
	}
	chain.RunTo(opened + committee.ProposalTerm)
	if proposal := state(); proposal.State != committee.StateExpired || proposal.Outcome == "" {
		t.Errorf("the proposal is %s, %q", proposal.State, proposal.Outcome)
	}
	if reason := chain.Try(member("3"), "committee/vote", committee.Vote{Proposal: 1, Approve: true}); !strings.Contains(reason, "expired already") {
		t.Errorf("a vote that comes too late: %q", reason)
	}
}
