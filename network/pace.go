package network

import (
	"time"

	"github.com/sesame-energy/sesame/node"
)

const (
	// stride is how far a block moves ledger time at most where that runs
	// faster than the world's: ten blocks fit into the shortest term between two
	// gates, an hour, however slow the machine is or however long it has paused.
	stride = 6 * time.Minute
	// longest is the cap where ledger time is hardly faster.
	longest = 10 * time.Second
	// usual is the interval between blocks at the usual pace, with a margin.
	usual = 500 * time.Millisecond
)

// pace is the cap of the block interval for a factor of the clock, and the
// pace of the consensus that keeps blocks within it.
func pace(factor int64) (limit time.Duration, timeouts node.Timeouts) {
	if factor <= 1 {
		return 0, node.Timeouts{} // the world's time, whatever happens
	}
	limit = min(longest, stride/time.Duration(factor)).Truncate(time.Millisecond)
	if limit < usual {
		timeouts.Commit = 100 * time.Millisecond
	}
	return limit, timeouts
}
