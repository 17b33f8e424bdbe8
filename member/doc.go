// Package member is the daemon of a committee member: a validator of the ledger
// in the same process as the keeper of the member's shares (member/keeper). The
// two know each other only by the node's HTTP API, like all roles.
//
// It also runs an observer: the same node without a vote, for monitors and
// auditors.
//
// The home folder holds the account (identity.json), the consensus key, the day
// keys of the channels, and the node's data. What the ledger decides is
// package ledger's business, how nodes agree package node's.
package member
