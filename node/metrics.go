package node

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sesame-energy/sesame/ledger/feed"
)

// metrics are a node's figures for Prometheus, in a registry of the node's
// own: several nodes run in one process, one after another too.
type metrics struct {
	registry     *prometheus.Registry
	interval     prometheus.Histogram
	transactions *prometheus.CounterVec
	last         atomic.Pointer[time.Time] // arrival of the newest block, or the start
}

func newMetrics(n *Node) *metrics {
	started := time.Now()
	m := &metrics{
		registry: prometheus.NewRegistry(),
		interval: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sesame_block_interval_seconds", Help: "Time between two blocks as they arrive.",
			Buckets: []float64{.1, .2, .3, .4, .5, .75, 1, 2, 5, 10, 30},
		}),
		transactions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sesame_transactions_total", Help: "Transactions in blocks, by outcome.",
		}, []string{"outcome"}),
	}
	m.last.Store(&started)
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	m.registry.MustRegister(m.interval, m.transactions, collectors.NewGoCollector(),
		gauge("sesame_height", "Height of the newest block.", func() float64 {
			newest, _ := n.journal.Newest()
			return float64(newest.Height)
		}),
		gauge("sesame_ledger_time_seconds", "Ledger time of the newest block, Unix seconds.", func() float64 {
			newest, _ := n.journal.Newest()
			return float64(newest.LedgerTime)
		}),
		gauge("sesame_peers", "Nodes this node is connected to.", func() float64 {
			return float64(n.engine.Switch().Peers().Size())
		}),
		gauge("sesame_waiting_transactions", "Transactions that wait for a block.", func() float64 {
			return float64(n.engine.Mempool().Size())
		}),
		gauge("sesame_failed", "1 where the node has failed.", func() float64 {
			if n.Err() != nil {
				return 1
			}
			return 0
		}),
	)
	return m
}

// block counts a block that has just been committed.
func (m *metrics) block(block feed.Block) {
	now := time.Now()
	m.interval.Observe(now.Sub(*m.last.Swap(&now)).Seconds())
	for _, t := range block.Transactions {
		outcome := "accepted"
		if t.Code != 0 {
			outcome = "refused"
		}
		m.transactions.WithLabelValues(outcome).Inc()
	}
}

func (m *metrics) sinceBlock() time.Duration { return time.Since(*m.last.Load()) }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
