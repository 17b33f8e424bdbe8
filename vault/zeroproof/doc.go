// Package zeroproof proves of pairs of commitments that in each pair at least
// one is to zero, without saying which: a park has surplus or deficit in a
// period, never both.
//
// A commitment value G + blinding H is to zero exactly if it is a multiple of
// H that somebody can name. Per pair the prover shows that it knows the
// logarithm of the left or of the right one to base H, by the disjunction of
// two Schnorr proofs (Cramer, Damgård, Schoenmakers 1994), all pairs under one
// challenge: 32 bytes and 96 a pair. docs/protocol.md has the format.
package zeroproof
