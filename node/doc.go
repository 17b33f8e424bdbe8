// Package node runs one node of the ledger: the consensus engine CometBFT,
// embedded, with our state machine on it, a journal of the blocks for readers,
// and our own HTTP API (package api).
//
// A node with a consensus key in the validator set votes; any other node
// follows and serves. The node knows blocks, not what transactions mean: that
// is the state machine's. The engine's settings and the measured figures
// behind them stand in docs/adr/0001-consensus-engine.md.
package node
