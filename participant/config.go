package participant

import (
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/config"
)

// Config is the part of a daemon's configuration that every role has. Paths
// are relative to the configuration file.
type Config struct {
	Home    string   `yaml:"home"`    // folder with the identity and the role's own records
	Nodes   []string `yaml:"nodes"`   // HTTP APIs of ledger nodes, "http://127.0.0.1:8080"; the first that answers is used
	Genesis string   `yaml:"genesis"` // the genesis document, which is what the role trusts
}

// Locate implements config.Locator.
func (c *Config) Locate(folder string) {
	c.Home = config.Path(folder, c.Home)
	c.Genesis = config.Path(folder, c.Genesis)
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	if c.Home == "" {
		return errors.New("home is missing: expected the folder with the identity")
	}
	if c.Genesis == "" {
		return errors.New("genesis is missing: expected the path of the genesis document")
	}
	if len(c.Nodes) == 0 {
		return errors.New("nodes is missing: expected URLs of ledger nodes")
	}
	for i, url := range c.Nodes {
		if url == "" {
			return fmt.Errorf("nodes: entry %d is empty: expected a URL", i+1)
		}
	}
	return nil
}
