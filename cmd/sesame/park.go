package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/park"
)

// newParkCommand is a park's own node.
func newParkCommand() *cobra.Command {
	command := &cobra.Command{Use: "park", Short: "A park's own node"}
	command.AddCommand(startCommand("start", "Take in readings and forecasts, seal them, compute the park's own plan and bills at home", "net/park1/config.yaml", park.Run))
	return command
}
