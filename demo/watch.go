package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/record"
)

// settleTime is how long after the reading gate the demo waits for the last
// bills, in ledger time: a park that is gone never sends one.
const settleTime = 2 * 3_600

// Moment is something to tell the person who watches.
type Moment struct {
	Time time.Time // ledger time
	Done float64   // 0..1 of the whole demo
	Text string    // "" where only time has passed
}

// watcher follows the ledger until the last day is settled.
type watcher struct {
	begin, end int64 // ledger time of the demo's beginning, and of the last reading gate
	last       uint32
	location   *time.Location
	minutes    int
	currency   string
	progress   func(Moment)

	settled  bool
	complete int64             // height at which all was judged, 0 before
	bills    map[string]string // state by key, of the last day
}

// errDone ends the watch.
var errDone = errors.New("all days are settled")

func (w *watcher) watch(ctx context.Context, ledger *client.Client) error {
	w.bills = map[string]string{}
	err := ledger.Follow(ctx, 1, w.block)
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

func (w *watcher) block(block client.Block) error {
	done := float64(block.LedgerTime-w.begin) / float64(w.end-w.begin)
	moment := Moment{Time: time.Unix(block.LedgerTime, 0).In(w.location), Done: min(max(done, 0), 1)}
	w.progress(moment)
	for _, change := range block.Changes {
		text, err := w.change(change)
		if err != nil {
			return err
		}
		if text != "" {
			moment.Text = text
			w.progress(moment)
		}
	}
	if w.complete == 0 && w.judged() {
		w.complete = block.Height
	}
	if w.complete > 0 && block.Height > w.complete+1 || block.LedgerTime > w.end+settleTime {
		return errDone // a state is provable two blocks on
	}
	return nil
}

// judged says whether the last day is settled and all its bills are judged.
func (w *watcher) judged() bool {
	for _, state := range w.bills {
		if state == trade.BillDue || state == trade.BillSubmitted {
			return false
		}
	}
	return w.settled
}

// change puts a changed record in words, where people care.
func (w *watcher) change(change client.Change) (string, error) {
	switch {
	case change.Deleted:
		return "", nil
	case strings.HasPrefix(change.Key, scheduling.Prefix):
		plan, err := record.Decode[scheduling.Plan](change.Value)
		if err != nil {
			return "", fmt.Errorf("ledger: %s: %w", change.Key, err)
		}
		return fmt.Sprintf("plan %d.%d (%s, %s): %.2f %s, %.2f without storage, proven within %.4f", plan.Day, plan.Version, plan.Source, plan.Reason,
			plan.Cost.Currency(w.minutes), w.currency, plan.Baseline.Currency(w.minutes), plan.Gap().Currency(w.minutes)), nil
	case strings.HasPrefix(change.Key, alerts.Prefix):
		alert, err := record.Decode[alerts.Alert](change.Value)
		if err != nil {
			return "", fmt.Errorf("ledger: %s: %w", change.Key, err)
		}
		return fmt.Sprintf("alert: %s, %s: %s", alert.Rule, alert.Subject, alert.Detail), nil
	case strings.HasPrefix(change.Key, "trade/settlement/"):
		settlement, err := record.Decode[trade.Settlement](change.Value)
		if err != nil {
			return "", fmt.Errorf("ledger: %s: %w", change.Key, err)
		}
		w.settled = w.settled || settlement.Day == w.last
		return fmt.Sprintf("day %d settled (%s)", settlement.Day, settlement.Kind), nil
	case strings.HasPrefix(change.Key, trade.BillPrefix(w.last)):
		bill, err := record.Decode[trade.Bill](change.Value)
		if err != nil {
			return "", fmt.Errorf("ledger: %s: %w", change.Key, err)
		}
		w.bills[change.Key] = bill.State
		return fmt.Sprintf("bill of %s: %s", bill.Park, bill.State), nil
	}
	return "", nil
}
