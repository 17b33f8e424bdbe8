// Package rangeproof proves that committed values lie in 0..2^bits-1 and says
// nothing else about them: aggregated Bulletproofs (Bünz, Bootle, Boneh,
// Poelstra, Wuille, Maxwell 2018, doi 10.1109/SP.2018.00020) over the Pedersen
// commitments of package group. Generators, transcript and layout are those of
// the Rust library bulletproofs (dalek), so that its proofs verify here and
// ours there.
//
// A proof for m values of n bits has 32 (9 + 2 log2(n m)) bytes, where m is
// rounded up to a power of two: 928 bytes for 24 values of 32 bits, 1,056 for
// 96. Many proofs are verified together for much less than each alone, since
// they share their generators.
package rangeproof
