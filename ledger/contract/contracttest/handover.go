package contracttest

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// NewMember makes somebody who can be admitted, with fresh keys.
func (l *Ledger) NewMember(name string) committee.NewMember {
	l.T.Helper()
	private, public, err := sealing.GenerateKey()
	l.Must(err)
	l.member(name).private[string(public)] = private
	key := make([]byte, 32)
	copy(key, name)
	return committee.NewMember{Name: name, Owner: name, Key: key, SealingKey: public, ConsensusKey: append([]byte("consensus"), key[:23]...)}
}

// member is the member of that name, made where there is none yet.
func (l *Ledger) member(name string) *Member {
	if l.everybody[name] == nil {
		l.everybody[name] = newMember(l, name)
	}
	return l.everybody[name]
}

func newMember(l *Ledger, name string) *Member {
	return &Member{
		ledger: l, Name: name, private: map[string][]byte{},
		keys: map[string]*sealing.DayKeys{}, offered: map[uint32][]*sealing.DayKeys{}, handed: map[sealing.DealID]*sealing.Share{},
	}
}

// Keepers are the members with a seat in an epoch, in order.
func (l *Ledger) Keepers(epoch uint32) []*Member {
	keepers, _ := committee.LoadKeepers(l.State, epoch)
	var list []*Member
	for _, seat := range keepers.Seats {
		list = append(list, l.member(seat.Name))
	}
	return list
}

// Propose proposes a change of the keepers in the first member's name and has
// the others vote for it, and gives the proposal as it stands.
func (l *Ledger) Propose(change committee.KeepersChange) (committee.Proposal, error) {
	voters := committee.Members(l.State)
	proposal, err := committee.HandlePropose(l.Context(voters[0].Name), committee.Propose{
		Action: committee.ActionKeepers, Payload: record.Encode(change),
	})
	for _, voter := range voters[1:] {
		if err != nil || proposal.State != committee.StateOpen {
			break
		}
		proposal, err = committee.HandleVote(l.Context(voter.Name), committee.Vote{Proposal: proposal.ID, Approve: true})
	}
	return proposal, err
}

// Announce is Propose of what must be accepted; it gives the next epoch.
func (l *Ledger) Announce(change committee.KeepersChange) uint32 {
	l.T.Helper()
	proposal, err := l.Propose(change)
	l.Must(err)
	if proposal.State != committee.StateAccepted {
		l.T.Fatalf("proposal is %s: %s", proposal.State, proposal.Outcome)
	}
	l.EndBlock()
	next, _ := committee.NextKeepers(l.State)
	return next.Epoch
}

// Handover loads the hand-over to an epoch.
func (l *Ledger) Handover(epoch uint32) vault.Handover {
	l.T.Helper()
	handover, found := vault.LoadHandover(l.State, epoch)
	if !found {
		l.T.Fatalf("no hand-over to epoch %d", epoch)
	}
	return handover
}

// OpenTo has an old member open channels to the keepers of an epoch, which all
// of them but those named accept and acknowledge.
func (m *Member) OpenTo(epoch uint32, but ...string) {
	l := m.ledger
	l.T.Helper()
	m.offered[epoch] = l.openChannels(m.Name, epoch, l.Handover(epoch).Day, 1, func(index uint8, name string) bool {
		for _, deaf := range but {
			if deaf == name {
				return false
			}
		}
		return true
	})
}

// openChannels opens a dealer's channels to an epoch, which those accept that
// accepting names.
func (l *Ledger) openChannels(dealer string, epoch, first uint32, days uint8, accepting func(index uint8, name string) bool) []*sealing.DayKeys {
	l.T.Helper()
	l.channels[dealer]++
	keepers, _ := committee.LoadKeepers(l.State, epoch)
	receiving := keepers.Vault(Chain)
	body := vault.OpenChannel{Number: l.channels[dealer], Epoch: epoch, FirstDay: first, Days: days}
	var kept []*sealing.DayKeys
	var offered []sealing.Channel
	for _, keeper := range receiving.Keepers {
		channel, keys, err := sealing.OfferChannel(receiving.ChannelID(dealer, keeper.Index, first, int(days)), keeper.Key)
		l.Must(err)
		encoded, err := channel.MarshalBinary()
		l.Must(err)
		body.Channels, offered, kept = append(body.Channels, encoded), append(offered, channel), append(kept, keys)
	}
	l.Must(vault.HandleChannel(l.Context(dealer), body))
	for i, seat := range keepers.Seats {
		member := l.member(seat.Name)
		if !accepting(uint8(i+1), seat.Name) {
			continue
		}
		keys, err := sealing.AcceptChannel(receiving.ChannelID(dealer, uint8(i+1), first, int(days)), offered[i], member.private[string(seat.Key)])
		l.Must(err)
		member.keys[channelName(dealer, epoch)] = keys
		l.Must(vault.HandleAcknowledgeChannel(l.Context(member.Name), vault.AcknowledgeChannel{Dealer: dealer, Number: body.Number}))
	}
	return kept
}

func channelName(dealer string, epoch uint32) string { return fmt.Sprintf("%s@%d", dealer, epoch) }

// Prepare has all old members open channels to the next epoch, and ends blocks
// until the set is fixed.
func (l *Ledger) Prepare(epoch uint32) vault.Handover {
	l.T.Helper()
	for _, member := range l.Keepers(l.Handover(epoch).Origin) {
		if known, _ := committee.MemberNamed(l.State, member.Name); !known.Removed {
			member.OpenTo(epoch)
		}
	}
	l.EndBlock()
	return l.Handover(epoch)
}

// Subdeals is what an old member would hand on of an item.
func (m *Member) Subdeals(epoch uint32, item int) vault.HandOn {
	l := m.ledger
	l.T.Helper()
	handover := l.Handover(epoch)
	next, _ := committee.LoadKeepers(l.State, epoch)
	receiving := next.Vault(Chain)
	of := handover.Items[item]
	sealed := l.SealedOf(of.Kind, of.Day, of.Park)
	deals, err := vault.DecodedAt(sealed, handover.Origin)
	l.Must(err)
	handing := vault.HandedItem{Item: uint32(item)}
	for _, series := range vault.SeriesOf(of.Kind) {
		share := m.share(deals[series])
		handed, err := sealing.NewHandover(deals[series], share, &receiving, m.Name, handover.Day, uint64(item+1), m.offered[epoch], []byte("a secret of a member in a test, 32+"))
		l.Must(err)
		encoded, err := handed.MarshalBinary()
		l.Must(err)
		handing.Parts = append(handing.Parts, encoded)
	}
	return vault.HandOn{Epoch: epoch, Items: []vault.HandedItem{handing}}
}

// share is the member's share of a deal, as it was dealt or handed over.
func (m *Member) share(deal *sealing.Deal) *sealing.Share {
	m.ledger.T.Helper()
	if share := m.handed[deal.ID()]; share != nil {
		return share
	}
	header := deal.Header()
	share, err := sealing.OpenShare(deal, m.keys[channelName(header.Dealer, header.Epoch)])
	m.ledger.Must(err)
	return share
}

// HandOn hands on everything.
func (m *Member) HandOn(epoch uint32) {
	m.ledger.T.Helper()
	for item := range m.ledger.Handover(epoch).Items {
		m.ledger.Must(vault.HandleHandOn(m.ledger.Context(m.Name), m.Subdeals(epoch, item)))
	}
}

// Receive checks what was handed on to the member, keeps its shares, and
// acknowledges or refuses.
func (m *Member) Receive(epoch uint32) error {
	l := m.ledger
	l.T.Helper()
	handover := l.Handover(epoch)
	body := vault.AcknowledgeHandover{Epoch: epoch, Set: handover.Set}
	for item, of := range handover.Items {
		sealed := l.SealedOf(of.Kind, of.Day, of.Park)
		var byMember [][][]byte
		for _, from := range handover.From {
			encoded, _ := record.Load[[][]byte](l.State, vault.SubdealKey(epoch, uint32(item), from))
			byMember = append(byMember, encoded)
		}
		handed, err := vault.DecodeSubdeals(byMember, len(sealed.Parts))
		l.Must(err)
		refusals, parts := m.open(epoch, uint32(item), handed)
		if len(refusals) > 0 {
			body.Refusals = refusals[:1]
			return vault.HandleAcknowledgeHandover(l.Context(m.Name), body)
		}
		m.combine(sealed, handover.Origin, handed, parts)
	}
	return vault.HandleAcknowledgeHandover(l.Context(m.Name), body)
}

// open takes the member's part out of each hand-over of an item.
func (m *Member) open(epoch, item uint32, handed [][]*sealing.Handover) (refusals []vault.HandoverRefusal, parts [][]*sealing.Share) {
	l := m.ledger
	l.T.Helper()
	for part := range handed {
		var shares []*sealing.Share
		for _, one := range handed[part] {
			keys := m.keys[channelName(one.Header().Dealer, epoch)]
			share, err := sealing.OpenHandover(one, keys)
			if errors.Is(err, sealing.ErrWrongShare) {
				proof, err := sealing.ProveHandoverRefusal(one, keys)
				l.Must(err)
				encoded, err := proof.MarshalBinary()
				l.Must(err)
				refusals = append(refusals, vault.HandoverRefusal{From: one.From(), Item: item, Part: uint8(part), Proof: encoded})
				continue
			}
			l.Must(err)
			shares = append(shares, share)
		}
		parts = append(parts, shares)
	}
	return refusals, parts
}

func (m *Member) combine(sealed vault.Sealed, origin uint32, handed [][]*sealing.Handover, parts [][]*sealing.Share) {
	l := m.ledger
	l.T.Helper()
	deals, err := vault.HandedOver(sealed, origin, handed)
	l.Must(err)
	old, err := vault.DecodedAt(sealed, origin)
	l.Must(err)
	for part, name := range vault.SeriesOf(sealed.Kind) {
		share, err := sealing.CombineHandovers(old[name], deals[part], handed[part], parts[part])
		l.Must(err)
		m.handed[share.Deal] = share
	}
}

// HandOver carries an announced hand-over out and gives it done. The members
// of the test are those in force then, and the parks have channels to them.
func (l *Ledger) HandOver(epoch uint32) vault.Handover {
	l.T.Helper()
	l.Prepare(epoch)
	return l.FinishHandOver(epoch)
}

// FinishHandOver is HandOver from the moment on at which its set is fixed.
func (l *Ledger) FinishHandOver(epoch uint32) vault.Handover {
	l.T.Helper()
	handover := l.Handover(epoch)
	for _, from := range handover.From {
		l.Keepers(handover.Origin)[from-1].HandOn(epoch)
	}
	l.EndBlock()
	for _, member := range l.Keepers(epoch) {
		l.Must(member.Receive(epoch))
	}
	for l.Handover(epoch).Phase == vault.HandoverReceiving || l.Handover(epoch).Phase == vault.HandoverSwitching {
		l.EndBlock()
	}
	l.Members = l.Keepers(epoch)
	return l.Handover(epoch)
}
