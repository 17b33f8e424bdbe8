// Package park is a park's own node: the only place where the park's series
// stand in clear.
//
// Readings and forecasts come in over MQTT and are kept in a local database.
// What the ledger gets is sealed: before the daily gate the forecast of the
// next day, after the day's end its readings as period means. From the public
// plan the node computes the park's own plan at home, posts the lines of its
// contract sealed to the grid company, tells the park's devices what to buy and
// sell, and computes the park's bill with the blinding that proves it.
//
// One reading's way: inbox, records, means, seal, and at the end bill.
//
// The node works by comparing: whenever something may have changed it reads
// what the ledger says of each open day, proven, and does what is missing. So
// it does not matter what it has missed, or how often it was stopped.
package park
