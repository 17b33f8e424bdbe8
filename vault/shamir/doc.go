// Package shamir is Shamir's secret sharing (1979) over the scalar field of
// package group, for vectors of secrets that are shared coordinate by
// coordinate: polynomials, their evaluation at the members' indices, and their
// interpolation. Indices are 1..255; zero is the secret's own place and is
// refused everywhere.
//
// Nothing here is verifiable: a false share gives a false secret unless more
// shares than the threshold are at hand. Package vault adds the commitments
// that name it.
package shamir
