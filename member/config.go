package member

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/node"
)

// Node is where a node listens and whom it keeps connected to.
type Node struct {
	Listen   string        `yaml:"listen"`             // TCP address for other nodes, "0.0.0.0:26656"
	Peers    []string      `yaml:"peers"`              // "id@host:port" of other nodes; the id is what node.PeerID gives there
	API      string        `yaml:"api"`                // TCP address of the HTTP API, "127.0.0.1:8080"
	Timeouts node.Timeouts `yaml:"timeouts,omitempty"` // pace of the consensus, the same for all members
}

// Config is the file of `sesame member start`. Paths are relative to it.
type Config struct {
	Home    string `yaml:"home"`             // folder of keys and data
	Genesis string `yaml:"genesis"`          // the genesis document
	Keeper  string `yaml:"keeper,omitempty"` // on, or off for a member that validates and keeps no shares for now
	Node    Node   `yaml:"node"`
}

// Locate implements config.Locator.
func (c *Config) Locate(folder string) {
	c.Home, c.Genesis = config.Path(folder, c.Home), config.Path(folder, c.Genesis)
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	if c.Keeper != "" && c.Keeper != "on" && c.Keeper != "off" {
		return fmt.Errorf("keeper is %q: expected on or off", c.Keeper)
	}
	return validate(c.Home, c.Genesis, c.Node)
}

// ObserverConfig is the file of `sesame observer start`. Paths are relative to it.
type ObserverConfig struct {
	Home    string `yaml:"home"`    // folder of the node's data
	Genesis string `yaml:"genesis"` // the genesis document
	Name    string `yaml:"name"`    // shown to peers and in the status
	Node    Node   `yaml:"node"`
}

// Locate implements config.Locator.
func (c *ObserverConfig) Locate(folder string) {
	c.Home, c.Genesis = config.Path(folder, c.Home), config.Path(folder, c.Genesis)
}

// Validate implements config.Validator.
func (c *ObserverConfig) Validate() error {
	if c.Name == "" {
		return errors.New("name is missing: expected what to show to peers")
	}
	return validate(c.Home, c.Genesis, c.Node)
}

func validate(home, genesis string, place Node) error {
	if home == "" {
		return errors.New("home is missing: expected the folder of keys and data")
	}
	if genesis == "" {
		return errors.New("genesis is missing: expected the path of the genesis document")
	}
	for key, address := range map[string]string{"listen": place.Listen, "api": place.API} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("node.%s is %q: expected host:port", key, address)
		}
	}
	return nil
}

// NodeHome is the folder of a node's data within a home folder; node.PeerID of
// it is the node's identity among its peers.
func NodeHome(home string) string { return filepath.Join(home, "node") }
