package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/participant"
)

// ballot casts a member's vote on one thing.
type ballot func(ctx context.Context, who *participant.Participant, approve bool) error

// newVoteCommand is a command by which a member votes on what its one argument
// names; on finds that, its error is bad input.
func newVoteCommand(use, short, example string, on func(argument string) (ballot, error)) *cobra.Command {
	var config participant.Config
	var reject bool
	command := &cobra.Command{
		Use:     use,
		Short:   short,
		Example: "  " + example,
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			cast, err := on(arguments[0])
			if err != nil {
				return badInput(err)
			}
			who, err := openSigned(config)
			if err != nil {
				return err
			}
			if err := cast(command.Context(), who, !reject); err != nil {
				return sent(err)
			}
			fmt.Fprintf(command.ErrOrStderr(), "%s has voted\n", who.Identity.Name)
			return nil
		},
	}
	signed(command, &config)
	command.Flags().BoolVar(&reject, "reject", false, "vote against it")
	return command
}
