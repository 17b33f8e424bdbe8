package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/member"
)

// newObserverCommand is a full node without a vote.
func newObserverCommand() *cobra.Command {
	command := &cobra.Command{Use: "observer", Short: "A full node without a vote, for monitors and auditors"}
	command.AddCommand(startCommand("start", "Run the node", "net/observer/config.yaml", member.Observe))
	return command
}
