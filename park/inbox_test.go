package park

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
)

// stopped is a clock that stands.
type stopped time.Time

func (s stopped) Now() (time.Time, bool) { return time.Time(s), true }

func (s stopped) Wait(ctx context.Context, until time.Time) error {
	if !time.Time(s).Before(until) {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func newInbox(t testing.TB) (*inbox, *bytes.Buffer, *int) {
	var log bytes.Buffer
	changes := 0
	return &inbox{
		config: &Config{Limits: Limits{PV: 750_000}}, topics: field.DefaultTopics("park1"),
		records: openTestRecords(t, t.TempDir()), clock: stopped(time.Unix(hours.Start+1800, 0)),
		changed: func() { changes++ }, logger: slog.New(slog.NewTextHandler(&log, nil)),
	}, &log, &changes
}

func TestReadingsOutOfReasonAreDroppedWithTheReason(t *testing.T) {
	for _, test := range []struct {
		name    string
		meter   string
		reading field.Reading
		want    string
	}{
		{"good", PV, at(0, 750_000), ""},
		{"a little ahead", PV, at(1800+3600, 1), ""},
		{"more than the plant can", PV, at(0, 750_001), "at most 750000"},
		{"far ahead", PV, at(1800+3601, 1), "ledger time"},
		{"long ago", PV, at(-41*86_400, 1), "ledger time"},
		{"no limit configured", Load, at(0, field.MaxPower), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, log, _ := newInbox(t)
			if err := in.reading(test.meter, field.Message{Payload: test.reading.Encode()}); err != nil {
				t.Fatal(err)
			}
			kept, err := in.records.readings(test.meter, time.Unix(0, 0), time.Unix(1<<40, 0))
			if err != nil {
				t.Fatal(err)
			}
			if (len(kept) == 1) != (test.want == "") || !strings.Contains(log.String(), test.want) {
				t.Fatalf("%d kept, log %q, expected %q", len(kept), log, test.want)
			}
		})
	}
}

func TestReadingThatCannotBeKeptIsAskedForAgain(t *testing.T) {
	in, _, _ := newInbox(t)
	if err := in.records.close(); err != nil {
		t.Fatal(err)
	}
	if err := in.reading(Load, field.Message{Payload: at(0, 1).Encode()}); err == nil {
		t.Fatal("the reading was acknowledged and is lost")
	}
	if err := in.forecast(field.Message{Topic: in.topics.ForecastOf("2024-07-15"), Payload: field.Forecast{Date: "2024-07-15", Load: []energy.Watt{1}}.Encode()}); err == nil {
		t.Fatal("the forecast was acknowledged and is lost")
	}
}

func TestOnlyANewForecastWakesTheNode(t *testing.T) {
	in, log, changes := newInbox(t)
	topic := in.topics.ForecastOf("2024-07-15")
	good := field.Forecast{Date: "2024-07-15", Load: []energy.Watt{1, 2}}.Encode()
	for _, message := range []field.Message{
		{Topic: topic, Payload: good},
		{Topic: topic, Payload: good},
		{Topic: topic},
		{Topic: topic, Payload: []byte("{")},
		{Topic: in.topics.ForecastOf("2024-07-16"), Payload: good},
	} {
		if err := in.forecast(message); err != nil {
			t.Fatal(err)
		}
	}
	if *changes != 1 {
		t.Errorf("woken %d times, expected once", *changes)
	}
	if dropped := strings.Count(log.String(), "forecast dropped"); dropped != 2 {
		t.Errorf("%d forecasts dropped, expected 2: %s", dropped, log)
	}
}

func FuzzInbox(f *testing.F) {
	in, _, _ := newInbox(f)
	f.Add("sesame/park1/forecast/2024-07-15", []byte(`{"date":"2024-07-15","load_w":[1]}`))
	f.Add("x", at(0, 1).Encode())
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		if err := in.reading(Wind, field.Message{Topic: topic, Payload: payload}); err != nil {
			t.Fatal(err)
		}
		if err := in.forecast(field.Message{Topic: topic, Payload: payload}); err != nil {
			t.Fatal(err)
		}
	})
}
