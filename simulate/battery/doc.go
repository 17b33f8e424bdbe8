// Package battery is a simulated battery that speaks Modbus TCP with the
// registers of package sunspec: stored energy, efficiencies, limits of power
// and energy, a heartbeat with a safe state, a log of quarter hours, and
// faults that one can inject.
//
// The battery lives in ledger time: its clock is handed in, so that where a
// ledger hour lasts five seconds the battery charges for an hour in five
// seconds. It counts energy exactly, in integers, over every stretch of
// constant power; only what it shows is rounded down to whole Wh. Nothing runs
// in the background: the past is worked out whenever somebody asks, and the
// answer does not depend on how often that is.
package battery
