package monitor

import (
	"testing"
	"time"

	"github.com/sesame-energy/sesame/monitor/fixture"
)

// release makes a block final every second until none is left.
func release(t *testing.T, feed *fixture.Feed) {
	t.Helper()
	for range time.Tick(time.Second) {
		if feed.Release(1) == 0 {
			select {}
		}
	}
}
