package demo

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/sesame-energy/sesame/battery"
	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/grid"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/monitor"
	"github.com/sesame-energy/sesame/park"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
)

// portsAreFree checks that all roles of a kept network can listen where they
// did: its ports were drawn when it was laid out, and stand in everybody's
// configuration.
func (d *Demo) portsAreFree() error {
	var errs []error
	probe := func(path string, addresses ...string) {
		for _, address := range addresses {
			if err := cannotListen(address); err != nil {
				errs = append(errs, fmt.Errorf("%s listens at %s: %w", filepath.Base(filepath.Dir(path)), address, err))
			}
		}
	}
	for _, err := range []error{
		each(d.layout.Members, func(path string, c member.Config) { probe(path, c.Node.Listen, c.Node.API) }),
		each(d.layout.Parks, func(path string, c park.Config) { probe(path, c.MQTT.Listen, c.Listen) }),
		each([]string{d.layout.Grid}, func(path string, c grid.Config) { probe(path, c.Listen) }),
		each([]string{d.layout.Operator}, func(path string, c battery.Config) { probe(path, c.Status) }),
		each([]string{d.layout.Battery}, func(path string, c simulated.Config) { probe(path, c.Listen) }),
		each([]string{d.layout.Monitor}, func(path string, c monitor.Config) { probe(path, c.Listen) }),
	} {
		if err != nil {
			return err
		}
	}
	if len(errs) > 0 {
		return &BadInput{fmt.Errorf("ports of the kept network in %s are taken: stop what holds them (another demo on this folder?) or take another folder: %w",
			d.layout.Dir, errors.Join(errs...))}
	}
	return nil
}

// each loads configurations and does something with each.
func each[C any](paths []string, do func(path string, c C)) error {
	for _, path := range paths {
		settings, err := config.Load[C](path)
		if err != nil {
			return err
		}
		do(path, settings)
	}
	return nil
}

// cannotListen says why nobody can listen at an address now, nil where one can.
func cannotListen(address string) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return listener.Close()
}
