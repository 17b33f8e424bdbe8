// Package demo lives through the days of a case with a whole network on one
// machine. It composes: it lays out the folders that five or more machines
// would have (package network), runs every role's daemon on its folder, waits,
// and reads what came of it out of the ledger. No role gets from it what it
// would not get on a machine of its own.
package demo
