package park

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/participant"
)

// maxAhead is how far a reading's time may lie ahead of ledger time: clocks
// differ, and ledger time is known to a block only. maxBehind is how old it may
// be.
const (
	maxAhead  = time.Hour
	maxBehind = 40 * 24 * time.Hour
)

// inbox takes the messages of meters and forecasters. Messages that make no
// sense are logged and dropped; an error means that a good one could not be
// kept, and that the broker shall send it again.
type inbox struct {
	config  *Config
	topics  field.Topics
	records *records
	clock   participant.Time
	changed func() // called when something new is there to act on
	logger  *slog.Logger
}

// subscribe asks a link or broker for all that the park takes in.
func (in *inbox) subscribe(link interface {
	Subscribe(filter string, handle func(field.Message) error)
},
) {
	topics := map[string]string{Load: in.topics.Load, PV: in.topics.PV, Wind: in.topics.Wind}
	for _, meter := range in.config.meters() {
		link.Subscribe(topics[meter], func(message field.Message) error { return in.reading(meter, message) })
	}
	link.Subscribe(in.topics.ForecastFilter(), in.forecast)
}

func (in *inbox) reading(meter string, message field.Message) error {
	reading, err := field.DecodeReading(message.Payload)
	if err == nil {
		err = in.plausible(meter, reading)
	}
	if err != nil {
		in.logger.Warn("reading dropped", "meter", meter, "reason", err)
		return nil
	}
	return in.records.addReading(meter, reading)
}

// plausible refuses what a meter of this site cannot have measured.
func (in *inbox) plausible(meter string, reading field.Reading) error {
	if limit := in.config.limit(meter); reading.Power > limit {
		return fmt.Errorf("power_w %d: expected at most %d", reading.Power, limit)
	}
	now, known := in.clock.Now()
	if ahead := reading.Time.Sub(now); known && (ahead > maxAhead || ahead < -maxBehind) {
		return fmt.Errorf("time %s: expected at most %v after and %v before ledger time, %s",
			reading.Time.Format(time.RFC3339), maxAhead, maxBehind, now.UTC().Format(time.RFC3339))
	}
	return nil
}

func (in *inbox) forecast(message field.Message) error {
	if len(message.Payload) == 0 { // a retained message that was taken back
		return nil
	}
	forecast, err := field.DecodeForecast(message.Payload, in.topics.ForecastDate(message.Topic))
	if err != nil {
		in.logger.Warn("forecast dropped", "reason", err)
		return nil
	}
	changed, err := in.records.setForecast(forecast)
	if err != nil {
		return err
	}
	if changed {
		in.logger.Info("forecast received", "date", forecast.Date)
		in.changed()
	}
	return nil
}
