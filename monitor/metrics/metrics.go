// Package metrics tells Prometheus what the monitor sees: the height, the
// committee's health, alerts, the plan in force and the battery. It reads the
// index when it is asked, and keeps nothing.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sesame-energy/sesame/monitor/view"
)

const collectWithin = 5 * time.Second

var (
	height      = describe("height", "Height of the newest indexed block.")
	ledgerTime  = describe("ledger_time_seconds", "Ledger time of the newest block, Unix seconds.")
	blockTime   = describe("block_time_seconds", "Block time of the newest block, Unix seconds.")
	missed      = describe("member_missed_blocks", "Blocks in a row without the member's signature.", "member")
	absent      = describe("member_absent", "1 where an alert about the member's absence stands.", "member")
	alerts      = describe("alerts", "Alerts on the ledger.")
	openAlerts  = describe("alerts_open", "Alerts that nobody has acknowledged.")
	planVersion = describe("plan_version", "Version of today's plan in force.")
	planCost    = describe("plan_cost", "Cost of today's plan in force, currency.")
	planSaving  = describe("plan_saving", "What today's plan in force saves, currency.")
	planGap     = describe("plan_gap", "How far today's plan in force can be from optimal, currency.")
	planned     = describe("storage_planned_watts", "Power of the newest control signal of today, W, positive to charge.")
	metered     = describe("storage_metered_watts", "Mean power of the last period that the operator has reported, W, positive to charge.")
	stored      = describe("storage_energy_watt_hours", "Stored energy that the operator has last reported today, Wh.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("sesame_"+name, help, append([]string{"chain"}, labels...), nil)
}

type collector struct{ view *view.Viewer }

// Handler answers with the metrics.
func Handler(from *view.Viewer) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{from})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// Describe implements prometheus.Collector: what there is depends on the ledger.
func (c collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c collector) Collect(into chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectWithin)
	defer cancel()
	status, err := c.view.Status(ctx)
	if err != nil {
		into <- prometheus.NewInvalidMetric(height, err)
		return
	}
	gauge := func(description *prometheus.Desc, value float64, labels ...string) {
		metric, err := prometheus.NewConstMetric(description, prometheus.GaugeValue, value, append([]string{status.Chain}, labels...)...)
		if err != nil {
			metric = prometheus.NewInvalidMetric(description, err)
		}
		into <- metric
	}
	gauge(height, float64(status.Height))
	gauge(ledgerTime, float64(status.LedgerTime))
	gauge(blockTime, float64(status.BlockTime)/1000)
	gauge(alerts, float64(status.AlertCount))
	gauge(openAlerts, float64(status.OpenAlerts))
	for _, member := range status.Members {
		gauge(missed, float64(member.Missed), member.Name)
		gauge(absent, oneIf(member.Absent), member.Name)
	}
	day, there, err := c.view.Day(ctx, status.Today)
	if err != nil || !there {
		return
	}
	collectDay(day, gauge)
}

func collectDay(day view.Day, gauge func(*prometheus.Desc, float64, ...string)) {
	if plan := day.Plan; plan != nil {
		gauge(planVersion, float64(plan.Version))
		gauge(planCost, float64(plan.Cost)/1e6)
		gauge(planSaving, float64(plan.Baseline-plan.Cost)/1e6)
		if plan.Proven {
			gauge(planGap, float64(plan.Gap)/1e6)
		}
	}
	for t := len(day.Signals) - 1; t >= 0; t-- {
		if signal := day.Signals[t]; signal != nil {
			gauge(planned, float64(signal.Power))
			break
		}
	}
	for t := len(day.Outcomes) - 1; t >= 0; t-- {
		if outcome := day.Outcomes[t]; outcome != nil {
			gauge(metered, float64(outcome.Charged-outcome.Discharged))
			gauge(stored, float64(outcome.Energy))
			break
		}
	}
}

func oneIf(condition bool) float64 {
	if condition {
		return 1
	}
	return 0
}
