package battery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/sunspec"
)

// The gateway waits for a battery that does not answer for a part of a period
// after its end, and so many blocks (one block may be as long as a period),
// before it reports the period as unavailable.
const (
	waitPart   = 4
	waitBlocks = 5
)

// unreachable is the alarm of a period of which the battery tells nothing.
const unreachable = "the gateway cannot reach the battery"

// ledger is what the gateway asks of the ledger; *participant.Participant is one.
type ledger interface {
	Get(ctx context.Context, key string) (client.Record, error)
	Submit(ctx context.Context, kind string, body any) error
}

// reporter puts on the ledger what the battery did in each period, in order
// and once. Its steps run one after the other.
type reporter struct {
	ledger ledger
	device device
	days   *days
	store  *store
	status *status
	logger *slog.Logger

	now     int64  // ledger time of the newest block, Unix seconds
	waiting period // that the battery has not told of yet
	blocks  int    // since it should have
}

// observe takes note of a block. Between blocks time stands still here: the
// ledger takes an outcome in blocks after the period's end.
func (r *reporter) observe(block client.Block) {
	r.now = max(r.now, block.LedgerTime)
	r.blocks++
	if relevant(block) {
		r.days.forget(block.Height)
	}
}

// step reports all periods that are over, as far as the battery has answered.
func (r *reporter) step(ctx context.Context) error {
	for {
		due, found, err := r.due(ctx)
		if err != nil || !found {
			return err
		}
		outcome, found, err := r.outcome(ctx, due)
		if err != nil || !found {
			return err
		}
		if err := r.submit(ctx, due, outcome); err != nil {
			return err
		}
	}
}

// due is the next period to be reported, and whether it is over.
func (r *reporter) due(ctx context.Context) (period, bool, error) {
	next, found, err := r.next(ctx)
	if err != nil || !found {
		return period{}, false, err
	}
	return next, next.end <= r.now, nil
}

// next is the period after the last one reported. Without one, in a new home
// folder, it is the first since yesterday that is not on the ledger.
func (r *reporter) next(ctx context.Context) (period, bool, error) {
	last, found, err := r.store.last()
	if err != nil {
		return period{}, false, err
	}
	if found {
		return r.following(ctx, last)
	}
	today := r.days.civil(r.now)
	for day := today - 1; day <= today; day++ {
		t, known, err := r.days.tariff(ctx, day)
		if err != nil {
			return period{}, false, err
		}
		for index := range t.Starts {
			p := periodOf(t, index)
			reported, err := r.reported(ctx, p)
			if err != nil {
				return period{}, false, err
			}
			if known && !reported && p.end > r.now-int64(sunspec.LogSlots-8)*sunspec.IntervalSeconds {
				return p, true, nil
			}
		}
	}
	return period{}, false, nil
}

// following is the period after one that was reported; days without a tariff
// are passed over.
func (r *reporter) following(ctx context.Context, last key) (period, bool, error) {
	t, found, err := r.days.tariff(ctx, last.day)
	if err != nil {
		return period{}, false, err
	}
	if found && last.index+1 < len(t.Starts) {
		return periodOf(t, last.index+1), true, nil
	}
	for day := last.day + 1; day <= r.days.civil(r.now); day++ {
		t, found, err := r.days.tariff(ctx, day)
		if err != nil {
			return period{}, false, err
		}
		if found {
			return periodOf(t, 0), true, nil
		}
	}
	return period{}, false, nil
}

func (r *reporter) reported(ctx context.Context, p period) (bool, error) {
	_, found, _, err := read[control.Outcome](ctx, r.days, control.OutcomeKey(p.day, p.index))
	return found, err
}

// outcome is what the battery did in a period that is over; found is false
// while it is worth waiting for its answer.
func (r *reporter) outcome(ctx context.Context, p period) (outcome control.Outcome, found bool, err error) {
	if prepared, found, err := r.store.prepared(p); err != nil || found {
		return prepared, found, err
	}
	if p != r.waiting {
		r.waiting, r.blocks = p, 0
	}
	intervals, err := r.device.Intervals(p.start, int((p.end-p.start)/sunspec.IntervalSeconds))
	if err == nil {
		err = complete(p, intervals)
	}
	switch {
	case err == nil:
		outcome = metered(p, intervals)
	case r.now >= p.end+(p.end-p.start)/waitPart && r.blocks >= waitBlocks:
		if outcome, err = r.unavailable(ctx, p, err); err != nil {
			return outcome, false, err
		}
	case errors.Is(err, errNotLogged) || errors.Is(err, errWaiting):
		return outcome, false, nil // the battery's clock is a moment behind, or its connection pauses
	default:
		return outcome, false, fmt.Errorf("%s: read the battery's log: %w", p, err)
	}
	return outcome, true, r.store.prepare(p, outcome)
}

// errNotLogged says that the battery has not logged all of a period.
var errNotLogged = errors.New("not in the battery's log")

// complete checks that the battery has logged all of a period.
func complete(p period, intervals []sunspec.Interval) error {
	for i, interval := range intervals {
		if expected := p.start + int64(i)*sunspec.IntervalSeconds; interval.Start != expected {
			return fmt.Errorf("quarter hour from %d: %w, there is one from %d in its place", expected, errNotLogged, interval.Start)
		}
	}
	if len(intervals) == 0 {
		return fmt.Errorf("a period of %d s: expected whole quarter hours", p.end-p.start)
	}
	return nil
}

// metered sums up logged quarter hours: mean power, net of what went the other
// way, and the energy at the end.
func metered(p period, intervals []sunspec.Interval) control.Outcome {
	var net int64 // Ws
	var alarms sunspec.Alarms
	covered := int64(0)
	for _, interval := range intervals {
		net += int64(interval.Charged) - int64(interval.Discharged)
		alarms |= interval.Alarms
		covered += int64(interval.Covered)
	}
	length := p.end - p.start
	outcome := control.Outcome{
		Day: p.day, Period: p.index, Energy: intervals[len(intervals)-1].Stored,
		Available: covered == length && alarms&(sunspec.AlarmNoHeartbeat|sunspec.AlarmDerated) == 0,
		Alarm:     alarms.String(),
	}
	if mean := energy.Watt((max(net, -net) + length/2) / length); net >= 0 {
		outcome.Charged = mean
	} else {
		outcome.Discharged = mean
	}
	return outcome
}

// unavailable is the outcome of a period of which the battery tells nothing:
// no power, and the energy that was known last.
func (r *reporter) unavailable(ctx context.Context, p period, why error) (control.Outcome, error) {
	r.logger.Warn("the battery tells nothing of a period", "period", p.String(), "error", why)
	storage, err := r.days.battery(ctx)
	if err != nil {
		return control.Outcome{}, err
	}
	stored := storage.Start
	measured, found, _, err := read[control.Measured](ctx, r.days, control.MeasuredKey)
	if err != nil {
		return control.Outcome{}, err
	}
	if found {
		stored = measured.Energy
	}
	return control.Outcome{
		Day: p.day, Period: p.index, Energy: stored, Alarm: unreachable,
	}, nil
}

// submit puts an outcome on the ledger, unless it is there, and notes that the
// period is done. What a block has refused is noted, too: the next would refuse
// it again.
func (r *reporter) submit(ctx context.Context, p period, outcome control.Outcome) error {
	there, err := r.reported(ctx, p)
	if err != nil {
		return err
	}
	reason := ""
	if !there {
		err := r.ledger.Submit(ctx, "control/outcome", outcome)
		if refused := (*client.Refused)(nil); errors.As(err, &refused) && refused.Height > 0 {
			reason = refused.Reason
			r.logger.Error("the ledger does not take an outcome", "period", p.String(), "reason", reason)
		} else if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	if err := r.store.done(p, reason); err != nil {
		return err
	}
	r.status.reported(outcome, reason)
	r.logger.Debug("outcome reported", "period", p.String(), "charged_w", outcome.Charged,
		"discharged_w", outcome.Discharged, "energy_wh", outcome.Energy, "alarm", outcome.Alarm)
	return nil
}
