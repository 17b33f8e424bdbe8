package main

import "github.com/spf13/cobra"

// newSimulateCommand gathers the devices that need no hardware.
func newSimulateCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "simulate",
		Short: "Devices that speak the real protocols without hardware",
	}
	command.AddCommand(newSimulateBatteryCommand(), newSimulateMetersCommand())
	return command
}
