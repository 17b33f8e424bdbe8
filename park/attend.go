package park

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
)

// attend goes through the days that have a tariff and does what is missing for
// each. A day that fails keeps no other from being attended to. It gives the
// ledger time at which to look again, the zero time for none.
func (n *Node) attend(ctx context.Context, now time.Time) (due time.Time, err error) {
	first, last := n.dates(now)
	days, err := participant.Tariffs(ctx, n.ledger, first, last)
	if err != nil {
		return time.Time{}, err
	}
	var failures []error
	var open []uint32
	for _, day := range days {
		if n.isDone(day.Day) {
			continue
		}
		if now.Unix() < day.End+n.gates.ReadingLag {
			open = append(open, day.Day)
		}
		moment, err := n.attendDay(ctx, day, now)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", day.Date, err))
		}
		if !moment.IsZero() && (due.IsZero() || moment.Before(due)) {
			due = moment
		}
	}
	if err := n.prepareNext(ctx, open); err != nil {
		failures = append(failures, fmt.Errorf("channels to the next keepers: %w", err))
	}
	return due, errors.Join(failures...)
}

// attendDay does what one day needs now and gives the ledger time at which to
// look again.
func (n *Node) attendDay(ctx context.Context, day tariff.Tariff, now time.Time) (due time.Time, err error) {
	gate := time.Unix(day.Starts[0]-n.gates.DailyLead, 0)
	end := time.Unix(day.End, 0)
	readingGate := end.Add(time.Duration(n.gates.ReadingLag) * time.Second)
	if !now.Before(end.Add(time.Duration(n.gates.Contest) * time.Second)) {
		return time.Time{}, n.close(day)
	}
	var failures []error
	try := func(what string, err error) {
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", what, err))
		}
	}
	if now.Before(gate) {
		try("forecast", n.sealForecast(ctx, day))
	} else if now.Before(readingGate) {
		_, _, err := n.channels(ctx, day.Day) // for the readings: those of the forecast may not do any more
		try("channels", err)
		try("plan", n.attendPlan(ctx, day))
	}
	// The last messages of the day are given a little of the term to arrive.
	term := readingGate.Sub(end)
	switch settled := end.Add(term / 16); {
	case now.Before(settled):
		due = settled
	case now.Before(readingGate):
		try("readings", n.sealReadings(ctx, day))
		try("net values", n.showNet(ctx, day))
		due = now.Add(max(term/16, time.Second)) // a reading may still come or be corrected
	default:
		try("net values", n.showNet(ctx, day))
		try("bill", n.attendBill(ctx, day))
		due = end.Add(time.Duration(n.gates.Contest) * time.Second)
	}
	return due, errors.Join(failures...)
}

// sealForecast brings the newest forecast of a day onto the ledger.
func (n *Node) sealForecast(ctx context.Context, day tariff.Tariff) error {
	forecast, found, err := n.records.forecast(day.Date)
	if err != nil {
		return err
	}
	if !found {
		_, _, err := n.channels(ctx, day.Day) // open them already
		return err
	}
	if len(forecast.Load) != len(day.Starts) {
		return fmt.Errorf("it has %d periods: the tariff has %d", len(forecast.Load), len(day.Starts))
	}
	return n.sealWithin(ctx, contract.Forecast, day, series{forecast.Load, forecast.PV, forecast.Wind}, forecastValues)
}

// sealReadings brings the readings of a day that has ended onto the ledger. A
// day with gaps is not sealed: the park then pays the tariff by the grid
// company's meter.
func (n *Node) sealReadings(ctx context.Context, day tariff.Tariff) error {
	read, err := n.records.readSeries(n.config.meters(), tariff.Horizon(day))
	if err != nil {
		return err
	}
	return n.sealWithin(ctx, contract.Reading, day, read, readingValues)
}

func (n *Node) sealWithin(ctx context.Context, kind string, day tariff.Tariff, s series, values func(series) [][]uint64) error {
	registered, err := n.registered(ctx)
	if err != nil {
		return err
	}
	if reason := exceeds(s, registered); reason != "" {
		return fmt.Errorf("not sealed: %s", reason)
	}
	return n.seal(ctx, kind, day, values(s))
}

// close forgets what could open a day whose contest term has ended.
func (n *Node) close(day tariff.Tariff) error {
	if err := n.records.eraseThrough(day.Day); err != nil {
		return err
	}
	if err := n.records.forgetReadings(time.Unix(day.Starts[0], 0).AddDate(0, 0, -keepReadings)); err != nil {
		return err
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.done[day.Day] = true
	delete(n.plans, day.Day)
	return nil
}

// keepReadings is for how many days readings are kept after their bills are beyond dispute.
const keepReadings = 366

func (n *Node) isDone(day uint32) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.done[day]
}
