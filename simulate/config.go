package simulate

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/field"
)

// DefaultSamples is how many readings a meter sends per period.
const DefaultSamples = 4

// Config is the file of `sesame simulate meters`.
type Config struct {
	Nodes   []string `yaml:"nodes"`             // HTTP APIs of ledger nodes: their blocks tell the time
	Genesis string   `yaml:"genesis"`           //
	Case    string   `yaml:"case"`              // case folder whose series the meters follow
	Noise   float64  `yaml:"noise"`             // standard deviation of a reading around its forecast, relative: 0.02; 0: exactly the forecast
	Samples int      `yaml:"samples,omitempty"` // readings per period, 4 where left out
	Parks   []Park   `yaml:"parks"`

	GridMeters string `yaml:"grid_meters,omitempty"` // folder for the daily files of the grid company's own meters; left out: none are written
}

// Park is where a park of the case receives messages.
type Park struct {
	Name     string       `yaml:"name"` // as in the case
	URL      string       `yaml:"url"`  // of the park's broker, "mqtt://127.0.0.1:1883"
	Username string       `yaml:"username,omitempty"`
	Password string       `yaml:"password,omitempty"`
	Topics   field.Topics `yaml:"topics,omitempty"` // what is left out is "sesame/<park>/meter/load" and so on
}

// Locate implements config.Locator.
func (c *Config) Locate(folder string) {
	c.Genesis, c.Case = config.Path(folder, c.Genesis), config.Path(folder, c.Case)
	if c.GridMeters != "" {
		c.GridMeters = config.Path(folder, c.GridMeters)
	}
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	switch {
	case len(c.Nodes) == 0:
		return errors.New("nodes is missing: expected URLs of ledger nodes")
	case c.Genesis == "":
		return errors.New("genesis is missing: expected the path of the genesis document")
	case c.Case == "":
		return errors.New("case is missing: expected the case folder")
	case !(c.Noise >= 0 && c.Noise <= 1):
		return fmt.Errorf("noise is %v: expected 0 to 1", c.Noise)
	case c.Samples < 0 || c.Samples > 60:
		return fmt.Errorf("samples is %d: expected 1 to 60", c.Samples)
	case len(c.Parks) == 0:
		return errors.New("parks is missing: expected the parks with their brokers")
	}
	for i, park := range c.Parks {
		if park.Name == "" || park.URL == "" {
			return fmt.Errorf("parks: entry %d: name %q, url %q: expected both", i+1, park.Name, park.URL)
		}
	}
	return nil
}

func (c *Config) samples() int {
	if c.Samples == 0 {
		return DefaultSamples
	}
	return c.Samples
}
