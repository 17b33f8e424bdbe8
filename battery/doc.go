// Package battery is the storage operator's gateway between the ledger and the
// battery: it turns the control signal of each period, proven from the ledger,
// into a Modbus write, keeps the battery's heartbeat going while all is well,
// and puts what the battery did on the ledger. It also confirms the storage's
// trade contracts and keeps the bills that parks send to the operator.
//
// It decides nothing about power: plans are the ledger's. What it adds is
// caution. It never writes more than the limits of ledger, battery and its own
// configuration, never a window that is over, and lets the battery go to its
// safe state when ledger, proof or clock fail.
//
// A signal is proven two blocks after its period has begun. So the gateway
// writes the coming periods ahead, as the plan in force (proven, too) has
// them, with their exact start and end; the signal then confirms or replaces
// what stands, and without a signal the window is withdrawn. docs/battery.md
// has the register map and the timing.
package battery
