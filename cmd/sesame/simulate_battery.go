package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/simulate/battery"
)

// newSimulateBatteryCommand belongs under "simulate".
func newSimulateBatteryCommand() *cobra.Command {
	return startCommand("battery", "A battery that speaks Modbus TCP, with losses, limits and faults", "net/simulate/battery.yaml", battery.Run)
}
