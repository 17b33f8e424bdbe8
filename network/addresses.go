package network

import (
	"errors"
	"fmt"
	"io"
	"net"
)

// First ports by what listens there; a role's number is added.
const (
	peerPort    = 27000 // members and the observer, towards each other
	apiPort     = 27100 // their HTTP API
	mqttPort    = 27200 // a park's broker
	parkPort    = 27300 // a park's own page
	gridPort    = 27400 // the grid company's own page
	modbusPort  = 27500 // the battery
	statusPort  = 27501 // the gateway's own page
	monitorPort = 27700 // the page for everybody
)

const loopback = "127.0.0.1"

// addresses gives every role what it listens on: fixed ports on the hosts that
// are named, or free ones of this machine, which are held until released so
// that none is given twice.
type addresses struct {
	hosts map[string]string
	free  bool
	held  []io.Closer
}

// at is the address at which others reach a role.
func (a *addresses) at(role string, port int) (string, error) {
	host := loopback
	if named, found := a.hosts[role]; found {
		host = named
	}
	return a.on(host, port)
}

// own is an address that only the role's own machine reaches.
func (a *addresses) own(port int) (string, error) { return a.on(loopback, port) }

func (a *addresses) on(host string, port int) (string, error) {
	if !a.free {
		return net.JoinHostPort(host, fmt.Sprint(port)), nil
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	a.held = append(a.held, listener)
	return listener.Addr().String(), nil
}

func (a *addresses) release() error {
	var errs []error
	for _, listener := range a.held {
		errs = append(errs, listener.Close())
	}
	return errors.Join(errs...)
}
