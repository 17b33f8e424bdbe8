package park

import (
	"context"
	"fmt"
	"reflect"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// seal brings a day's series of a kind onto the ledger, sealed: as a new
// version where the values are not those of the newest version, and again
// where that one has not arrived. values stand in the order of the kind's
// series.
func (n *Node) seal(ctx context.Context, kind string, day tariff.Tariff, values [][]uint64) error {
	arrived, found, err := participant.Load[contract.Sealed](ctx, n.ledger, contract.SealedKey(kind, day.Day, n.name))
	if err != nil {
		return err
	}
	newest, kept, err := n.records.sealed(kind, day.Day, 0)
	if err != nil {
		return err
	}
	if kind == contract.Forecast {
		if values, err = n.padded(ctx, values, newest.Values); err != nil {
			return err
		}
	}
	if kept && found && newest.Version == arrived.Version && reflect.DeepEqual(newest.Values, values) {
		return nil
	}
	set, ready, err := n.channels(ctx, day.Day)
	if err != nil || !ready {
		return err // not ready: the acknowledgement that is missing wakes the node
	}
	counter, err := n.counter(ctx)
	if err != nil {
		return err
	}
	again := kept && reflect.DeepEqual(newest.Values, values) && newest.Version > arrived.Version
	if again {
		if again, err = n.usable(ctx, set, newest, counter); err != nil {
			return err
		}
	}
	if !again {
		newest, err = n.deal(ctx, set, kind, day, max(newest.Version, arrived.Version)+1, counter, values)
		if err != nil {
			return err
		}
	}
	n.logger.Info("sealing", "kind", kind, "date", day.Date, "version", newest.Version)
	return n.ledger.Submit(ctx, "vault/deal", contract.Deal{
		Day: day.Day, Kind: kind, Version: newest.Version, Parts: newest.Parts, Proof: newest.Proof,
	})
}

// counter is the last counter that the ledger has taken from this park.
func (n *Node) counter(ctx context.Context) (uint64, error) {
	last, _, err := participant.Load[uint64](ctx, n.ledger, "vault/counter/"+n.name)
	return last, err
}

// usable says whether the ledger, standing at a counter, can still take what
// was sealed: under the channels that count, its counters are above, and its
// proof holds for what the park has registered now.
func (n *Node) usable(ctx context.Context, set channelSet, s sealedSeries, counter uint64) (bool, error) {
	if s.Channel != set.Number {
		return false, nil
	}
	deals := make([]*sealing.Deal, len(s.Parts))
	for i, part := range s.Parts {
		var err error
		if deals[i], err = sealing.UnmarshalDeal(part); err != nil || deals[i].Header().Counter <= counter {
			return false, nil // sealed by an older program, or overtaken
		}
	}
	claim, err := n.claim(ctx, s.Kind, deals)
	if err != nil {
		return false, err
	}
	return sealing.ClaimedProof{Claim: claim, Proof: s.Proof}.Check() == nil, nil
}

// claim is what the park must prove of its deals.
func (n *Node) claim(ctx context.Context, kind string, deals []*sealing.Deal) (*sealing.Claim, error) {
	registered, err := n.registered(ctx)
	if err != nil {
		return nil, err
	}
	return contract.ClaimOf(kind, deals, registered), nil
}

// deal seals the values as a version, proves that they are within their bounds
// and keeps it with its openings. The proof takes most of the time, up to a
// second; messages of meters do not wait for it, they have a goroutine of their
// own.
func (n *Node) deal(ctx context.Context, set channelSet, kind string, day tariff.Tariff, version uint32, counter uint64, values [][]uint64) (sealedSeries, error) {
	keepers, err := n.keepers(ctx, set.Epoch)
	if err != nil {
		return sealedSeries{}, err
	}
	secret, first, err := n.records.dealer(uint64(len(values)), counter)
	if err != nil {
		return sealedSeries{}, err
	}
	sealed := sealedSeries{Kind: kind, Day: day.Day, Version: version, Channel: set.Number, Values: values}
	var deals []*sealing.Deal
	var openings []*sealing.Opening
	for i, name := range contract.SeriesOf(kind) {
		deal, opening, err := sealing.NewDeal(sealing.Header{
			Chain: n.chain, Epoch: keepers.Epoch, Dealer: n.name,
			Series: contract.SeriesName(kind, name), Version: version, Day: day.Day,
			Periods: len(day.Starts), Threshold: keepers.Threshold, Members: len(keepers.Seats),
			Counter: first + uint64(i),
		}, values[i], set.Keys, secret)
		if err != nil {
			return sealedSeries{}, fmt.Errorf("seal %s of %s: %w", name, day.Date, err)
		}
		if err := sealed.add(deal, opening); err != nil {
			return sealedSeries{}, fmt.Errorf("seal %s of %s: %w", name, day.Date, err)
		}
		deals, openings = append(deals, deal), append(openings, opening)
	}
	claim, err := n.claim(ctx, kind, deals)
	if err != nil {
		return sealedSeries{}, err
	}
	if sealed.Proof, err = claim.Prove(openings); err != nil {
		return sealedSeries{}, fmt.Errorf("prove %s of %s: %w", kind, day.Date, err)
	}
	return sealed, n.records.keepSealed(sealed)
}

// add encodes a deal and its opening.
func (s *sealedSeries) add(deal *sealing.Deal, opening *sealing.Opening) error {
	part, err := deal.MarshalBinary()
	if err != nil {
		return err
	}
	kept, err := opening.MarshalBinary()
	if err != nil {
		return err
	}
	s.Parts, s.Openings = append(s.Parts, part), append(s.Openings, kept)
	return nil
}

// forecastValues are the series of a sealed forecast in the contract's order.
func forecastValues(s series) [][]uint64 {
	return [][]uint64{whole(s.Load), whole(s.PV), whole(s.Wind), whole(s.surplus())}
}

// readingValues are the series of sealed readings in the contract's order.
func readingValues(s series) [][]uint64 {
	return [][]uint64{whole(s.surplus()), whole(s.deficit())}
}

func whole(power []energy.Watt) []uint64 {
	values := make([]uint64, len(power))
	for t, watt := range power {
		values[t] = uint64(watt)
	}
	return values
}

// exceeds names the first period in which the series go beyond what the park
// has registered, "" for none: the ledger's sums trust these bounds.
func exceeds(s series, registered committee.Park) string {
	surplus, deficit := s.surplus(), s.deficit()
	for t := range surplus {
		switch {
		case surplus[t] > registered.SurplusCapacity:
			return fmt.Sprintf("surplus of %d W in period %d: the park has registered %d W", surplus[t], t+1, registered.SurplusCapacity)
		case deficit[t] > registered.DeficitCapacity:
			return fmt.Sprintf("deficit of %d W in period %d: the park has registered %d W", deficit[t], t+1, registered.DeficitCapacity)
		}
	}
	return ""
}
