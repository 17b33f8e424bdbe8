package client

import (
	"context"
	"sync"
	"time"
)

// Clock tells ledger time between two blocks: from the newest block observed
// it runs on at the chain's pace. It never looks at the wall clock's date, so
// a role with a wrong date still acts in time. It is safe for concurrent use.
type Clock struct {
	factor int64         // ledger seconds per second
	limit  time.Duration // a block advances the ledger by no more than factor x limit; 0: no limit

	mutex    sync.Mutex
	observed bool
	base     time.Time // ledger time of the newest block
	arrived  time.Time // when it arrived here (monotonic)
	shown    time.Time // the latest answer; time never runs back
	changed  chan struct{}
}

// NewClock makes a clock for a chain whose ledger time runs factor times as
// fast as block time, each block's interval capped at limit (0: no cap).
func NewClock(factor int64, limit time.Duration) *Clock {
	return &Clock{factor: max(factor, 1), limit: limit, changed: make(chan struct{})}
}

// Observe takes note of a block that has just arrived; older ones are ignored.
// While history is replayed the clock follows the blocks.
func (c *Clock) Observe(block Block) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	ledger := time.Unix(block.LedgerTime, 0)
	if c.observed && ledger.Before(c.base) {
		return
	}
	c.base, c.arrived, c.observed = ledger, time.Now(), true
	close(c.changed)
	c.changed = make(chan struct{})
}

// Now is the ledger time at this moment, and false before the first block.
func (c *Clock) Now() (time.Time, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now(), c.observed
}

func (c *Clock) now() time.Time {
	if !c.observed {
		return time.Time{}
	}
	elapsed := time.Since(c.arrived)
	if c.limit > 0 {
		elapsed = min(elapsed, c.limit)
	}
	if now := c.base.Add(elapsed * time.Duration(c.factor)); now.After(c.shown) {
		c.shown = now
	}
	return c.shown
}

// Wait returns when ledger time has reached until, or with ctx's error.
func (c *Clock) Wait(ctx context.Context, until time.Time) error {
	for {
		pause, reached, changed := c.left(until)
		if reached {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		case <-changed:
			timer.Stop()
		}
	}
}

// left is how long to wait for a ledger time, if no block comes before. Past
// the cap the clock stands, and only a block moves it.
func (c *Clock) left(until time.Time) (pause time.Duration, reached bool, changed <-chan struct{}) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	const long = time.Hour
	if !c.observed {
		return long, false, c.changed
	}
	left := until.Sub(c.now())
	if left <= 0 {
		return 0, true, c.changed
	}
	pause = min(left/time.Duration(c.factor)+time.Millisecond, long)
	if c.limit > 0 && time.Since(c.arrived)+pause > c.limit+time.Millisecond {
		pause = long
	}
	return pause, false, c.changed
}
