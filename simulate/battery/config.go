package battery

import (
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/energy"
)

// Config is the file of `sesame simulate battery`.
type Config struct {
	Listen  string   `yaml:"listen"`            // host:port of the Modbus server
	Serial  string   `yaml:"serial,omitempty"`  // as model 1 shows it
	State   string   `yaml:"state,omitempty"`   // file that keeps energy and log over a restart; "" for none
	Genesis string   `yaml:"genesis,omitempty"` // with Nodes: the ledger's time is the battery's
	Nodes   []string `yaml:"nodes,omitempty"`   // base URLs; without them the battery goes by the machine's clock
	Storage Storage  `yaml:"storage"`
	Faults  []Fault  `yaml:"faults,omitempty"`
}

// Storage is what the battery can do, in the words of the genesis document.
type Storage struct {
	Power               energy.Watt       `yaml:"power_w"`
	Capacity            energy.WattHour   `yaml:"capacity_wh"`
	Minimum             energy.WattHour   `yaml:"minimum_wh"`
	Maximum             energy.WattHour   `yaml:"maximum_wh"`
	Start               energy.WattHour   `yaml:"start_wh"`
	ChargeEfficiency    energy.Efficiency `yaml:"charge_efficiency_1e4"`
	DischargeEfficiency energy.Efficiency `yaml:"discharge_efficiency_1e4"`
}

// Kinds of fault.
const (
	FaultStuck   = "stuck"   // the power stays at Power whatever the setpoint
	FaultDerated = "derated" // at most Power either way
	FaultOffline = "offline" // no request is answered
)

// Fault is a fault that lasts from From to Until in ledger time.
type Fault struct {
	Kind  string      `yaml:"kind"`
	Power energy.Watt `yaml:"power_w,omitempty"` // positive to charge
	From  time.Time   `yaml:"from"`
	Until time.Time   `yaml:"until,omitempty"` // zero: for good
}

// Locate implements config.Locator.
func (c *Config) Locate(folder string) {
	c.State, c.Genesis = config.Path(folder, c.State), config.Path(folder, c.Genesis)
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	if c.Listen == "" {
		return fmt.Errorf("listen: expected host:port")
	}
	if len(c.Nodes) > 0 && c.Genesis == "" {
		return fmt.Errorf("genesis: expected the genesis document's file where nodes are given")
	}
	for i, fault := range c.Faults {
		if err := fault.Validate(); err != nil {
			return fmt.Errorf("faults[%d]: %w", i, err)
		}
	}
	return c.Storage.Validate()
}

// maxEnergy bounds the capacity so that Wh fit the registers.
const maxEnergy = 4_000_000_000

// Validate says what is wrong with the figures.
func (s Storage) Validate() error {
	switch {
	case s.Power <= 0 || s.Power > 2_000_000_000:
		return fmt.Errorf("storage: power_w %d: expected 1 to 2,000,000,000", s.Power)
	case s.Capacity <= 0 || s.Capacity > maxEnergy:
		return fmt.Errorf("storage: capacity_wh %d: expected 1 to %d", s.Capacity, int64(maxEnergy))
	case s.Minimum < 0 || s.Minimum > s.Maximum || s.Maximum > s.Capacity:
		return fmt.Errorf("storage: minimum_wh %d, maximum_wh %d: expected 0 <= minimum <= maximum <= %d",
			s.Minimum, s.Maximum, s.Capacity)
	case s.Start < s.Minimum || s.Start > s.Maximum:
		return fmt.Errorf("storage: start_wh %d: expected %d to %d", s.Start, s.Minimum, s.Maximum)
	}
	for name, efficiency := range map[string]energy.Efficiency{
		"charge_efficiency_1e4": s.ChargeEfficiency, "discharge_efficiency_1e4": s.DischargeEfficiency,
	} {
		if efficiency < 1 || efficiency > energy.EfficiencyOne {
			return fmt.Errorf("storage: %s %d: expected 1 to %d", name, efficiency, energy.EfficiencyOne)
		}
	}
	return nil
}

// Validate says what is wrong with the fault.
func (f Fault) Validate() error {
	switch f.Kind {
	case FaultStuck, FaultOffline:
	case FaultDerated:
		if f.Power < 0 {
			return fmt.Errorf("derated: power_w %d: expected 0 or more", f.Power)
		}
	default:
		return fmt.Errorf("kind %q: expected %s, %s or %s", f.Kind, FaultStuck, FaultDerated, FaultOffline)
	}
	if !f.Until.IsZero() && !f.Until.After(f.From) {
		return fmt.Errorf("%s: until %v: expected later than from %v", f.Kind, f.Until, f.From)
	}
	return nil
}
