package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/monitor"
)

// newMonitorCommand is the page that shows the ledger.
func newMonitorCommand() *cobra.Command {
	command := &cobra.Command{Use: "monitor", Short: "The page that shows the ledger, with its API and metrics"}
	command.AddCommand(startCommand("start", "Follow the ledger and serve the page", "net/monitor/config.yaml", monitor.Run))
	return command
}
