package simulate

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/participant/participanttest"
)

var silent = slog.New(slog.DiscardHandler)

// listen starts a broker and collects what is published under a filter.
func listen(t *testing.T, filter string) (url string, received <-chan field.Message) {
	t.Helper()
	broker, err := field.StartBroker("", "", silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	messages := make(chan field.Message, 1000)
	broker.Subscribe(filter, func(message field.Message) error { messages <- message; return nil })
	if url, err = broker.Admit("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return url, messages
}

func next(t *testing.T, received <-chan field.Message) field.Message {
	t.Helper()
	select {
	case message := <-received:
		return message
	case <-time.After(20 * time.Second):
		t.Fatal("no message came")
		return field.Message{}
	}
}

// serve runs the meters of park1 until the test ends.
func serve(t *testing.T, ledger *participanttest.Ledger, config Config) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, config, ledger.Observer(), silent) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestMetersFollowTheCaseOnLedgerTime(t *testing.T) {
	c := ledgertest.ReferenceCase(t)
	ledger := participanttest.New(t, ledgertest.NewChain(t, c))
	url, received := listen(t, "sesame/park1/meter/load")
	serve(t, ledger, Config{Case: "../cases/reference", Samples: 2, Parks: []Park{{Name: "park1", URL: url}}})
	ledger.To(c.Horizon.Start + 2*3600)
	for sample := -12; sample < 4; sample++ { // ledger time began six hours before the first day
		reading, err := field.DecodeReading(next(t, received).Payload)
		if err != nil {
			t.Fatal(err)
		}
		if want := c.Horizon.Start + int64(sample)*1800; reading.Time.Unix() != want {
			t.Fatalf("sample %d at %v, expected %v", sample, reading.Time.Unix(), want)
		}
		period := (sample + 48) / 2 % 24
		if reading.Power != c.Parks[0].Load[period] {
			t.Fatalf("sample %d: %d W, expected %d W", sample, reading.Power, c.Parks[0].Load[period])
		}
	}
}

func TestForecastsComeBeforeTheGateOfTheirDay(t *testing.T) {
	c := ledgertest.ReferenceCase(t)
	ledger := participanttest.New(t, ledgertest.NewChain(t, c))
	url, received := listen(t, "sesame/park3/forecast/+")
	serve(t, ledger, Config{Case: "../cases/reference", Noise: 0.5, Parks: []Park{{Name: "park3", URL: url}}})
	ledger.To(c.Horizon.Start - 5*3600)
	for _, date := range []string{"2024-07-14", "2024-07-15"} {
		message := next(t, received)
		forecast, err := field.DecodeForecast(message.Payload, date)
		if err != nil {
			t.Fatal(err)
		}
		if message.Topic != "sesame/park3/forecast/"+date || !slices.Equal(forecast.Load, c.Parks[2].Load) || !slices.Equal(forecast.Wind, c.Parks[2].Wind) {
			t.Fatalf("%s: %+v", message.Topic, forecast)
		}
	}
	ledger.To(c.Horizon.Start + 12*3600)
	if message := next(t, received); message.Topic != "sesame/park3/forecast/2024-07-16" {
		t.Fatal(message.Topic)
	}
}

func TestConfigurationErrorsNameTheKey(t *testing.T) {
	good := func() Config {
		return Config{Nodes: []string{"http://x"}, Genesis: "g", Case: "c", Parks: []Park{{Name: "park1", URL: "mqtt://x:1"}}}
	}
	config := good()
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"nodes":          func(c *Config) { c.Nodes = nil },
		"genesis":        func(c *Config) { c.Genesis = "" },
		"case":           func(c *Config) { c.Case = "" },
		"noise is -0.1":  func(c *Config) { c.Noise = -0.1 },
		"noise is NaN":   func(c *Config) { c.Noise = math.NaN() },
		"samples":        func(c *Config) { c.Samples = 61 },
		"parks: entry 1": func(c *Config) { c.Parks[0].URL = "" },
	} {
		config := good()
		change(&config)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: expected %q", err, want)
		}
	}
}

func TestParkThatTheCaseDoesNotHaveIsNamed(t *testing.T) {
	_, err := openSites(Config{Case: "../cases/reference", Parks: []Park{{Name: "park9", URL: "mqtt://127.0.0.1:1"}}}, nil, silent)
	if err == nil || !strings.Contains(err.Error(), "park9") {
		t.Fatal(err)
	}
}
