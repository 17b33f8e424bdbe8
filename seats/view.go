package seats

import (
	"context"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
)

// View is who keeps the shares, and how far a change has come.
type View struct {
	Current  committee.Keepers
	Members  map[string]committee.Member // of the seats, by name
	Next     *committee.Keepers          // nil where none are announced
	Handover *vault.Handover             // to the next; of the last that was announced, where none are
	Past     []uint32                    // epochs that still serve what they began
	Open     []committee.Proposal        // that wait for votes
}

// Read reads the view. Who keeps the shares is proven; which proposals and past
// epochs there are is the node's word.
func Read(ctx context.Context, reader Reader) (View, error) {
	view := View{Members: map[string]committee.Member{}}
	parameters, err := parametersOf(ctx, reader)
	if err != nil {
		return view, err
	}
	if view.Current, err = keepers(ctx, reader, parameters.Epoch); err != nil {
		return view, err
	}
	if err := view.readNext(ctx, reader); err != nil {
		return view, err
	}
	for _, seat := range view.seats() {
		if view.Members[seat.Name], _, err = participant.Load[committee.Member](ctx, reader, committee.MemberKey(seat.Name)); err != nil {
			return view, err
		}
	}
	return view, view.readLists(ctx, reader)
}

func keepers(ctx context.Context, reader Reader, epoch uint32) (committee.Keepers, error) {
	read, found, err := participant.Load[committee.Keepers](ctx, reader, committee.KeepersKey(epoch))
	if err == nil && !found {
		err = fmt.Errorf("the ledger has no keepers of epoch %d", epoch)
	}
	return read, err
}

func (v *View) seats() []committee.Seat {
	seats := v.Current.Seats
	if v.Next != nil {
		seats = append(seats[:len(seats):len(seats)], v.Next.Seats...)
	}
	return seats
}

func (v *View) readNext(ctx context.Context, reader Reader) error {
	epoch, announced, err := participant.Load[uint32](ctx, reader, committee.NextEpochKey)
	if err != nil {
		return err
	}
	if announced {
		next, err := keepers(ctx, reader, epoch)
		if err != nil {
			return err
		}
		v.Next = &next
	}
	listed, err := reader.List(ctx, vault.HandoverPrefix, 0)
	if err != nil || len(listed) == 0 {
		return err
	}
	handover, found, err := participant.Load[vault.Handover](ctx, reader, listed[len(listed)-1].Key)
	if found {
		v.Handover = &handover
	}
	return err
}

func (v *View) readLists(ctx context.Context, reader Reader) error {
	listed, err := reader.List(ctx, committee.KeepersPrefix, 0)
	if err != nil {
		return err
	}
	for _, entry := range listed {
		past, err := record.Decode[committee.Keepers](entry.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", entry.Key, err)
		}
		if past.State == committee.KeepersPast {
			v.Past = append(v.Past, past.Epoch)
		}
	}
	all, err := proposals(ctx, reader)
	for _, proposal := range all {
		if proposal.State == committee.StateOpen {
			v.Open = append(v.Open, proposal)
		}
	}
	return err
}

// proposals lists all that ever were.
func proposals(ctx context.Context, reader Reader) ([]committee.Proposal, error) {
	listed, err := reader.List(ctx, committee.ProposalPrefix, 0)
	if err != nil {
		return nil, fmt.Errorf("proposals: %w", err)
	}
	var all []committee.Proposal
	for _, entry := range listed {
		proposal, err := record.Decode[committee.Proposal](entry.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Key, err)
		}
		all = append(all, proposal)
	}
	return all, nil
}
