// Package vault shares a series of integers among the members of a committee
// so that fewer than a threshold of them learn nothing, anybody can check every
// step, and sums over many series can be opened without opening any one.
//
// It is Pedersen's verifiable form of Shamir's scheme (Pedersen 1991), period
// by period, over the group of package group. Period j of a series is the
// constant term of a polynomial f_j of degree threshold-1; a second polynomial
// g_j blinds it. The dealer publishes C_jc = a_jc G + b_jc H for each pair of
// coefficients, member i gets (f_j(i), g_j(i)). One linear equation carries
// all checks: for public weights w_j and any x,
//
//	sum_j w_j sum_c x^c C_jc == s G + tau H          (E)
//
// with x = i for a member's share and for its part of an opening, x = 0 for the
// opened sum itself.
//
// One series goes this way through the package:
//
//	OfferChannel, AcceptChannel   once a month: dealer and member agree on day keys
//	NewDeal                       the dealer seals a series; Deal goes on the ledger
//	Deal.Check                    anybody: the deal fits the committee
//	OpenShare                     a member takes its share out and checks it, or
//	ProveRefusal, JudgeRefusal    shows to everybody that the dealer cheated
//	Form                          a public weighted sum over periods of deals
//	Form.Partial, CheckPartial    a member's part of the opening, and its check
//	Open, CheckOpening            the sum from a threshold of parts
//	NewHandover, HandOver         old members pass their shares on, unopened
//
// Sub-packages: group (the group and its scalars), shamir (plain sharing),
// rangeproof and zeroproof (what values lie where, proven on the commitments),
// sharefile (a series shared in files, without a ledger).
//
// The package knows nothing of energy, ledgers, networks, clocks or files.
// Names of series are opaque strings, days are civil-day numbers (days since
// 1970-01-01). Which sums may be opened is decided elsewhere. Byte formats are
// specified in docs/protocol.md.
package vault
