package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/battery"
)

// newBatteryCommand is the storage operator's gateway.
func newBatteryCommand() *cobra.Command {
	command := &cobra.Command{Use: "battery", Short: "The storage operator's gateway to the battery"}
	command.AddCommand(startCommand("start", "Turn the ledger's control signals into Modbus writes, and report what the battery did", "net/operator/config.yaml", battery.Run))
	return command
}
