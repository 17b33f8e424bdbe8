package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/grid"
)

// newGridCommand is the grid company's node.
func newGridCommand() *cobra.Command {
	command := &cobra.Command{Use: "grid", Short: "The grid company's node"}
	command.AddCommand(startCommand("start", "Publish tariffs, confirm contracts, judge bills", "net/grid/config.yaml", grid.Run))
	return command
}
