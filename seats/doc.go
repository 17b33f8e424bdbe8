// Package seats is how people change who keeps the shares: it makes the keys of
// who is to be admitted, proposes a change of the keepers, votes, rotates a
// member's key, and reads how far a change has come. What may be changed and
// how the shares are handed over is the ledger's business (contract committee,
// contract vault); the keepers do it by themselves (member/keeper).
package seats
