package vault

import (
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// SeriesOf lists the series that are sealed for a kind, in the order of a
// deal's parts; nil for an unknown kind.
func SeriesOf(kind string) []string {
	switch kind {
	case Forecast:
		return ForecastSeries
	case Reading:
		return ReadingSeries
	default:
		return nil
	}
}

// DealingTerm is when series of a kind are taken for a day: from open (0: at
// any time) until just before closed, its gate, in ledger time.
func DealingTerm(kind string, day tariff.Tariff, parameters committee.Parameters) (open, closed int64) {
	if kind == Reading {
		return day.End, day.End + parameters.ReadingLag
	}
	return 0, day.Starts[0] - parameters.DailyLead
}

// maxVersion bounds how often a park may seal a day anew.
const maxVersion = 200

// HandleDeal takes a park's sealed series of a day and kind ("vault/deal").
// Cheap checks come first, decoding and proofs last.
func HandleDeal(ctx contract.Context, body Deal) error {
	if ctx.Deals != nil {
		if ctx.Deals[ctx.Sender]++; ctx.Deals[ctx.Sender] > DealsPerBlock {
			return fmt.Errorf("%s has sent %d deals in this block: at most %d", ctx.Sender, ctx.Deals[ctx.Sender], DealsPerBlock)
		}
	}
	admitted, err := admit(ctx, body)
	if err != nil {
		return err
	}
	if err := verify(ctx, body, admitted); err != nil {
		return err
	}
	record.Save(ctx.State, counterKey(ctx.Sender), admitted.counter)
	record.Save(ctx.State, SealedKey(body.Kind, body.Day, ctx.Sender), Sealed{
		Park: ctx.Sender, Day: body.Day, Kind: body.Kind, Version: body.Version,
		Height: ctx.Height, Channel: admitted.channel, Parts: body.Parts, Handed: []Handed{},
	})
	return nil
}

// admission is what the cheap checks of a deal have found.
type admission struct {
	park    committee.Park
	channel uint32 // number of the channels that it is sealed under
	counter uint64 // the highest of its parts
}

// admit checks a deal as far as that costs little: everything but its points
// and proofs.
func admit(ctx contract.Context, body Deal) (admission, error) {
	refuse := func(err error) (admission, error) { return admission{}, err }
	series := SeriesOf(body.Kind)
	if series == nil {
		return refuse(fmt.Errorf("kind of series %q: expected %q or %q", body.Kind, Forecast, Reading))
	}
	if len(body.Parts) != len(series) {
		return refuse(fmt.Errorf("%d sealed series: expected %d, %v", len(body.Parts), len(series), series))
	}
	if err := requireNoHandover(ctx.State); err != nil {
		return refuse(err)
	}
	day, found := tariff.Load(ctx.State, body.Day)
	if !found {
		return refuse(fmt.Errorf("day %d has no tariff yet, so its periods are not known", body.Day))
	}
	if err := checkTerm(ctx, body, day); err != nil {
		return refuse(err)
	}
	if err := checkVersion(ctx, body); err != nil {
		return refuse(err)
	}
	channel, err := usableChannel(ctx, body.Day)
	if err != nil {
		return refuse(err)
	}
	park, found := record.Load[committee.Park](ctx.State, committee.ParkKey(ctx.Sender))
	if !found {
		return refuse(fmt.Errorf("%s has registered no capacities", ctx.Sender))
	}
	counter, err := checkHeaders(ctx, body, len(day.Starts))
	if err != nil {
		return refuse(err)
	}
	if want := proofSize(body.Kind, len(day.Starts)); len(body.Proof) != want {
		return refuse(fmt.Errorf("%s of %s: proof of %d bytes: expected %d", body.Kind, ctx.Sender, len(body.Proof), want))
	}
	return admission{park: park, channel: channel.Number, counter: counter}, nil
}

func checkVersion(ctx contract.Context, body Deal) error {
	if body.Version < 1 || body.Version > maxVersion {
		return fmt.Errorf("version %d of %s's %s: expected 1 to %d, versions count from 1", body.Version, ctx.Sender, body.Kind, maxVersion)
	}
	sealed, found := record.Load[Sealed](ctx.State, SealedKey(body.Kind, body.Day, ctx.Sender))
	if found && body.Version <= sealed.Version {
		return fmt.Errorf("version %d of %s's %s: expected a higher one than %d", body.Version, ctx.Sender, body.Kind, sealed.Version)
	}
	void, found := record.Load[Void](ctx.State, VoidKey(body.Kind, body.Day, ctx.Sender))
	if found && body.Version <= void.Version {
		return fmt.Errorf("version %d of %s's %s: version %d was proven false, expected a higher one", body.Version, ctx.Sender, body.Kind, void.Version)
	}
	return nil
}

func checkTerm(ctx contract.Context, body Deal, day tariff.Tariff) error {
	open, closed := DealingTerm(body.Kind, day, committee.LoadParameters(ctx.State))
	if ctx.Now < open {
		return fmt.Errorf("%s of day %d before its end: taken from %d on, it is %d", body.Kind, body.Day, open, ctx.Now)
	}
	if _, begun := lastRound(ctx.State, body.Kind, body.Day); begun || ctx.Now >= closed {
		return fmt.Errorf("%s of day %d after its gate: taken until %d, it is %d", body.Kind, body.Day, closed, ctx.Now)
	}
	return nil
}

// usableChannel is the sender's channels for a day, once a quorum of members
// has acknowledged them.
func usableChannel(ctx contract.Context, day uint32) (Channel, error) {
	channel, found := ChannelFor(ctx.State, ctx.Sender, day)
	if !found {
		return channel, fmt.Errorf("%s has no channels for day %d to the keepers of epoch %d", ctx.Sender, day, committee.LoadParameters(ctx.State).Epoch)
	}
	if quorum := committee.Quorum(ctx.State); len(channel.Acknowledged) < quorum {
		return channel, fmt.Errorf("channels of %s from day %d: %d members have acknowledged theirs, expected %d",
			ctx.Sender, channel.FirstDay, len(channel.Acknowledged), quorum)
	}
	return channel, nil
}

func counterKey(park string) string { return "vault/counter/" + park }

// checkHeaders checks what every sealed series of a deal says it is, and its
// length, and gives the highest of the dealer's counters.
func checkHeaders(ctx contract.Context, body Deal, periods int) (counter uint64, err error) {
	keepers := committee.VaultCommittee(ctx.State)
	counter, _ = record.Load[uint64](ctx.State, counterKey(ctx.Sender))
	for i, encoded := range body.Parts {
		name := SeriesName(body.Kind, SeriesOf(body.Kind)[i])
		header, err := sealing.PeekDeal(encoded)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		switch {
		case header.Dealer != ctx.Sender:
			return 0, fmt.Errorf("%s: sealed by %q, sent by %q", name, header.Dealer, ctx.Sender)
		case header.Series != name:
			return 0, fmt.Errorf("part %d is the series %q: expected %q", i+1, header.Series, name)
		case header.Day != body.Day || header.Version != body.Version:
			return 0, fmt.Errorf("%s: sealed as version %d of day %d, sent as version %d of day %d", name, header.Version, header.Day, body.Version, body.Day)
		case header.Periods != periods:
			return 0, fmt.Errorf("%s: %d periods: day %d has %d", name, header.Periods, body.Day, periods)
		case header.Counter <= counter:
			return 0, fmt.Errorf("%s: counter %d: expected a higher one than %d", name, header.Counter, counter)
		}
		if err := header.Check(&keepers); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		counter = header.Counter
	}
	return counter, nil
}
