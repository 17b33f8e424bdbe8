package node_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/node"
	"github.com/sesame-energy/sesame/node/nodetest"
)

// Time between blocks of five members over loopback with the default
// timeouts, one block an iteration; the figures of docs/adr/0001.
func BenchmarkBlockIntervalOfFive(b *testing.B) { blockInterval(b, 0) }

// The same with one of the five down: every fifth height takes a second round.
func BenchmarkBlockIntervalOfFiveWithOneDown(b *testing.B) { blockInterval(b, 1) }

func blockInterval(b *testing.B, down int) {
	network := nodetest.New(b, 5)
	for _, m := range network.Members {
		m.Config.Timeouts = node.Timeouts{}
	}
	network.Start(network.Members[down:]...)
	observed := network.Members[down].Running
	network.Reach(5, network.Members[down:]...)
	var intervals []time.Duration
	last := time.Now()
	for b.Loop() {
		_, grown := observed.Newest()
		<-grown
		intervals = append(intervals, time.Since(last))
		last = time.Now()
	}
	intervals = intervals[1:]
	slices.Sort(intervals)
	b.ReportMetric(float64(intervals[len(intervals)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(intervals[len(intervals)*95/100].Milliseconds()), "p95-ms")
	b.ReportMetric(float64(intervals[len(intervals)-1].Milliseconds()), "max-ms")
}
