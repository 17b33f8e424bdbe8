// Package simulate stands in for what needs hardware, speaking the same
// protocols as the real thing: this package holds the meters and forecasters of
// the parks, which speak MQTT; package battery below it holds the battery.
//
// The parks' meters follow the series of a case, day after day with shifted
// dates, each period's power off its forecast by the same random factor
// whenever and however often it is simulated. They know the time from the
// ledger's blocks and nothing else of the ledger.
package simulate
