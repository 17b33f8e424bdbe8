package battery

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/participant"
)

// Config is the file of `sesame battery start`.
type Config struct {
	participant.Config `yaml:",inline"`

	Modbus    string        `yaml:"modbus"`              // host:port of the battery
	Unit      uint8         `yaml:"unit,omitempty"`      // Modbus unit, 1 by default
	Power     energy.Watt   `yaml:"power_w,omitempty"`   // hard limit of this gateway; 0: the ledger's and the battery's are enough
	Heartbeat time.Duration `yaml:"heartbeat,omitempty"` // between two heartbeats, 1 s by default
	Silence   time.Duration `yaml:"silence,omitempty"`   // the battery rests after so long without heartbeat, and the heartbeat ends after so long without a block; 30 s by default
	Status    string        `yaml:"status,omitempty"`    // loopback address of the status page, "" for none
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	if err := c.Config.Validate(); err != nil {
		return err
	}
	if _, _, err := net.SplitHostPort(c.Modbus); err != nil {
		return fmt.Errorf("modbus is %q: expected host:port of the battery", c.Modbus)
	}
	if c.Power < 0 {
		return fmt.Errorf("power_w is %d: expected 0 or more", c.Power)
	}
	if c.Heartbeat < 0 || c.Silence < 0 {
		return errors.New("heartbeat and silence: expected durations above zero")
	}
	if filled := c.withDefaults(); filled.Silence < 3*filled.Heartbeat {
		return fmt.Errorf("silence is %v: expected at least three heartbeats of %v", filled.Silence, filled.Heartbeat)
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.Unit == 0 {
		c.Unit = 1
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = time.Second
	}
	if c.Silence == 0 {
		c.Silence = 30 * time.Second
	}
	return c
}
