// Package keeper keeps a committee member's shares: it accepts the channels
// that parks open to the member, checks the member's shares of every sealed
// series, acknowledges or refuses them, and computes the member's partial sums
// when a round opens.
//
// It opens nothing on anybody's word. A partial sum is posted only for a round
// that stands on the ledger, proven, with the purposes that the contract has
// derived; there is no other way to get one out of it.
//
// When other keepers are announced it hands the member's shares on to them, and
// as one of the next takes over what is handed on to it.
//
// It keeps the day keys of the channels, in one file per channel, and erases a
// day's key when the day's contest term has ended. Shares that were dealt are
// not kept: they follow from day keys and what the ledger has. Shares that were
// handed over follow from nothing and are kept, in one file per series. What
// belongs to an epoch that the ledger, proven, calls closed is erased, and the
// member's former sealing key with it, once it has rotated.
//
// The keeper works by comparing (participant.Worker), so it may be stopped at
// any point. It talks to a node over the HTTP API like everybody else.
package keeper
