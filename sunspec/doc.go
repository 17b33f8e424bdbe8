// Package sunspec is the register map of the batteries that Sesame drives over
// Modbus: which holding register means what, and the two-way translation. The
// gateway reads and writes by it, the simulated battery answers by it.
//
// It holds three models of the SunSpec Alliance (1 common, 704 AC controls, 713
// storage capacity; register offsets from the model files at
// github.com/sunspec/models) and two of our own from the range left to
// vendors: 64880, a scheduled setpoint with heartbeat, and 64881, a log of
// quarter hours. docs/battery.md explains the last two. There is no
// connection here and no clock.
//
// Signs: SunSpec counts power into the grid as positive, so a charging battery
// shows a negative figure on the wire. In Go all powers are ours, positive to
// charge; the sign is turned in this package and nowhere else.
package sunspec
