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
	base     time.Time // ledger time of the newest block
	arrived  time.Time // when it arrived here (monotonic)
	shown    time.Time // the latest answer; time never runs back
	changed  chan struct{}
	observed bool
}

// NewClock makes a clock for a chain whose ledger time runs factor times as
// fast as block time, each block's interval capped at limit (0: no cap).
func NewClock(factor int64, limit time.Duration) *Clock {
	return &Clock{factor: factor, limit: limit, changed: make(chan struct{})}
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
		c.mutex.Lock()
		left, changed, known := until.Sub(c.now()), c.changed, c.observed
		c.mutex.Unlock()
		if known && left <= 0 {
			return nil
		}
		pause := time.Hour
		if known {
			pause = min(left/time.Duration(c.factor)+time.Millisecond, pause)
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
