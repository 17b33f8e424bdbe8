package tariff

import (
	"fmt"
	"slices"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Bounds of a day. A local day begins at most 14 hours before and 12 hours
// after midnight UTC of its date, and lasts 24 hours give or take two.
const (
	secondsOfDay = 86_400
	earliest     = -14 * 3_600
	latest       = 12 * 3_600
	shortest     = 22 * 3_600
	longest      = 26 * 3_600
	furthest     = (lookback - 1) * secondsOfDay // ahead of ledger time, so that today is found from the newest day
)

// lastKey is where the newest day that has a tariff stands (a uint32).
const lastKey = "tariff-last"

// HandlePublish takes a day's tariff ("tariff/publish") and reports whether it
// has replaced another one.
func HandlePublish(ctx contract.Context, body Tariff) (replaced bool, err error) {
	if err := validate(ctx, body); err != nil {
		return false, fmt.Errorf("tariff of %.20q: %w", body.Date, err)
	}
	if before, found := Load(ctx.State, body.Day); found {
		if err := replaces(ctx, before, body); err != nil {
			return false, fmt.Errorf("tariff of %s: %w", body.Date, err)
		}
		record.Save(ctx.State, Key(body.Day), body)
		return true, nil
	}
	if err := follows(ctx, body); err != nil {
		return false, fmt.Errorf("tariff of %s: %w", body.Date, err)
	}
	record.Save(ctx.State, Key(body.Day), body)
	record.Save(ctx.State, lastKey, body.Day)
	wakeAll(ctx, body)
	return false, nil
}

// Date is the civil date of a day, "2024-07-15".
func Date(day uint32) string {
	return time.Unix(int64(day)*secondsOfDay, 0).UTC().Format(time.DateOnly)
}

func validate(ctx contract.Context, t Tariff) error {
	length := int64(committee.LoadParameters(ctx.State).Minutes) * 60
	periods := len(t.Starts)
	switch {
	case t.Date != Date(t.Day):
		return fmt.Errorf("day %d is %s", t.Day, Date(t.Day))
	case t.Kind != Workday && t.Kind != Holiday:
		return fmt.Errorf("kind %.20q: expected %s or %s", t.Kind, Workday, Holiday)
	case periods == 0 || periods > MaxPeriods:
		return fmt.Errorf("%d periods: expected 1 to %d", periods, MaxPeriods)
	case len(t.Buy) != periods || len(t.Sell) != periods:
		return fmt.Errorf("%d starts, %d buying prices, %d selling prices: expected as many of each", periods, len(t.Buy), len(t.Sell))
	}
	for period, start := range t.Starts {
		if period > 0 && start-t.Starts[period-1] != length {
			return fmt.Errorf("period %d starts at %d: expected %d s after the one before", period, start, length)
		}
		if err := validatePrices(t.Buy[period], t.Sell[period]); err != nil {
			return fmt.Errorf("period %d: %w", period, err)
		}
	}
	midnight := int64(t.Day) * secondsOfDay
	switch {
	case t.Starts[0] < midnight+earliest || t.Starts[0] > midnight+latest:
		return fmt.Errorf("starts at %d: no zone has the beginning of %s there", t.Starts[0], t.Date)
	case t.End-t.Starts[periods-1] != length:
		return fmt.Errorf("ends at %d: expected %d s after the last start", t.End, length)
	case t.End-t.Starts[0] < shortest || t.End-t.Starts[0] > longest:
		return fmt.Errorf("lasts %d s: expected %d to %d", t.End-t.Starts[0], shortest, longest)
	}
	return nil
}

func validatePrices(buy, sell energy.Price) error {
	for _, price := range []energy.Price{buy, sell} {
		if price < -genesis.MaxPrice || price > genesis.MaxPrice {
			return fmt.Errorf("price %d: expected %d to %d", price, -genesis.MaxPrice, genesis.MaxPrice)
		}
	}
	if buy < sell {
		return fmt.Errorf("buying price %d below selling price %d", buy, sell)
	}
	return nil
}

// follows checks that a new day comes after all others, without a gap where
// the day before has a tariff, and before it begins.
func follows(ctx contract.Context, t Tariff) error {
	switch {
	case t.Starts[0] <= ctx.Now:
		return fmt.Errorf("the day has begun at %d and it is %d: expected before", t.Starts[0], ctx.Now)
	case t.Starts[0]-ctx.Now > furthest:
		return fmt.Errorf("begins %d s ahead: at most %d", t.Starts[0]-ctx.Now, furthest)
	}
	last, found := record.Load[uint32](ctx.State, lastKey)
	if !found {
		return nil
	}
	before, _ := Load(ctx.State, last)
	switch {
	case t.Day <= last:
		return fmt.Errorf("day %d: expected after %d, the newest with a tariff", t.Day, last)
	case t.Day == last+1 && t.Starts[0] != before.End, t.Starts[0] < before.End:
		return fmt.Errorf("starts at %d: the day before ends at %d", t.Starts[0], before.End)
	}
	return nil
}

// replaces checks that a day keeps its periods and what has begun its prices.
func replaces(ctx contract.Context, before, t Tariff) error {
	if t.Kind != before.Kind || t.End != before.End || !slices.Equal(t.Starts, before.Starts) {
		return fmt.Errorf("a published day keeps its kind and periods: only prices change")
	}
	changed := false
	for period, start := range t.Starts {
		same := t.Buy[period] == before.Buy[period] && t.Sell[period] == before.Sell[period]
		if !same && start <= ctx.Now {
			return fmt.Errorf("period %d has begun: its prices stay %d and %d", period, before.Buy[period], before.Sell[period])
		}
		changed = changed || !same
	}
	if !changed {
		return fmt.Errorf("is published already")
	}
	return nil
}
