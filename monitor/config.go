package monitor

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/monitor/web"
)

// Config is the monitor's configuration file. Paths are relative to it.
type Config struct {
	Home     string    `yaml:"home"`     // folder of the index and of the newest verified header
	Nodes    []string  `yaml:"nodes"`    // HTTP APIs of ledger nodes; the first that answers is used
	Genesis  string    `yaml:"genesis"`  // the genesis document, which is what the monitor trusts
	Listen   string    `yaml:"listen"`   // "127.0.0.1:8080"; port 0 takes a free one
	Database string    `yaml:"database"` // "" is an SQLite file in home; else a "postgres://" URL
	ParkAPI  []ParkAPI `yaml:"park_api"` // park nodes of this machine's owner
}

// ParkAPI is a park's own node, whose figures in clear the page shows.
type ParkAPI struct {
	Name string `yaml:"name"`
	URL  string `yaml:"url"` // "http://127.0.0.1:8201"
}

// Locate implements config.Locator.
func (c *Config) Locate(folder string) {
	c.Home = config.Path(folder, c.Home)
	c.Genesis = config.Path(folder, c.Genesis)
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	switch {
	case c.Home == "":
		return errors.New("home is missing: expected the folder of the index")
	case c.Genesis == "":
		return errors.New("genesis is missing: expected the path of the genesis document")
	case len(c.Nodes) == 0:
		return errors.New("nodes is missing: expected URLs of ledger nodes")
	}
	for i, node := range c.Nodes {
		if err := checkURL(node); err != nil {
			return fmt.Errorf("nodes: entry %d: %w", i+1, err)
		}
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen is %q: expected host:port, like 127.0.0.1:8080", c.Listen)
	}
	return c.validateParks()
}

func (c *Config) validateParks() error {
	if len(c.ParkAPI) > 0 && !web.IsLoopback(c.Listen) {
		return fmt.Errorf("listen is %q: with park_api it must be a loopback address, a park's own figures must not leave its machine", c.Listen)
	}
	names := map[string]bool{}
	for i, park := range c.ParkAPI {
		if park.Name == "" || names[park.Name] {
			return fmt.Errorf("park_api: entry %d: name is %q: expected the name of a park, each once", i+1, park.Name)
		}
		names[park.Name] = true
		if err := checkURL(park.URL); err != nil {
			return fmt.Errorf("park_api: %s: %w", park.Name, err)
		}
	}
	return nil
}

func checkURL(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return fmt.Errorf("%q: expected a URL like http://127.0.0.1:8080", text)
	}
	return nil
}

// database is where the index is.
func (c *Config) database() string {
	if c.Database != "" {
		return c.Database
	}
	return filepath.Join(c.Home, "monitor.sqlite")
}
