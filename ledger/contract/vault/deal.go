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

// HandleDeal takes a park's sealed series of a day and kind ("vault/deal").
// Cheap checks come first, the group arithmetic last.
func HandleDeal(ctx contract.Context, body Deal) error {
	series := SeriesOf(body.Kind)
	if series == nil {
		return fmt.Errorf("kind of series %q: expected %q or %q", body.Kind, Forecast, Reading)
	}
	if len(body.Parts) != len(series) {
		return fmt.Errorf("%d sealed series: expected %d, %v", len(body.Parts), len(series), series)
	}
	day, found := tariff.Load(ctx.State, body.Day)
	if !found {
		return fmt.Errorf("day %d has no tariff yet, so its periods are not known", body.Day)
	}
	if err := checkTerm(ctx, body, day); err != nil {
		return err
	}
	key := SealedKey(body.Kind, body.Day, ctx.Sender)
	if sealed, found := record.Load[Sealed](ctx.State, key); found && body.Version <= sealed.Version {
		return fmt.Errorf("version %d of %s's %s: expected a higher one than %d", body.Version, ctx.Sender, body.Kind, sealed.Version)
	}
	channel, err := usableChannel(ctx, body.Day)
	if err != nil {
		return err
	}
	if err := checkParts(ctx, body, len(day.Starts)); err != nil {
		return err
	}
	record.Save(ctx.State, key, Sealed{
		Park: ctx.Sender, Day: body.Day, Kind: body.Kind, Version: body.Version,
		Height: ctx.Height, Channel: channel.FirstDay, Parts: body.Parts,
	})
	return nil
}

func checkTerm(ctx contract.Context, body Deal, day tariff.Tariff) error {
	if body.Version < 1 {
		return fmt.Errorf("version 0 of %s's %s: versions count from 1", ctx.Sender, body.Kind)
	}
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
		return channel, fmt.Errorf("%s has no channels for day %d", ctx.Sender, day)
	}
	if quorum := committee.Quorum(ctx.State); len(channel.Acknowledged) < quorum {
		return channel, fmt.Errorf("channels of %s from day %d: %d members have acknowledged theirs, expected %d",
			ctx.Sender, channel.FirstDay, len(channel.Acknowledged), quorum)
	}
	return channel, nil
}

// checkParts checks every sealed series of a deal and counts the dealer's
// counter on.
func checkParts(ctx contract.Context, body Deal, periods int) error {
	keepers := committee.VaultCommittee(ctx.State)
	counterKey := "vault/counter/" + ctx.Sender
	counter, _ := record.Load[uint64](ctx.State, counterKey)
	for i, encoded := range body.Parts {
		name := SeriesName(body.Kind, SeriesOf(body.Kind)[i])
		deal, err := sealing.UnmarshalDeal(encoded)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		header := deal.Header()
		switch {
		case header.Dealer != ctx.Sender:
			return fmt.Errorf("%s: sealed by %q, sent by %q", name, header.Dealer, ctx.Sender)
		case header.Series != name:
			return fmt.Errorf("part %d is the series %q: expected %q", i+1, header.Series, name)
		case header.Day != body.Day || header.Version != body.Version:
			return fmt.Errorf("%s: sealed as version %d of day %d, sent as version %d of day %d", name, header.Version, header.Day, body.Version, body.Day)
		case header.Periods != periods:
			return fmt.Errorf("%s: %d periods: day %d has %d", name, header.Periods, body.Day, periods)
		case header.Counter <= counter:
			return fmt.Errorf("%s: counter %d: expected a higher one than %d", name, header.Counter, counter)
		}
		if err := deal.Check(&keepers); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		counter = header.Counter
	}
	record.Save(ctx.State, counterKey, counter)
	return nil
}
