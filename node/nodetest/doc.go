// Package nodetest runs networks of nodes over loopback in one process, for
// tests of whatever stands on a ledger: with a toy state machine, or any other.
package nodetest
