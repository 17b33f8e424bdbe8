package field

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/energy"
)

func TestReadingSurvivesTheWire(t *testing.T) {
	want := Reading{time.Date(2024, 7, 15, 0, 10, 0, 0, time.FixedZone("", 8*3600)), 348_000}
	got, err := DecodeReading(want.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if !got.Time.Equal(want.Time) || got.Power != want.Power {
		t.Fatalf("%+v, expected %+v", got, want)
	}
}

func TestBrokenReadingsAreRefusedWithTheReason(t *testing.T) {
	for _, test := range []struct{ name, payload, want string }{
		{"empty", "", "EOF"},
		{"not JSON", "348", "unmarshal"},
		{"no power", `{"time":"2024-07-15T00:00:00Z"}`, "power_w"},
		{"no time", `{"power_w":1}`, "time"},
		{"negative", `{"time":"2024-07-15T00:00:00Z","power_w":-1}`, "-1"},
		{"too large", `{"time":"2024-07-15T00:00:00Z","power_w":4294967296}`, "4294967296"},
		{"beyond 64 bits", `{"time":"2024-07-15T00:00:00Z","power_w":99999999999999999999}`, "power_w"},
		{"fraction", `{"time":"2024-07-15T00:00:00Z","power_w":1.5}`, "power_w"},
		{"NaN", `{"time":"2024-07-15T00:00:00Z","power_w":NaN}`, "invalid"},
		{"no zone", `{"time":"2024-07-15T00:00:00","power_w":1}`, "time"},
		{"year 1970", `{"time":"1970-01-01T00:00:00Z","power_w":1}`, "1970"},
		{"two values", `{"time":"2024-07-15T00:00:00Z","power_w":1}{}`, "more than one"},
		{"huge", `{"time":"2024-07-15T00:00:00Z","power_w":1` + strings.Repeat(" ", maxMessage) + `}`, "bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := DecodeReading([]byte(test.payload)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, expected one about %q", err, test.want)
			}
		})
	}
}

func TestForecastSurvivesTheWire(t *testing.T) {
	want := Forecast{"2024-07-16", []energy.Watt{1, 2}, []energy.Watt{0, 3}, []energy.Watt{4, 0}}
	got, err := DecodeForecast(want.Encode(), "2024-07-16")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v, expected %+v", got, err, want)
	}
}

func TestForecastAsCSVCountsKilowatts(t *testing.T) {
	got, err := DecodeForecast([]byte("time,wind,load\n2024-07-16T00:00,1.5,348\n2024-07-16T01:00,0.001,191.25\n"), "2024-07-16")
	if err != nil {
		t.Fatal(err)
	}
	want := Forecast{"2024-07-16", []energy.Watt{348_000, 191_250}, []energy.Watt{0, 0}, []energy.Watt{1500, 1}}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, expected %+v", got, want)
	}
}

func TestBrokenForecastsAreRefusedWithTheReason(t *testing.T) {
	const date = "2024-07-16"
	for _, test := range []struct{ name, date, payload, want string }{
		{"bad date", "tomorrow", `{}`, "date like"},
		{"other date", date, `{"date":"2024-07-17","load_w":[1]}`, "2024-07-17"},
		{"no load", date, `{"date":"2024-07-16","pv_w":[1]}`, "load of 0 periods"},
		{"too long", date, `{"date":"2024-07-16","load_w":[` + strings.Repeat("1,", 100) + `1]}`, "101 periods"},
		{"uneven", date, `{"date":"2024-07-16","load_w":[1,2],"wind_w":[1]}`, "wind of 1"},
		{"negative", date, `{"date":"2024-07-16","load_w":[1,-2]}`, "period 2"},
		{"CSV unknown column", date, "time,loda\nx,1\n", "loda"},
		{"CSV column twice", date, "time,load,load\nx,1,1\n", "load"},
		{"CSV not a number", date, "time,load\nx,1\nx,NaN\n", "line 3"},
		{"CSV ragged", date, "time,load\nx\n", "wrong number of fields"},
		{"empty", date, "", "neither JSON nor CSV"},
		{"huge", date, strings.Repeat(" ", maxForecast+1), "bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := DecodeForecast([]byte(test.payload), test.date); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, expected one about %q", err, test.want)
			}
		})
	}
}

func TestTopicsMustBePlainAndDistinct(t *testing.T) {
	if err := DefaultTopics("park1").Validate(); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*Topics){
		func(t *Topics) { t.Load = "a/#" }, func(t *Topics) { t.PV = "" }, func(t *Topics) { t.Wind = t.Load },
	} {
		topics := DefaultTopics("park1")
		change(&topics)
		if topics.Validate() == nil {
			t.Errorf("accepted %+v", topics)
		}
	}
	topics := Topics{Load: "site/load"}.WithDefaults("park1")
	if topics.Load != "site/load" || topics.PV != "sesame/park1/meter/pv" {
		t.Errorf("%+v", topics)
	}
	if date := topics.ForecastDate(topics.ForecastOf("2024-07-16")); date != "2024-07-16" {
		t.Errorf("date of the topic %q", date)
	}
}

func FuzzDecodeReading(f *testing.F) {
	f.Add(Reading{time.Unix(1721000000, 0), 5}.Encode())
	f.Fuzz(func(t *testing.T, payload []byte) {
		reading, err := DecodeReading(payload)
		if err != nil {
			return
		}
		again, err := DecodeReading(reading.Encode())
		if err != nil || !again.Time.Equal(reading.Time) || again.Power != reading.Power {
			t.Fatalf("%+v does not survive: %+v, %v", reading, again, err)
		}
	})
}

func FuzzDecodeForecast(f *testing.F) {
	f.Add(Forecast{"2024-07-16", []energy.Watt{1}, []energy.Watt{2}, []energy.Watt{3}}.Encode(), "2024-07-16")
	f.Add([]byte("time,load,pv\nx,1,2\n"), "2024-07-16")
	f.Fuzz(func(t *testing.T, payload []byte, date string) {
		forecast, err := DecodeForecast(payload, date)
		if err != nil {
			return
		}
		again, err := DecodeForecast(forecast.Encode(), date)
		if err != nil || !reflect.DeepEqual(again, forecast) {
			t.Fatalf("%+v does not survive: %+v, %v", forecast, again, err)
		}
	})
}
