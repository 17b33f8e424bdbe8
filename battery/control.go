package battery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/sunspec"
)

// patience is how many blocks a period may be old before a window that no
// signal has confirmed is withdrawn. A signal is proven after two or three.
const patience = 20

// clockSlack is how far the battery's clock may be from the ledger's, seconds
// of real time.
const clockSlack = 15

// controller keeps the battery's windows as the ledger wants them. Its steps
// run one after the other.
type controller struct {
	device  device
	days    *days
	clock   func() (time.Time, bool)
	fresh   func() error // says what is wrong where blocks have stopped coming
	factor  int64        // ledger seconds in a second
	timeout uint32
	limit   energy.Watt // of the configuration, 0: none
	status  *status

	current   period // that now lies in
	age       int    // blocks of it without a signal
	begun     bool   // windows have been written since the start
	confirmed bool   // the signal of the current period has been written
}

// observe takes note of a block.
func (c *controller) observe(block client.Block) {
	if relevant(block) {
		c.days.forget(block.Height)
	}
	if c.current.end != 0 && block.LedgerTime >= c.current.start {
		c.age++
	}
}

// step brings the battery's windows up to date and sends a heartbeat. An error
// means that something is not as it should be, and that there was no heartbeat:
// if it lasts, the battery rests.
func (c *controller) step(ctx context.Context) error {
	now, known := c.clock()
	if !known {
		return errors.New("no block has been seen yet")
	}
	if err := c.fresh(); err != nil {
		return err
	}
	wanted, confirmed, err := c.wanted(ctx, now.Unix())
	if err != nil {
		return err
	}
	state, err := c.device.State()
	if err != nil {
		return err
	}
	c.status.battery(state)
	if slack := clockSlack * c.factor; max(state.Time-now.Unix(), now.Unix()-state.Time) > slack {
		return fmt.Errorf("the battery's clock shows %d, the ledger's %d: expected at most %d s between them",
			state.Time, now.Unix(), slack)
	}
	if err := c.check(ctx, wanted, state); err != nil {
		return err
	}
	if err := c.device.Beat(c.timeout); err != nil {
		return err
	}
	if c.write(wanted, confirmed, state) == nil {
		return nil
	}
	if state, err = c.device.State(); err != nil { // a window may have ended just now
		return err
	}
	return c.write(wanted, confirmed, state)
}

// write sends the windows where the battery has others, or where a signal has
// arrived since. A window that is over is left out: what is late is lost. One
// that the ledger's clock has left behind and the battery's has not stays to
// its end.
func (c *controller) write(wanted []sunspec.Window, confirmed bool, state sunspec.State) error {
	over := func(window sunspec.Window) bool { return window.End <= state.Time }
	wanted = slices.DeleteFunc(slices.Clone(wanted), over)
	standing := slices.DeleteFunc(slices.Clone(state.Schedule), over)
	ending := slices.DeleteFunc(slices.Clone(standing), func(window sunspec.Window) bool {
		return window.Start > state.Time || len(wanted) == 0 || window.End > wanted[0].Start
	})
	wanted = append(ending, wanted...)
	wanted = wanted[:min(len(wanted), sunspec.MaxWindows)]
	if slices.Equal(wanted, standing) && (c.confirmed || !confirmed) && c.begun {
		return nil
	}
	if err := c.device.Schedule(wanted); err != nil {
		return err
	}
	c.begun, c.confirmed = true, confirmed
	c.status.wrote(wanted, confirmed)
	return nil
}

// wanted is what the ledger wants of the battery from now on: the current
// period by its signal, or by the plan until the signal is proven, and the
// next ones by the plan. confirmed says that the current period has its signal.
func (c *controller) wanted(ctx context.Context, now int64) (windows []sunspec.Window, confirmed bool, err error) {
	at, found, err := c.days.at(ctx, now)
	if err != nil {
		return nil, false, err
	}
	if !found {
		return c.beforeFirst(ctx, now)
	}
	if at != c.current {
		c.current, c.age, c.confirmed = at, 0, false
	}
	signal, confirmed, err := c.days.signal(ctx, at)
	if err != nil {
		return nil, false, err
	}
	power := signal.Power
	if !confirmed {
		if power, err = c.days.planned(ctx, at); err != nil {
			return nil, false, err
		}
		if c.age > patience {
			c.status.complain(fmt.Sprintf("%s: no signal after %d blocks", at, c.age))
			power = 0
		}
	}
	windows = append(windows, sunspec.Window{Start: at.start, End: at.end, Power: power})
	windows, err = c.ahead(ctx, windows, at)
	return windows, confirmed, err
}

// beforeFirst is for a time that no tariff covers: nothing now, but the first
// period of the next day if it is known.
func (c *controller) beforeFirst(ctx context.Context, now int64) ([]sunspec.Window, bool, error) {
	c.current, c.age, c.confirmed = period{}, 0, false
	t, found, err := c.days.tariff(ctx, c.days.civil(now)+1)
	if err != nil || !found {
		return []sunspec.Window{}, false, err
	}
	first := periodOf(t, 0)
	power, err := c.days.planned(ctx, first)
	if err != nil {
		return nil, false, err
	}
	windows, err := c.ahead(ctx, []sunspec.Window{{Start: first.start, End: first.end, Power: power}}, first)
	return windows, false, err
}

// ahead adds the periods after p that the battery has room for.
func (c *controller) ahead(ctx context.Context, windows []sunspec.Window, p period) ([]sunspec.Window, error) {
	for len(windows) < sunspec.MaxWindows {
		next, found, err := c.days.next(ctx, p)
		if err != nil || !found {
			return windows, err
		}
		power, err := c.days.planned(ctx, next)
		if err != nil {
			return nil, err
		}
		windows = append(windows, sunspec.Window{Start: next.start, End: next.end, Power: power})
		p = next
	}
	return windows, nil
}

// check holds the windows against all limits there are. A power above one of
// them is not cut to it: something is wrong, and the battery rests in that
// window.
func (c *controller) check(ctx context.Context, windows []sunspec.Window, state sunspec.State) error {
	storage, err := c.days.battery(ctx)
	if err != nil {
		return err
	}
	limit := min(storage.Power, state.Rated)
	if c.limit > 0 {
		limit = min(limit, c.limit)
	}
	for i, window := range windows {
		if window.Power > limit || window.Power < -limit {
			c.status.complain(fmt.Sprintf("window from %d: power %d W is above the limit of %d W: resting", window.Start, window.Power, limit))
			windows[i].Power = 0
		}
	}
	return nil
}

// rest makes the battery rest at once, for a gateway that stops.
func (c *controller) rest() error {
	if err := c.device.Schedule(nil); err != nil {
		return fmt.Errorf("make the battery rest: %w", err)
	}
	return nil
}
