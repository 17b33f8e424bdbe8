package vault

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// A hand-over passes the shares of all live series from the keepers in force to
// those announced, opening nothing. Exactly as many old members as the old
// threshold, fixed on the ledger, each deal their shares on to the new ones;
// everybody checks on the commitments that it is their shares that they deal;
// the new ones check what they got and acknowledge all of it, or refuse with
// the proof. Then the epoch changes, in one block. What the old keepers have
// begun they finish. A refresh and the rotation of a key are hand-overs to the
// same members.

// Phases of a hand-over.
const (
	HandoverPreparing = "preparing" // old members open channels to the new ones; it waits for quiet
	HandoverResharing = "resharing" // the set is fixed; its members hand on their shares
	HandoverReceiving = "receiving" // new members check and acknowledge
	HandoverSwitching = "switching" // the contract computes the new commitments
	HandoverDone      = "done"      // the new keepers are in force
	HandoverFailed    = "failed"    // the old ones stay
)

// Handover is a hand-over as the ledger keeps it.
type Handover struct {
	_            struct{} `cbor:",toarray"`
	Epoch        uint32   // of those who take over
	Origin       uint32   // of those who hand over
	Phase        string
	Announced    int64          // height
	NotBefore    int64          // ledger time before which nothing is handed over: the gate after the announcement
	Began        int64          // height at which the set was fixed or last changed, 0 while preparing
	Deadline     int64          // height at which the phase ends at the latest, 0 while preparing
	Day          uint32         // day of the keys of the channels from old members to new ones
	Set          uint32         // rises with each change of what follows: acknowledgements name it
	Items        []HandoverItem // none once it is done: Switched counts them
	Holding      []uint8        // old members that hold shares of all items
	From         []uint8        // those of them that hand over, as many as their threshold
	Complete     []uint8        // those of From that have handed on everything
	Excluded     []uint8        // old members that were proven false or did not hand on in time
	Late         []uint8        // those of Excluded that did not hand on in time; they may again after a gate
	Slow         []uint8        // old members that were late before a gate: chosen last
	Acknowledged []uint8        // new members that have checked everything
	Unfounded    []uint8        // new members that refused what is right: named, they hold nothing
	Switched     uint32         // how many items have new commitments
	Closed       int64          // height
	Reason       string         // why it failed
}

// HandoverItem is one sealed series that is handed over.
type HandoverItem struct {
	_       struct{} `cbor:",toarray"`
	Kind    string
	Day     uint32
	Park    string
	Version uint32
}

// HandoverPrefix is the prefix of all hand-overs' keys.
const HandoverPrefix = "vault/handover/"

// HandoverKey is where the hand-over to an epoch stands.
func HandoverKey(epoch uint32) string { return fmt.Sprintf("%s%06d", HandoverPrefix, epoch) }

// LoadHandover loads the hand-over to an epoch.
func LoadHandover(state record.State, epoch uint32) (Handover, bool) {
	return record.Load[Handover](state, HandoverKey(epoch))
}

// SubdealKey is where what an old member has handed on of an item stands: one
// encoded hand-over of the vault per part.
func SubdealKey(epoch, item uint32, from uint8) string {
	return fmt.Sprintf("%s%03d", subdealPrefix(epoch, item), from)
}

func subdealPrefix(epoch, item uint32) string {
	return fmt.Sprintf("%s%06d/", subdealsPrefix(epoch), item)
}

func subdealsPrefix(epoch uint32) string { return fmt.Sprintf("%s%06d/", SubdealPrefix, epoch) }

// SubdealPrefix is the prefix of everything that is being handed on.
const SubdealPrefix = "vault/subdeal/"

// Progress is how far an old member has come.
type Progress struct {
	_      struct{} `cbor:",toarray"`
	Next   uint32   // the first item that it has not handed on
	Height int64    // at which something of it was taken last
}

// ProgressKey is where the Progress of an old member stands.
func ProgressKey(epoch uint32, from uint8) string {
	return fmt.Sprintf("%s%03d", progressPrefix(epoch), from)
}

// ProgressPrefix is the prefix of how far all old members have come.
const ProgressPrefix = "vault/handed-on/"

func progressPrefix(epoch uint32) string { return fmt.Sprintf("%s%06d/", ProgressPrefix, epoch) }

// ErrHandoverUnderWay says that no series are taken until a hand-over is over.
var ErrHandoverUnderWay = errors.New("the shares are being handed over: series are taken again when that is over")

func requireNoHandover(state record.State) error {
	next, found := committee.NextKeepers(state)
	if !found {
		return nil
	}
	handover, _ := LoadHandover(state, next.Epoch)
	switch handover.Phase {
	case HandoverResharing, HandoverReceiving, HandoverSwitching:
		return ErrHandoverUnderWay
	}
	return nil
}

// itemOf loads the series of an item, and whether it is still the one that is
// handed over: one that was proven false meanwhile is not.
func itemOf(state record.State, item HandoverItem) (Sealed, bool) {
	sealed, found := record.Load[Sealed](state, SealedKey(item.Kind, item.Day, item.Park))
	return sealed, found && sealed.Version == item.Version
}

// nextItem is the first item from a place on that is still there; the number
// of items where there is none.
func nextItem(state record.State, items []HandoverItem, from uint32) uint32 {
	for int(from) < len(items) {
		if _, found := itemOf(state, items[from]); found {
			return from
		}
		from++
	}
	return from
}

// channelTo is a member's channel to the keepers of an epoch, nil without one.
func channelTo(state record.State, dealer string, epoch uint32) *Channel {
	var last *Channel
	record.Each(state, ChannelPrefix(dealer), func(_ string, channel Channel) bool {
		if channel.Epoch == epoch {
			last = &channel
		}
		return true
	})
	return last
}

// holders are the indices of an epoch's keepers that can hold shares of a
// series: those with a channel that it was dealt under, or who have taken it
// over. None where the epoch has no part in the series.
func holders(state record.State, sealed Sealed, keepers committee.Keepers) []uint8 {
	if sealed.DealtTo() == keepers.Epoch {
		channel, _ := record.Load[Channel](state, ChannelKey(sealed.Park, sealed.Channel))
		return channel.Acknowledged
	}
	if slices.ContainsFunc(sealed.Handed, func(h Handed) bool { return h.Epoch == keepers.Epoch }) {
		return keepers.Holders
	}
	return nil
}

// heldNow is the epoch that opens what is begun now of a series: the one in
// force, where it holds shares, else the last that does and still serves. The
// error says that no hand-over has passed it on.
func heldNow(state record.State, sealed Sealed) (uint32, error) {
	if epoch := committee.LoadParameters(state).Epoch; HeldAt(sealed, epoch) {
		return epoch, nil
	}
	for _, epoch := range slices.Backward(committee.PastEpochs(state)) {
		if HeldAt(sealed, epoch) {
			return epoch, nil
		}
	}
	return 0, fmt.Errorf("%s of %s, day %d, version %d: no keepers hold shares of it any more", sealed.Kind, sealed.Park, sealed.Day, sealed.Version)
}

// origins gives the parts of a series in their order as the keepers hold them
// who hand over.
func origins(sealed Sealed, epoch uint32) ([]*sealing.Deal, error) {
	deals, err := DecodedAt(sealed, epoch)
	if err != nil {
		return nil, err
	}
	var parts []*sealing.Deal
	for _, name := range SeriesOf(sealed.Kind) {
		parts = append(parts, deals[name])
	}
	return parts, nil
}

// HandedOver rebuilds a series as the new keepers have it from what was handed
// on of its parts, parts[k] by the old members in ascending order. The same
// code makes the contract's commitments and a new member's share.
func HandedOver(sealed Sealed, origin uint32, parts [][]*sealing.Handover) ([]*sealing.Deal, error) {
	deals, err := origins(sealed, origin)
	if err != nil {
		return nil, err
	}
	handed := make([]*sealing.Deal, len(deals))
	for k := range deals {
		if handed[k], err = sealing.HandOver(deals[k], parts[k]); err != nil {
			return nil, fmt.Errorf("%s of %s: %s: %w", sealed.Kind, sealed.Park, SeriesOf(sealed.Kind)[k], err)
		}
	}
	return handed, nil
}

// DecodeSubdeals decodes what each old member has handed on of a series: by
// part, in the members' order.
func DecodeSubdeals(byMember [][][]byte, parts int) ([][]*sealing.Handover, error) {
	handovers := make([][]*sealing.Handover, parts)
	for _, encoded := range byMember {
		if len(encoded) != parts {
			return nil, fmt.Errorf("%d parts handed on: expected %d", len(encoded), parts)
		}
		for k := range encoded {
			handover, err := sealing.UnmarshalHandover(encoded[k])
			if err != nil {
				return nil, err
			}
			handovers[k] = append(handovers[k], handover)
		}
	}
	return handovers, nil
}
