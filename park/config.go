package park

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/participant"
)

// Meters that a park can have.
const (
	Load = "load"
	PV   = "pv"
	Wind = "wind"
)

var allMeters = []string{Load, PV, Wind}

// Config is the configuration of a park's node. The park's name is that of the
// identity in the home folder.
type Config struct {
	participant.Config `yaml:",inline"`

	MQTT   MQTT         `yaml:"mqtt"`
	Topics field.Topics `yaml:"topics"` // what is left out is "sesame/<park>/meter/load" and so on
	Meters []string     `yaml:"meters"` // those that the site has, of load, pv and wind; left out: all three
	Limits Limits       `yaml:"limits"` // readings beyond are refused
	Listen string       `yaml:"listen"` // the owner's page, loopback only; left out: 127.0.0.1:0
}

// MQTT says where the messages come from: either a broker that this node
// brings along (listen) or another one (url).
type MQTT struct {
	Listen   string `yaml:"listen"` // "127.0.0.1:1883"; beyond loopback only with username and password
	URL      string `yaml:"url"`    // "mqtts://broker.example:8883"
	Username string `yaml:"username"`
	Password string `yaml:"password"`
}

// Limits are the largest powers that a meter can rightly show, W; 0: 2^32-1.
type Limits struct {
	Load energy.Watt `yaml:"load_w"`
	PV   energy.Watt `yaml:"pv_w"`
	Wind energy.Watt `yaml:"wind_w"`
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	if (c.MQTT.Listen == "") == (c.MQTT.URL == "") {
		return errors.New("mqtt: expected either listen (the node brings a broker along) or url (another broker)")
	}
	for i, meter := range c.Meters {
		if !slices.Contains(allMeters, meter) || slices.Contains(c.Meters[:i], meter) {
			return fmt.Errorf("meters: entry %d is %q: expected load, pv and wind, each at most once", i+1, meter)
		}
	}
	for _, limit := range []struct {
		key   string
		value energy.Watt
	}{{"load_w", c.Limits.Load}, {"pv_w", c.Limits.PV}, {"wind_w", c.Limits.Wind}} {
		if limit.value < 0 || limit.value > field.MaxPower {
			return fmt.Errorf("limits.%s is %d: expected 0 to %d", limit.key, limit.value, field.MaxPower)
		}
	}
	return nil
}

// limit is the largest power of a meter.
func (c *Config) limit(meter string) energy.Watt {
	limit := map[string]energy.Watt{Load: c.Limits.Load, PV: c.Limits.PV, Wind: c.Limits.Wind}[meter]
	if limit == 0 {
		return field.MaxPower
	}
	return limit
}

// meters are those that the site has.
func (c *Config) meters() []string {
	if len(c.Meters) == 0 {
		return allMeters
	}
	return c.Meters
}
