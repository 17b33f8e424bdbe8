// Package disclosure is how people ask for, vote on and read the opening of
// one park's series: the paper's own flow, in which any t members together
// read the day's curve of one park (its Figure 10), behind a vote of the
// committee. The rules are the ledger's (ledger/contract/vault); this package
// sends and reads.
package disclosure
