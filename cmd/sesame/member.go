package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/member"
)

// newMemberCommand is a committee member.
func newMemberCommand() *cobra.Command {
	command := &cobra.Command{Use: "member", Short: "A committee member: validator of the ledger and keeper of shares"}
	command.AddCommand(startCommand("start", "Run the member's node and keep its shares", "net/member1/config.yaml", member.Run))
	return command
}
