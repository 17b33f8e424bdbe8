// Package field is what devices and a park's node say to each other over MQTT:
// the topics, the messages for readings, forecasts and signals, a connection
// that outlives the broker's absence, and the broker that a park node can bring
// along.
//
// The connection speaks MQTT 3.1.1, which brokers of version 5 speak as well.
// What readings are kept for and what becomes of them is the park's business;
// the simulated meters speak the same words from the other side.
package field
