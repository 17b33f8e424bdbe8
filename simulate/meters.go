package simulate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/energy/days"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/participant"
)

const (
	// memory is how far back the meters send what they have measured when they
	// start: as meters with a memory do after an outage.
	memory = 24 * time.Hour
	// forecastAhead is how long before a day its forecast comes.
	forecastAhead = 12 * time.Hour
)

// site is one park's meters and forecaster.
type site struct {
	park       energy.Park
	topics     field.Topics
	days       *days.Days
	weather    weather
	samples    int
	gridMeters string // folder, "" for none
	clock      participant.Time
	link       *field.Link
	logger     *slog.Logger
}

// RunMeters simulates the meters and forecasters of the parks until ctx ends,
// which is no error.
func RunMeters(ctx context.Context, config Config, logger *slog.Logger) error {
	if err := config.Validate(); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	observer, err := participant.Observe(config.Nodes, config.Genesis, "", logger)
	if err != nil {
		return err
	}
	return Serve(ctx, config, observer, logger)
}

// Serve is RunMeters for an observer that is connected already.
func Serve(ctx context.Context, config Config, observer *participant.Observer, logger *slog.Logger) error {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	sites, err := openSites(config, observer.Clock, logger)
	if err != nil {
		return err
	}
	earliest := time.Unix(observer.Genesis.Clock.Start, 0)
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return observer.Follow(running, 0, func(client.Block) error { return nil }) })
	for _, site := range sites {
		site.link.Connect()
		defer site.link.Close()
		group.Go(func() error { return site.forecast(running) })
		group.Go(func() error { return site.measure(running, earliest) })
	}
	if err := group.Wait(); !errors.Is(err, context.Canceled) || ctx.Err() == nil {
		return err
	}
	return nil
}

func openSites(config Config, clock participant.Time, logger *slog.Logger) ([]*site, error) {
	c, _, err := casefile.Load(config.Case)
	if err != nil {
		return nil, err
	}
	cut, err := days.Of(c)
	if err != nil {
		return nil, err
	}
	parks := map[string]energy.Park{}
	for _, park := range c.Parks {
		parks[park.Name] = park
	}
	var sites []*site
	for _, place := range config.Parks {
		park, known := parks[place.Name]
		if !known {
			return nil, fmt.Errorf("parks: %s is not a park of case %s", place.Name, c.Name)
		}
		topics := place.Topics.WithDefaults(place.Name)
		if err := topics.Validate(); err != nil {
			return nil, fmt.Errorf("parks: %s: %w", place.Name, err)
		}
		link, err := field.NewLink(field.LinkConfig{
			URL: place.URL, Username: place.Username, Password: place.Password, ClientID: "sesame-meters-" + place.Name,
		}, logger)
		if err != nil {
			return nil, fmt.Errorf("parks: %s: %w", place.Name, err)
		}
		sites = append(sites, &site{
			park: park, topics: topics, days: cut, weather: weather{c.Name, config.Noise}, samples: config.samples(),
			gridMeters: config.GridMeters,
			clock:      clock, link: link, logger: logger.With("park", place.Name),
		})
	}
	return sites, nil
}

// forecast sends each day's forecast, the present day's first.
func (s *site) forecast(ctx context.Context) error {
	now, err := s.start(ctx)
	if err != nil {
		return err
	}
	for number := s.days.Number(now); ; number++ {
		day, err := s.days.Day(number)
		if err != nil {
			return err
		}
		if err := s.clock.Wait(ctx, time.Unix(day.Horizon.Start, 0).Add(-forecastAhead)); err != nil {
			return err
		}
		forecast := field.Forecast{
			Date: day.Date, Load: days.Pick(s.park.Load, day), PV: days.Pick(s.park.PV, day), Wind: days.Pick(s.park.Wind, day),
		}
		s.send(s.topics.ForecastOf(day.Date), true, forecast.Encode())
	}
}

// measure sends the readings of each period at equal distances from its start
// on, and first those that the meters remember.
func (s *site) measure(ctx context.Context, earliest time.Time) error {
	now, err := s.start(ctx)
	if err != nil {
		return err
	}
	from := now.Add(-memory)
	if from.Before(earliest) {
		from = earliest
	}
	for number := s.days.Number(from); ; number++ {
		day, err := s.days.Day(number)
		if err != nil {
			return err
		}
		for period := range day.Horizon.Periods {
			for sample := range s.samples {
				at := time.Unix(day.Horizon.At(period), 0).Add(day.Horizon.Length() * time.Duration(sample) / time.Duration(s.samples))
				if at.Before(from) {
					continue
				}
				if err := s.clock.Wait(ctx, at); err != nil {
					return err
				}
				s.sendReadings(day, period, at)
			}
		}
		if err := s.writeDayFile(day); err != nil {
			return err
		}
	}
}

// start is the ledger time at which the node is first heard.
func (s *site) start(ctx context.Context) (time.Time, error) {
	if err := s.clock.Wait(ctx, participant.FirstMoment); err != nil {
		return time.Time{}, err
	}
	now, _ := s.clock.Now()
	return now, nil
}

func (s *site) sendReadings(day days.Day, period int, at time.Time) {
	for _, meter := range []struct {
		name, topic string
		series      []energy.Watt
	}{{"load", s.topics.Load, s.park.Load}, {"pv", s.topics.PV, s.park.PV}, {"wind", s.topics.Wind, s.park.Wind}} {
		s.send(meter.topic, false, field.Reading{Time: at, Power: s.power(meter.name, meter.series, day, period)}.Encode())
	}
}

func (s *site) send(topic string, retained bool, payload []byte) {
	if err := s.link.Send(topic, retained, payload); err != nil {
		s.logger.Warn("message lost", "topic", topic, "error", err)
	}
}
