// Package group is the prime-order group that the vault computes in: scalars
// modulo l = 2^252 + 27742317777372353535851937790883648493 and the points of
// ristretto255 (RFC 9496), with the two generators of Pedersen commitments.
//
// Scalars are our own four-limb Montgomery arithmetic, because sharing a
// series is nothing but small multiplications. Points are those of
// curve25519-voi behind a handful of methods, so that it can be replaced;
// docs/adr/0003-group-library.md says why it was taken. Tests compare both
// with a second library.
//
// Decoding accepts canonical encodings only. Operations on secrets take the
// same time for all values; the functions with Vartime in their name do not
// and are for public data alone.
package group
