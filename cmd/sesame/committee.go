package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/seats"
)

// newCommitteeCommand is `sesame committee`.
func newCommitteeCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "committee",
		Short: "Who keeps the shares: show, change by vote, rotate a member's key",
		Long: "The members vote on who keeps the shares and how many shares open a sum. More\n" +
			"than two thirds must approve. The keepers then hand all live shares on to the next\n" +
			"ones by themselves, after the next gate, without opening anything.",
	}
	command.AddCommand(newCommitteeShowCommand(), newCommitteeJoinCommand(), newCommitteeProposeCommand(), newCommitteeVoteCommand(), newCommitteeRotateCommand())
	return command
}

func newCommitteeJoinCommand() *cobra.Command {
	var home, owner, park string
	command := &cobra.Command{
		Use:     "join NAME",
		Short:   "Make the keys of a new member in a folder of its own and print what the others admit",
		Example: "  sesame committee join member6 --home member6 --owner \"the town\" > member6.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if home == "" {
				return badInput(errors.New("--home is missing: name a new folder for the keys"))
			}
			newcomer, err := seats.NewKeys(home, arguments[0], owner, park)
			if err != nil {
				return badInput(err)
			}
			return json.NewEncoder(command.OutOrStdout()).Encode(newcomer)
		},
	}
	flags := command.Flags()
	flags.StringVar(&home, "home", "", "folder for the keys, which stay there")
	flags.StringVar(&owner, "owner", "", "to whom the member belongs, in words")
	flags.StringVar(&park, "park", "", "the park that owns it, if one does")
	return command
}

func newCommitteeProposeCommand() *cobra.Command {
	var config participant.Config
	var change seats.Change
	var admitted []string
	var refresh, withdraw bool
	var atOnce string
	command := &cobra.Command{
		Use:   "propose",
		Short: "Propose another set of share keepers, in the name of a member, who thereby approves",
		Example: "  sesame committee propose --leave member5 --admit member6.json --reason \"the town takes over\" --home net/member1 --genesis net/genesis.json --node http://127.0.0.1:27101\n" +
			"  sesame committee propose --admit member6.json --threshold 4 --home net/member1 --genesis net/genesis.json --node http://127.0.0.1:27101\n" +
			"  sesame committee propose --refresh --home net/member1 --genesis net/genesis.json --node http://127.0.0.1:27101",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			changes := len(change.Leave)+len(admitted) > 0 || change.Threshold != 0
			if !exactlyOne(changes, refresh, withdraw, atOnce != "") {
				return badInput(errors.New("say what to change (--leave, --admit, --threshold), or one of --refresh, --withdraw and --remove-at-once alone"))
			}
			for _, path := range admitted {
				newcomer, err := seats.ReadNewcomer(path)
				if err != nil {
					return badInput(err)
				}
				change.Admit = append(change.Admit, newcomer)
			}
			who, err := openSigned(config)
			if err != nil {
				return err
			}
			var proposal committee.Proposal
			switch {
			case atOnce != "":
				proposal, err = seats.Remove(command.Context(), who, who.Identity.Name, atOnce, change.Reason)
			case withdraw:
				proposal, err = seats.Withdraw(command.Context(), who, who.Identity.Name, change.Reason)
			default:
				proposal, err = seats.Propose(command.Context(), who, who.Identity.Name, change)
			}
			if err != nil {
				return sent(err)
			}
			fmt.Fprintln(command.OutOrStdout(), proposal.ID)
			fmt.Fprintf(command.ErrOrStderr(), "proposal %d waits for votes: sesame committee vote %d\n", proposal.ID, proposal.ID)
			return nil
		},
	}
	signed(command, &config)
	flags := command.Flags()
	flags.StringSliceVar(&change.Leave, "leave", nil, "members that leave, after they have handed their shares on")
	flags.StringSliceVar(&admitted, "admit", nil, "files of new members, as join prints them; the first takes the seat of the first that leaves")
	flags.IntVar(&change.Threshold, "threshold", 0, "shares that open a sum from then on; default: as many as now")
	flags.BoolVar(&refresh, "refresh", false, "the same keepers with fresh shares: what was stolen of the old ones opens nothing")
	flags.BoolVar(&withdraw, "withdraw", false, "give up the change that is announced: the keepers in force stay")
	flags.StringVar(&atOnce, "remove-at-once", "", "a member, or one that is to be admitted, that is to stop acting at once; its seat stays empty until it is replaced")
	flags.StringVar(&change.Reason, "reason", "", "why, in words; everybody reads it")
	return command
}

// exactlyOne says whether one of the conditions holds and no other.
func exactlyOne(conditions ...bool) bool {
	held := 0
	for _, condition := range conditions {
		if condition {
			held++
		}
	}
	return held == 1
}

func newCommitteeVoteCommand() *cobra.Command {
	return newVoteCommand("vote NUMBER", "Vote on a proposal in the name of a committee member, once",
		"sesame committee vote 3 --home net/member2 --genesis net/genesis.json --node http://127.0.0.1:27101",
		func(number string) (ballot, error) {
			id, err := strconv.ParseUint(number, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("proposal %.40q: expected its number", number)
			}
			return func(ctx context.Context, who *participant.Participant, approve bool) error {
				return seats.Vote(ctx, who, id, approve)
			}, nil
		})
}

func newCommitteeRotateCommand() *cobra.Command {
	var config participant.Config
	command := &cobra.Command{
		Use:     "rotate",
		Short:   "Give a member another key for its shares: all shares are refreshed",
		Example: "  sesame committee rotate --home net/member2 --genesis net/genesis.json --node http://127.0.0.1:27101",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			who, err := openSigned(config)
			if err != nil {
				return err
			}
			if err := seats.Rotate(command.Context(), who, config.Home); err != nil {
				return sent(err)
			}
			fmt.Fprintf(command.ErrOrStderr(), "%s has announced another key: it counts from the next epoch on, the old one is destroyed by the running member when nothing needs it\n", who.Identity.Name)
			return nil
		},
	}
	signed(command, &config)
	return command
}
