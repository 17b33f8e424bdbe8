package seats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/participant"
)

// Party is who proposes or votes; *participant.Participant is one.
type Party interface {
	Reader
	Submit(ctx context.Context, kind string, body any) error
}

// Reader reads the ledger; *participant.Observer is one.
type Reader interface {
	participant.Reader
	List(ctx context.Context, prefix string, limit int) ([]feed.Record, error)
}

// Newcomer is the public half of somebody who is to be admitted, as a file.
type Newcomer struct {
	Name         string `json:"name"`
	Owner        string `json:"owner"`
	Park         string `json:"park,omitempty"` // that owns it
	Key          []byte `json:"key"`            // Ed25519
	SealingKey   []byte `json:"sealing_key"`    // X-Wing
	ConsensusKey []byte `json:"consensus_key"`  // Ed25519
}

// NewKeys makes the keys of a member in a folder of its own and gives their
// public halves.
func NewKeys(home, name, owner, park string) (Newcomer, error) {
	created, err := identity.Create(home, name)
	if err != nil {
		return Newcomer{}, err
	}
	consensus, err := member.CreateConsensusKey(home)
	if err != nil {
		return Newcomer{}, err
	}
	public := created.Public()
	return Newcomer{Name: name, Owner: owner, Park: park, Key: public.Key, SealingKey: public.SealingKey, ConsensusKey: consensus}, nil
}

// maxNewcomer bounds a newcomer's file, bytes.
const maxNewcomer = 64 << 10

// ReadNewcomer reads a newcomer's file.
func ReadNewcomer(path string) (Newcomer, error) {
	encoded, err := os.ReadFile(path)
	if err != nil {
		return Newcomer{}, fmt.Errorf("newcomer: %w", err)
	}
	newcomer, err := decodeNewcomer(encoded)
	if err != nil {
		return Newcomer{}, fmt.Errorf("%s: %w", path, err)
	}
	return newcomer, nil
}

func decodeNewcomer(encoded []byte) (Newcomer, error) {
	if len(encoded) > maxNewcomer {
		return Newcomer{}, fmt.Errorf("%d bytes: expected at most %d", len(encoded), maxNewcomer)
	}
	var newcomer Newcomer
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&newcomer); err != nil {
		return Newcomer{}, fmt.Errorf("expected what sesame committee join has printed: %w", err)
	}
	return newcomer, nil
}

// Change says how the keepers are to change; threshold 0 leaves it as it is.
type Change struct {
	Leave     []string
	Admit     []Newcomer
	Threshold int
	Reason    string
}

// Propose proposes a change and gives the proposal as it stands on the ledger,
// proven, with its number.
func Propose(ctx context.Context, party Party, name string, change Change) (committee.Proposal, error) {
	payload := committee.KeepersChange{Leave: change.Leave, Admit: []committee.NewMember{}, Threshold: change.Threshold}
	if payload.Leave == nil {
		payload.Leave = []string{}
	}
	for _, newcomer := range change.Admit {
		payload.Admit = append(payload.Admit, committee.NewMember{
			Name: newcomer.Name, Owner: newcomer.Owner, Park: newcomer.Park,
			Key: newcomer.Key, SealingKey: newcomer.SealingKey, ConsensusKey: newcomer.ConsensusKey,
		})
	}
	if payload.Threshold == 0 {
		parameters, err := parametersOf(ctx, party)
		if err != nil {
			return committee.Proposal{}, err
		}
		payload.Threshold = parameters.Threshold
	}
	return propose(ctx, party, name, committee.Propose{
		Action: committee.ActionKeepers, Payload: record.Encode(payload), Reason: change.Reason,
	})
}

func parametersOf(ctx context.Context, reader Reader) (committee.Parameters, error) {
	parameters, found, err := participant.Load[committee.Parameters](ctx, reader, committee.ParametersKey)
	if err == nil && !found {
		err = errors.New("the ledger has no parameters")
	}
	return parameters, err
}

// Remove proposes to remove a member at once, shares or not.
func Remove(ctx context.Context, party Party, name, removed, reason string) (committee.Proposal, error) {
	return propose(ctx, party, name, committee.Propose{
		Action: committee.ActionRemoveMember, Subject: removed, Payload: []byte{}, Reason: reason,
	})
}

// Withdraw proposes to give up the change of the keepers that is announced.
func Withdraw(ctx context.Context, party Party, name, reason string) (committee.Proposal, error) {
	epoch, announced, err := participant.Load[uint32](ctx, party, committee.NextEpochKey)
	if err != nil {
		return committee.Proposal{}, err
	}
	if !announced {
		return committee.Proposal{}, errors.New("no change of the keepers is announced: there is nothing to withdraw")
	}
	return propose(ctx, party, name, committee.Propose{
		Action: committee.ActionWithdraw, Payload: record.Encode(committee.Withdrawal{Epoch: epoch}), Reason: reason,
	})
}

// Bounds of the wait for a state that proves what a block has taken.
const (
	patience = time.Minute
	pause    = 200 * time.Millisecond
)

// propose sends a proposal and waits until the ledger proves its number: it is
// the newest open one of that sender and content.
func propose(ctx context.Context, party Party, name string, body committee.Propose) (committee.Proposal, error) {
	if err := committee.CheckPayload(body); err != nil {
		return committee.Proposal{}, err
	}
	before, err := proposals(ctx, party)
	if err != nil {
		return committee.Proposal{}, err
	}
	if err := party.Submit(ctx, "committee/propose", body); err != nil {
		return committee.Proposal{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for id := uint64(len(before)) + 1; ; {
		proposal, found, err := participant.Load[committee.Proposal](ctx, party, committee.ProposalKey(id))
		switch {
		case err != nil:
			return proposal, err
		case found && proposal.Proposer == name && proposal.Action == body.Action && bytes.Equal(proposal.Payload, body.Payload):
			return proposal, nil
		case found:
			id++
			continue
		}
		select {
		case <-ctx.Done():
			return proposal, fmt.Errorf("the proposal is in a block, and after %v in no proven state", patience)
		case <-ticker.C:
		}
	}
}

// Vote votes on a proposal.
func Vote(ctx context.Context, party Party, id uint64, approve bool) error {
	return party.Submit(ctx, "committee/vote", committee.Vote{Proposal: id, Approve: approve})
}

// Rotate draws the next sealing key of the member whose home folder it is and
// announces it. Sent again, it announces the same key.
func Rotate(ctx context.Context, party Party, home string) error {
	public, err := identity.SealingKeys{Dir: home}.DrawNext()
	if err != nil {
		return err
	}
	return party.Submit(ctx, "vault/rotate-key", vault.RotateKey{Key: public})
}
