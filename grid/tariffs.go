package grid

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/energy/days"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/participant"
)

// book is the company's tariff for every day.
type book struct {
	days     *days.Days
	tariff   energy.Tariff
	calendar Calendar
}

// openBook reads the tariff of a case.
func openBook(config Config) (book, error) {
	c, _, err := casefile.Load(config.Case)
	if err != nil {
		return book{}, err
	}
	cut, err := days.Of(c)
	if err != nil {
		return book{}, err
	}
	return book{cut, c.Tariff, config.Calendar}, nil
}

// page is the tariff of one day.
func (b book) page(number uint32) (tariff.Tariff, error) {
	day, err := b.days.Day(number)
	if err != nil {
		return tariff.Tariff{}, err
	}
	t := tariff.Tariff{
		Day: number, Date: day.Date, Kind: tariff.Holiday, End: day.Horizon.End(),
		Buy: days.Pick(b.tariff.Buy, day), Sell: days.Pick(b.tariff.Sell, day),
	}
	if b.calendar.workday(day.Date) {
		t.Kind = tariff.Workday
	}
	for period := range day.Horizon.Periods {
		t.Starts = append(t.Starts, day.Horizon.At(period))
	}
	return t, nil
}

// publish brings the tariffs of the days that begin soon onto the ledger and
// gives the ledger time of the next one.
func (n *Node) publish(ctx context.Context, now time.Time) (due time.Time, err error) {
	for number := n.book.days.Number(now) + 1; ; number++ {
		page, err := n.book.page(number)
		if err != nil {
			return time.Time{}, err
		}
		if due := time.Unix(page.Starts[0], 0).Add(-n.config.ahead()); now.Before(due) {
			return due, nil
		}
		if err := n.publishDay(ctx, page); err != nil {
			return time.Time{}, fmt.Errorf("tariff of %s: %w", page.Date, err)
		}
	}
}

// publishDay publishes a day's tariff, or the change of one whose prices the
// company has changed. A refused change is reported once: prices of periods
// that have begun stay as they are.
func (n *Node) publishDay(ctx context.Context, page tariff.Tariff) error {
	standing, found, err := participant.Load[tariff.Tariff](ctx, n.ledger, tariff.Key(page.Day))
	if err != nil {
		return err
	}
	if found && slices.Equal(standing.Buy, page.Buy) && slices.Equal(standing.Sell, page.Sell) || n.refused[page.Day] {
		return nil
	}
	n.logger.Info("publishing tariff", "date", page.Date, "kind", page.Kind, "change", found)
	err = n.ledger.Submit(ctx, "tariff/publish", page)
	if refused := (*client.Refused)(nil); found && errors.As(err, &refused) {
		n.refused[page.Day] = true
		n.logger.Error("changed tariff was refused", "date", page.Date, "reason", refused.Reason)
		return nil
	}
	return err
}
