package battery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
)

// period is a period of a day that has a tariff.
type period struct {
	day        uint32
	index      int // 0-based
	start, end int64
}

func (p period) String() string { return fmt.Sprintf("%s, period %d", tariff.Date(p.day), p.index) }

// days is what the gateway knows of the ledger's days, all of it proven. What
// a block changes is forgotten and read again when it is needed; what is read
// from a state before that block, because the newest blocks cannot be proven
// yet, is used but not kept.
type days struct {
	reader   participant.Reader
	location *time.Location
	changed  int64 // height of the last block that changed something
	tariffs  map[uint32]tariff.Tariff
	plans    map[uint32]scheduling.Plan
	signals  map[period]control.Signal
	storage  *committee.Storage
}

func newDays(reader participant.Reader, location *time.Location) *days {
	d := &days{reader: reader, location: location}
	d.forget(0)
	return d
}

// forget drops everything that was read, because the block at a height has
// changed it.
func (d *days) forget(height int64) {
	d.changed = max(d.changed, height)
	d.storage = nil
	d.tariffs, d.plans, d.signals = map[uint32]tariff.Tariff{}, map[uint32]scheduling.Plan{}, map[period]control.Signal{}
}

// read reads the T at key; keep says whether it may be kept until the next
// change.
func read[T any](ctx context.Context, d *days, key string) (value T, found, keep bool, err error) {
	got, err := d.reader.Get(ctx, key)
	if err != nil {
		return value, false, false, fmt.Errorf("ledger: %s: %w", key, err)
	}
	if !got.Found {
		return value, false, false, nil
	}
	if value, err = record.Decode[T](got.Value); err != nil {
		return value, false, false, fmt.Errorf("ledger: %s: %w", key, err)
	}
	return value, true, got.Height >= d.changed, nil
}

// civil is the number of the local date at a Unix second.
func (d *days) civil(second int64) uint32 {
	year, month, day := time.Unix(second, 0).In(d.location).Date()
	return uint32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86_400)
}

// tariff reads a day's tariff; found is false where there is none yet.
func (d *days) tariff(ctx context.Context, day uint32) (tariff.Tariff, bool, error) {
	if known, found := d.tariffs[day]; found {
		return known, true, nil
	}
	found, there, keep, err := read[tariff.Tariff](ctx, d, tariff.Key(day))
	if err != nil || !there {
		return found, false, err
	}
	if len(found.Starts) < 2 {
		return found, false, fmt.Errorf("ledger: tariff of %s has %d periods", tariff.Date(day), len(found.Starts))
	}
	if keep {
		d.tariffs[day] = found
	}
	return found, true, nil
}

// at is the period that holds a Unix second; found is false where no tariff
// covers it.
func (d *days) at(ctx context.Context, second int64) (p period, found bool, err error) {
	day := d.civil(second)
	t, known, err := d.tariff(ctx, day)
	if err != nil || !known {
		return period{}, false, err
	}
	index, within := tariff.Horizon(t).Period(second)
	if !within {
		return period{}, false, nil
	}
	return periodOf(t, index), true, nil
}

func periodOf(t tariff.Tariff, index int) period {
	horizon := tariff.Horizon(t)
	return period{t.Day, index, horizon.At(index), horizon.At(index + 1)}
}

// next is the period after p; found is false where its day has no tariff yet.
func (d *days) next(ctx context.Context, p period) (period, bool, error) {
	t, known, err := d.tariff(ctx, p.day)
	if err != nil || !known {
		return period{}, false, err
	}
	if p.index+1 < len(t.Starts) {
		return periodOf(t, p.index+1), true, nil
	}
	if t, known, err = d.tariff(ctx, p.day+1); err != nil || !known {
		return period{}, false, err
	}
	return periodOf(t, 0), true, nil
}

// plan reads the plan in force of a day.
func (d *days) plan(ctx context.Context, day uint32) (scheduling.Plan, bool, error) {
	if known, found := d.plans[day]; found {
		return known, true, nil
	}
	inForce, there, keep, err := read[scheduling.InForce](ctx, d, scheduling.InForceKey(day))
	if err != nil || !there {
		return scheduling.Plan{}, false, err
	}
	plan, there, _, err := read[scheduling.Plan](ctx, d, scheduling.Key(day, inForce.Version))
	if err != nil || !there {
		return scheduling.Plan{}, false, err
	}
	if len(plan.Charge) != len(plan.Discharge) {
		return scheduling.Plan{}, false, fmt.Errorf("ledger: plan %d of %s charges in %d periods and discharges in %d",
			plan.Version, tariff.Date(day), len(plan.Charge), len(plan.Discharge))
	}
	if keep {
		d.plans[day] = plan
	}
	return plan, true, nil
}

// planned is what the plan in force has for a period, positive to charge; rest
// where there is no plan.
func (d *days) planned(ctx context.Context, p period) (energy.Watt, error) {
	plan, found, err := d.plan(ctx, p.day)
	if err != nil || !found || p.index >= len(plan.Charge) {
		return 0, err
	}
	return plan.Charge[p.index] - plan.Discharge[p.index], nil
}

// signal reads the control signal of a period and checks that it is of it.
func (d *days) signal(ctx context.Context, p period) (control.Signal, bool, error) {
	if known, found := d.signals[p]; found {
		return known, true, nil
	}
	signal, there, keep, err := read[control.Signal](ctx, d, control.SignalKey(p.day, p.index))
	if err != nil || !there {
		return signal, false, err
	}
	if signal.Day != p.day || signal.Period != p.index || signal.Start != p.start || signal.End != p.end {
		return signal, false, fmt.Errorf("ledger: signal of %s is for day %d, period %d from %d to %d: expected from %d to %d",
			p, signal.Day, signal.Period, signal.Start, signal.End, p.start, p.end)
	}
	if keep {
		d.signals[p] = signal
	}
	return signal, true, nil
}

// battery reads the storage as the ledger knows it.
func (d *days) battery(ctx context.Context) (committee.Storage, error) {
	if d.storage != nil {
		return *d.storage, nil
	}
	storage, there, keep, err := read[committee.Storage](ctx, d, committee.StorageKey)
	if err != nil {
		return storage, err
	}
	if !there {
		return storage, errors.New("the ledger has no storage")
	}
	if keep {
		d.storage = &storage
	}
	return storage, nil
}

// relevant reports whether a block has changed what days knows.
func relevant(block client.Block) bool {
	for _, change := range block.Changes {
		for _, prefix := range [...]string{tariff.Prefix, "plan-in-force/", "control/signal/", control.CurrentKey, "committee/"} {
			if len(change.Key) >= len(prefix) && change.Key[:len(prefix)] == prefix {
				return true
			}
		}
	}
	return false
}
