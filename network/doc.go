// Package network lays out a new network from a case: one folder per role with
// its keys and its configuration, and the genesis document that all share.
// What it writes is what five or more machines run; the demo runs the same
// folders on one.
//
// Whoever lays out a network has seen all its keys. It runs nothing itself.
package network
