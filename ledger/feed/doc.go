// Package feed holds what a node tells the outside over its HTTP API, in the
// shapes of the JSON on the wire: blocks with the records that they changed,
// transactions and what became of them, the node's status.
//
// It is words only: package node/api serves them, package client reads them. What
// each route promises stands in docs/adr/0006-http-api.md.
package feed
