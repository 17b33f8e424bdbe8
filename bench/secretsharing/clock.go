package main

import (
	"fmt"
	"log"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// measureFor is how long each comparison runs, on the clock.
var measureFor = 3 * time.Second

// bestOf is the least processor time of each of several runs, taken in turn
// for as long as measureFor, in batches that are long against the clock's own
// cost. Processor time leaves out what other programs take.
func bestOf(runs ...func()) []time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const atLeast = 200 * time.Microsecond
	repeats, best := make([]int, len(runs)), make([]time.Duration, len(runs))
	for end := time.Now().Add(measureFor); time.Now().Before(end); {
		for i, run := range runs {
			repeats[i] = max(repeats[i], 1)
			begun := processorTime()
			for range repeats[i] {
				run()
			}
			took := processorTime() - begun
			if one := took / time.Duration(repeats[i]); best[i] == 0 || one < best[i] {
				best[i] = one
			}
			if took < atLeast {
				repeats[i] *= 2
			}
		}
	}
	return best
}

// processorTime is what this thread has used so far.
func processorTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		log.Fatalf("processor time: %v", err)
	}
	return time.Duration(now.Nano())
}

// rounded keeps three digits.
func rounded(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}

func figure(x float64) string {
	switch {
	case x >= 10:
		return fmt.Sprintf("%.0f", x)
	case x >= 0.1:
		return fmt.Sprintf("%.1f", x)
	default:
		return strconv.FormatFloat(x, 'g', 1, 64)
	}
}

func rate(bytes int, d time.Duration) string {
	perSecond := float64(bytes) / max(d, 1).Seconds()
	if perSecond < 1e6 {
		return fmt.Sprintf("%.1f kB", perSecond/1e3)
	}
	return fmt.Sprintf("%.1f MB", perSecond/1e6)
}
