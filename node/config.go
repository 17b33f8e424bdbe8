package node

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Config is a node's part of a configuration file.
type Config struct {
	Home     string   `yaml:"home"`   // folder of the node's data and p2p key
	Name     string   `yaml:"name"`   // shown to peers and in the status
	Listen   string   `yaml:"listen"` // TCP address for peers, "127.0.0.1:26656"
	Peers    []string `yaml:"peers"`  // nodes to keep connected to, "id@host:port"; see PeerID
	API      string   `yaml:"api"`    // TCP address of the HTTP API; "" for none
	Timeouts Timeouts `yaml:"timeouts"`
}

// Timeouts is the pace of the consensus; zero means the default. All members
// should use the same.
type Timeouts struct {
	Propose time.Duration `yaml:"propose"` // wait for a proposal, 500 ms
	Vote    time.Duration `yaml:"vote"`    // wait for late votes, and what each further round adds, 100 ms
	Commit  time.Duration `yaml:"commit"`  // pause after a block, 300 ms: blocks come every 0.35 s
}

func (t Timeouts) withDefaults() Timeouts {
	if t.Propose == 0 {
		t.Propose = 500 * time.Millisecond
	}
	if t.Vote == 0 {
		t.Vote = 100 * time.Millisecond
	}
	if t.Commit == 0 {
		t.Commit = 300 * time.Millisecond
	}
	return t
}

func (c Config) validate() error {
	if c.Home == "" {
		return errors.New("node: home: a folder is needed")
	}
	if c.Name == "" {
		return errors.New("node: name: must not be empty")
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("node: listen: %q is not host:port: %w", c.Listen, err)
	}
	if c.API != "" {
		if _, _, err := net.SplitHostPort(c.API); err != nil {
			return fmt.Errorf("node: api: %q is not host:port: %w", c.API, err)
		}
	}
	for i, peer := range c.Peers {
		id, address, found := strings.Cut(peer, "@")
		if _, _, err := net.SplitHostPort(address); !found || len(id) != 40 || err != nil {
			return fmt.Errorf("node: peers[%d]: %q is not id@host:port", i, peer)
		}
	}
	if c.Timeouts.Propose < 0 || c.Timeouts.Vote < 0 || c.Timeouts.Commit < 0 {
		return fmt.Errorf("node: timeouts: %+v: must not be negative", c.Timeouts)
	}
	return nil
}
