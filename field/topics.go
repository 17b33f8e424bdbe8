package field

import (
	"fmt"
	"strings"
)

// Topics are the MQTT topics of one park. Forecast is the stem under which
// each day has its topic, "<stem>/2024-07-16".
type Topics struct {
	Load     string `yaml:"load"`
	PV       string `yaml:"pv"`
	Wind     string `yaml:"wind"`
	Forecast string `yaml:"forecast"`
	Purchase string `yaml:"purchase"` // signal: what the park buys now
	Sale     string `yaml:"sale"`     // signal: what the park sells now
}

// DefaultTopics are the topics of a park where nothing else is configured.
func DefaultTopics(park string) Topics {
	stem := "sesame/" + park
	return Topics{
		Load: stem + "/meter/load", PV: stem + "/meter/pv", Wind: stem + "/meter/wind",
		Forecast: stem + "/forecast",
		Purchase: stem + "/signal/purchase", Sale: stem + "/signal/sale",
	}
}

// WithDefaults fills what is not configured from the defaults of a park.
func (t Topics) WithDefaults(park string) Topics {
	defaults := DefaultTopics(park)
	fill := func(topic *string, value string) {
		if *topic == "" {
			*topic = value
		}
	}
	fill(&t.Load, defaults.Load)
	fill(&t.PV, defaults.PV)
	fill(&t.Wind, defaults.Wind)
	fill(&t.Forecast, defaults.Forecast)
	fill(&t.Purchase, defaults.Purchase)
	fill(&t.Sale, defaults.Sale)
	return t
}

// Validate says which topic is missing, has wildcards or stands twice.
func (t Topics) Validate() error {
	seen := map[string]string{}
	for _, topic := range []struct{ key, value string }{
		{"load", t.Load},
		{"pv", t.PV},
		{"wind", t.Wind},
		{"forecast", t.Forecast},
		{"purchase", t.Purchase},
		{"sale", t.Sale},
	} {
		if topic.value == "" || len(topic.value) > 200 || strings.ContainsAny(topic.value, "+#\x00") {
			return fmt.Errorf("topics.%s is %q: expected 1 to 200 bytes without + and #", topic.key, topic.value)
		}
		if other, taken := seen[topic.value]; taken {
			return fmt.Errorf("topics.%s and topics.%s are both %q: expected one topic each", other, topic.key, topic.value)
		}
		seen[topic.value] = topic.key
	}
	return nil
}

// ForecastOf is the topic of the forecast of a local date, "2024-07-16".
func (t Topics) ForecastOf(date string) string { return t.Forecast + "/" + date }

// ForecastFilter matches the forecasts of all days.
func (t Topics) ForecastFilter() string { return t.Forecast + "/+" }

// ForecastDate is the date at the end of a forecast's topic, "" where there is none.
func (t Topics) ForecastDate(topic string) string {
	date, found := strings.CutPrefix(topic, t.Forecast+"/")
	if !found {
		return ""
	}
	return date
}
