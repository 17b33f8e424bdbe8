package peers

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Times are processor time, which does not count what other users of the
// machine take, and the best of many runs.

// stopwatch measures the processor time of this thread.
type stopwatch struct{ start time.Duration }

func startWatch(t testing.TB) stopwatch { return stopwatch{threadTime(t)} }

func (w stopwatch) stop(t testing.TB) time.Duration { return threadTime(t) - w.start }

func threadTime(t testing.TB) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		t.Fatalf("processor time: %v", err)
	}
	return time.Duration(now.Nano())
}

// bestOf is the shortest time of each of several things that are run in turn,
// as often as goes into two seconds, so that all of them see the machine's
// better and worse moments. Short runs are timed in batches, since the clock
// itself takes time.
func bestOf(t testing.TB, runs ...func()) []time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const batchTime = 100 * time.Microsecond
	batch, best := make([]int, len(runs)), make([]time.Duration, len(runs))
	for begin := time.Now(); time.Since(begin) < 2*time.Second; {
		for i, run := range runs {
			batch[i] = max(batch[i], 1)
			watch := startWatch(t)
			for range batch[i] {
				run()
			}
			took := watch.stop(t)
			if each := took / time.Duration(batch[i]); best[i] == 0 || each < best[i] {
				best[i] = each
			}
			if took < batchTime {
				batch[i] *= 2
			}
		}
	}
	return best
}

// rounded keeps three or four digits.
func rounded(d time.Duration) time.Duration {
	unit := time.Duration(10)
	for d/unit >= 10_000 {
		unit *= 10
	}
	return d.Round(unit)
}
