package committee

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Bounds of a proposal.
const (
	maxReason  = 500
	maxPayload = 4_096
	maxOpen    = 16 // open proposals of one member
)

// ProposalTerm is for how long a proposal can be voted on, seconds of ledger time.
const ProposalTerm = 7 * 24 * 3_600

const proposalCountKey = "committee/proposal-count"

// HandlePropose opens a proposal ("committee/propose").
func HandlePropose(ctx contract.Context, body Propose) (Proposal, error) {
	if body.Action == ActionDisclose {
		return Proposal{}, fmt.Errorf("action %s: a disclosure is asked for by vault/disclose", ActionDisclose)
	}
	if err := requireSeat(ctx); err != nil {
		return Proposal{}, err
	}
	return open(ctx, body, []string{ctx.Sender})
}

// ProposeDisclosure opens the vote on a disclosure that an account has asked
// for. A member that asks thereby approves; anybody else has no vote.
func ProposeDisclosure(ctx contract.Context, request, reason string) (Proposal, error) {
	approved := []string{}
	if member, found := MemberNamed(ctx.State, ctx.Sender); found && member.Sits() {
		approved = append(approved, ctx.Sender)
	}
	return open(ctx, Propose{Action: ActionDisclose, Subject: request, Payload: []byte{}, Reason: reason}, approved)
}

// Refuse closes a proposal that was accepted by vote and could not be carried
// out.
func Refuse(ctx contract.Context, proposal Proposal, why error) {
	proposal.State, proposal.Outcome = StateRefused, why.Error()
	record.Save(ctx.State, ProposalKey(proposal.ID), proposal)
}

// open opens a proposal of the sender.
func open(ctx contract.Context, body Propose, approved []string) (Proposal, error) {
	if len(body.Reason) > maxReason || !utf8.ValidString(body.Reason) {
		return Proposal{}, fmt.Errorf("reason of %d bytes: expected UTF-8 of at most %d", len(body.Reason), maxReason)
	}
	if err := CheckPayload(body); err != nil {
		return Proposal{}, err
	}
	if _, err := actionOf(ctx, body.Action, body.Subject, body.Payload); err != nil {
		return Proposal{}, err
	}
	if open := openBy(ctx.State, ctx.Sender); open >= maxOpen {
		return Proposal{}, fmt.Errorf("%s has %d open proposals: at most %d", ctx.Sender, open, maxOpen)
	}
	count, _ := record.Load[uint64](ctx.State, proposalCountKey)
	count++
	record.Save(ctx.State, proposalCountKey, count)
	contract.Wake(ctx.State, contract.Moment{Time: ctx.Now + ProposalTerm, Kind: contract.MomentProposalTerm, Day: uint32(count)})
	return decide(ctx, Proposal{
		ID: count, Proposer: ctx.Sender, Action: body.Action, Subject: body.Subject,
		Payload: body.Payload, Reason: body.Reason, Opened: ctx.Now,
		Approved: approved, State: StateOpen,
	}), nil
}

// CheckPayload checks the size of what a proposal brings along. Of newcomers,
// each of whom brings three keys, it says how many fit.
func CheckPayload(body Propose) error {
	size := len(body.Payload)
	if size <= maxPayload {
		return nil
	}
	change, err := record.Decode[KeepersChange](body.Payload)
	if body.Action != ActionKeepers || err != nil {
		return fmt.Errorf("payload of %d bytes: at most %d", size, maxPayload)
	}
	fit := len(change.Admit)
	for ; fit > 0 && len(record.Encode(change)) > maxPayload; fit-- {
		change.Admit = change.Admit[:fit-1]
	}
	return fmt.Errorf("payload of %d bytes: at most %d, which the first %d of these newcomers fit into; admit the others by a further vote", size, maxPayload, fit)
}

// HandleVote takes a member's vote, once ("committee/vote"), and gives the
// proposal as it stands afterwards.
func HandleVote(ctx contract.Context, body Vote) (Proposal, error) {
	if err := requireSeat(ctx); err != nil {
		return Proposal{}, err
	}
	proposal, found := record.Load[Proposal](ctx.State, ProposalKey(body.Proposal))
	switch {
	case !found:
		return Proposal{}, fmt.Errorf("proposal %d: there is none", body.Proposal)
	case proposal.State != StateOpen:
		return Proposal{}, fmt.Errorf("proposal %d: %s already", body.Proposal, proposal.State)
	case slices.Contains(proposal.Approved, ctx.Sender), slices.Contains(proposal.Rejected, ctx.Sender):
		return Proposal{}, fmt.Errorf("proposal %d: %s has voted", body.Proposal, ctx.Sender)
	}
	if body.Approve {
		proposal.Approved = append(proposal.Approved, ctx.Sender)
	} else {
		proposal.Rejected = append(proposal.Rejected, ctx.Sender)
	}
	return decide(ctx, proposal), nil
}

// requireSeat refuses members that come or go: they have no vote.
func requireSeat(ctx contract.Context) error {
	if member, found := MemberNamed(ctx.State, ctx.Sender); !found || !member.Sits() {
		return fmt.Errorf("%.60q is not of the committee now", ctx.Sender)
	}
	return nil
}

// Expire closes a proposal that is still open at the end of its term and gives
// it as it stands.
func Expire(ctx contract.Context, id uint64) (Proposal, bool) {
	proposal, found := record.Load[Proposal](ctx.State, ProposalKey(id))
	if !found || proposal.State != StateOpen {
		return proposal, false
	}
	proposal.State, proposal.Outcome = StateExpired, "not decided in time"
	ctx.State.Delete(waitingKey(id))
	record.Save(ctx.State, ProposalKey(id), proposal)
	return proposal, true
}

// decide carries a proposal out when more than two thirds of the members
// approve, closes it when they cannot any more, and saves it. A change of the
// keepers waits, open, while another one that was voted for is under way.
func decide(ctx contract.Context, proposal Proposal) Proposal {
	members := Members(ctx.State)
	n, approved, rejected := len(members), among(members, proposal.Approved), among(members, proposal.Rejected)
	switch {
	case 3*approved > 2*n:
		proposal.State = StateAccepted
		carryOut, err := actionOf(ctx, proposal.Action, proposal.Subject, proposal.Payload)
		if err == nil {
			err = carryOut()
		}
		proposal.Outcome = ""
		if errors.Is(err, ErrUnderWay) {
			proposal.State, proposal.Outcome = StateOpen, "waits: "+err.Error()
			record.Save(ctx.State, waitingKey(proposal.ID), proposal.ID)
		} else if err != nil {
			proposal.State, proposal.Outcome = StateRefused, err.Error()
		}
	case 3*(n-rejected) <= 2*n:
		proposal.State = StateRejected
	}
	record.Save(ctx.State, ProposalKey(proposal.ID), proposal)
	return proposal
}

const waitingPrefix = "committee/waiting/"

func waitingKey(id uint64) string { return fmt.Sprintf("%s%08d", waitingPrefix, id) }

// carryOutWaiting decides anew, in the order of their numbers, on the changes
// of the keepers that have waited for one that was under way.
func carryOutWaiting(ctx contract.Context) {
	var waiting []uint64
	record.Each(ctx.State, waitingPrefix, func(_ string, id uint64) bool {
		waiting = append(waiting, id)
		return true
	})
	for _, id := range waiting {
		if votedUnderWay(ctx.State) {
			return
		}
		ctx.State.Delete(waitingKey(id))
		if proposal, _ := record.Load[Proposal](ctx.State, ProposalKey(id)); proposal.State == StateOpen {
			decide(ctx, proposal)
		}
	}
}

// among counts the names that are members now.
func among(members []Member, names []string) int {
	count := 0
	for _, member := range members {
		if slices.Contains(names, member.Name) {
			count++
		}
	}
	return count
}

func openBy(state record.State, proposer string) int {
	open := 0
	record.Each(state, ProposalPrefix, func(_ string, proposal Proposal) bool {
		if proposal.Proposer == proposer && proposal.State == StateOpen {
			open++
		}
		return true
	})
	return open
}

// actionOf checks what an action takes and gives what carries it out, which
// refuses what would break the ledger.
func actionOf(ctx contract.Context, action, subject string, payload []byte) (carryOut func() error, err error) {
	switch action {
	case ActionRemoveMember:
		return removal(ctx, subject, payload)
	case ActionStorage:
		return storageChange(ctx, subject, payload)
	case ActionSharing:
		return sharingChange(ctx, subject, payload)
	case ActionKeepers:
		return keepersChange(ctx, subject, payload)
	case ActionWithdraw:
		return withdrawal(ctx, subject, payload)
	case ActionDisclose:
		return func() error { return nil }, nil // the vault's contract does it
	}
	return nil, fmt.Errorf("action %.60q: expected %s, %s, %s, %s or %s", action, ActionRemoveMember, ActionStorage, ActionSharing, ActionKeepers, ActionWithdraw)
}

func removal(ctx contract.Context, subject string, payload []byte) (func() error, error) {
	member, found := MemberNamed(ctx.State, subject)
	next, _ := NextKeepers(ctx.State)
	if !found || member.Removed || !member.Sits() && next.IndexOf(subject) == 0 {
		return nil, fmt.Errorf("member %.60q: there is none", subject)
	}
	if len(payload) != 0 {
		return nil, fmt.Errorf("%s takes no payload: it has %d bytes", ActionRemoveMember, len(payload))
	}
	return func() error {
		if err := whyStays(ctx.State, member); err != nil {
			return err
		}
		if err := whyAwaited(ctx.State, member); err != nil {
			if votedUnderWay(ctx.State) {
				return err
			}
			withdraw(ctx, "superseded by the removal of "+member.Name)
		}
		remove(ctx.State, member)
		return nil
	}, nil
}

func storageChange(ctx contract.Context, subject string, payload []byte) (func() error, error) {
	if subject != "" {
		return nil, fmt.Errorf("%s takes no subject: it has %.60q", ActionStorage, subject)
	}
	storage, err := record.Decode[Storage](payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if err := storage.document().Validate(); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	before := LoadStorage(ctx.State)
	if storage.Fee != before.Fee || storage.GridTrade != before.GridTrade || storage.EndRule != before.EndRule {
		return nil, fmt.Errorf("payload: fee, grid trade and end rule are terms of running days: a changed capacity leaves them as they are")
	}
	return func() error {
		record.Save(ctx.State, StorageKey, storage)
		return nil
	}, nil
}

func sharingChange(ctx contract.Context, subject string, payload []byte) (func() error, error) {
	if subject != "" {
		return nil, fmt.Errorf("%s takes no subject: it has %.60q", ActionSharing, subject)
	}
	sharing, err := record.Decode[Sharing](payload)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	document := genesis.Sharing{Reference: sharing.Reference, OperatorShare: sharing.OperatorShare}
	if err := document.Validate(); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	return func() error {
		record.Save(ctx.State, SharingKey(ctx.Now+1), sharing)
		return nil
	}, nil
}
