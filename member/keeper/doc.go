// Package keeper keeps a committee member's shares: it accepts the channels
// that parks open to the member, checks the member's shares of every sealed
// series, acknowledges or refuses them, and computes the member's partial sums
// when a round opens.
//
// It opens nothing on anybody's word. A partial sum is posted only for a round
// that stands on the ledger, proven, with the purposes that the contract has
// derived; there is no other way to get one out of it.
//
// It keeps the day keys of the channels and no other secret, in one file per
// channel, and erases a day's key when the day's contest term has ended. Shares
// are not kept at all: they follow from day keys and what the ledger has. The
// erasure protects past days from a thief of the store, not yet from one of the
// member's sealing key, with which a channel on the ledger can be opened again:
// that takes the rotation of sealing keys.
//
// The keeper works by comparing (participant.Worker), so it may be stopped at
// any point. It talks to a node over the HTTP API like everybody else.
package keeper
