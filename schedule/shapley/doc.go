// Package shapley computes what each park would pay if costs were shared by
// the Shapley value: the mean, over all orders in which the parks could join,
// of what a park adds to the least cost of those who are there, each coalition
// having the storage to itself.
//
// It is a report beside the bills, not the rule that makes them: it needs the
// parks' series, and it changes with the forecast (package sharing has the
// rule). Up to 16 parks it is exact, every coalition being planned; above, it
// is the mean over orders drawn with a fixed seed, with the error that leaves.
//
// Source: L. S. Shapley, A value for n-person games, 1953.
package shapley
