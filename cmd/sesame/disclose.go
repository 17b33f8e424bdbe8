package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/disclosure"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/participant"
)

const secondsPerDay = 24 * 3_600

// newDiscloseCommand is `sesame disclose`.
func newDiscloseCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "disclose",
		Short: "Ask for, vote on and read the opening of one park's series",
		Long: "One park's series is opened only by a request with a reason, which more than two\n" +
			"thirds of the committee's members have voted for. It stays on the ledger for ever.",
	}
	command.AddCommand(newDiscloseRequestCommand(), newDiscloseVoteCommand(), newDiscloseShowCommand())
	return command
}

// signed adds the flags of a command that signs in the name of a folder.
func signed(command *cobra.Command, config *participant.Config) {
	flags := command.Flags()
	flags.StringVar(&config.Home, "home", "", "folder with the identity that signs, a member's or a party's own")
	flags.StringVar(&config.Genesis, "genesis", "genesis.json", "the genesis document, which is all that is trusted")
	flags.StringSliceVar(&config.Nodes, "node", nil, "URL of a node's HTTP API; may be given more than once")
}

// openSigned opens the identity that the flags name.
func openSigned(config participant.Config) (*participant.Participant, error) {
	if err := config.Validate(); err != nil {
		return nil, badInput(err)
	}
	who, err := participant.Open(config, nil)
	if err != nil {
		return nil, badInput(err)
	}
	return who, nil
}

// sent marks what the ledger has refused as the answer no.
func sent(err error) error {
	if refused := (*client.Refused)(nil); errors.As(err, &refused) {
		return notSo(err)
	}
	return err
}

func newDiscloseRequestCommand() *cobra.Command {
	var config participant.Config
	var body vault.Disclose
	command := &cobra.Command{
		Use:     "request PARK DATE",
		Short:   "Ask that series of one park and day be opened",
		Example: "  sesame disclose request park1 2024-07-15 --kind reading --reason \"audit of July, order 17\" --home net/grid --genesis net/genesis.json --node http://127.0.0.1:27101",
		Args:    cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			date, err := time.Parse(time.DateOnly, arguments[1])
			if err != nil || date.Unix() < 0 {
				return badInput(fmt.Errorf("date %.40q: expected one like 2024-07-15", arguments[1]))
			}
			who, err := openSigned(config)
			if err != nil {
				return err
			}
			body.Park, body.Day = arguments[0], uint32(date.Unix()/secondsPerDay)
			release, err := disclosure.Request(command.Context(), who, who.Identity.Name, body)
			if err != nil {
				return sent(err)
			}
			fmt.Fprintln(command.OutOrStdout(), release.ID)
			fmt.Fprintf(command.ErrOrStderr(), "proposal %d waits for votes: sesame disclose vote %s\n", release.Proposal, release.ID)
			return nil
		},
	}
	signed(command, &config)
	command.Flags().StringVar(&body.Kind, "kind", vault.Reading, "forecast or reading")
	command.Flags().StringSliceVar(&body.Series, "series", nil, "series of the kind in its order (forecast: load,pv,wind,surplus; reading: surplus,deficit); default: all")
	command.Flags().StringVar(&body.Reason, "reason", "", "why, in words; everybody reads it")
	return command
}

func newDiscloseVoteCommand() *cobra.Command {
	return newVoteCommand("vote ID", "Vote on a request in the name of a committee member, once",
		"sesame disclose vote disclosure/019919/park1/reading/01 --home net/member1 --genesis net/genesis.json --node http://127.0.0.1:27101",
		func(id string) (ballot, error) {
			return func(ctx context.Context, who *participant.Participant, approve bool) error {
				return disclosure.Vote(ctx, who, id, approve)
			}, nil
		})
}

func newDiscloseShowCommand() *cobra.Command {
	var genesis string
	var nodes []string
	var asJSON bool
	command := &cobra.Command{
		Use:     "show ID",
		Short:   "Show a request, its vote and what was opened, proven from the genesis document on",
		Example: "  sesame disclose show disclosure/019919/park1/reading/01 --genesis net/genesis.json --node http://127.0.0.1:27101",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			observer, err := participant.Observe(nodes, genesis, "", nil)
			if err != nil {
				return badInput(err)
			}
			return showDisclosure(command.Context(), observer, arguments[0], asJSON, command.OutOrStdout())
		},
	}
	command.Flags().StringVar(&genesis, "genesis", "genesis.json", "the genesis document, which is all that is trusted")
	command.Flags().StringSliceVar(&nodes, "node", nil, "URL of a node's HTTP API; may be given more than once")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// showDisclosure prints a disclosure as far as it has come.
func showDisclosure(ctx context.Context, observer *participant.Observer, id string, asJSON bool, out io.Writer) error {
	view, err := disclosure.Read(ctx, observer, id)
	if err != nil {
		return notSo(err)
	}
	release := view.Release
	if asJSON {
		return json.NewEncoder(out).Encode(map[string]any{
			"id": release.ID, "park": release.Park, "day": release.Day, "kind": release.Series, "version": release.Version,
			"requester": release.Requester, "reason": release.Reason, "state": release.Phase, "outcome": release.Outcome,
			"approved": view.Vote.Approved, "rejected": view.Vote.Rejected,
			"right": numbersOf(release.Partials), "wrong": numbersOf(release.Wrong), "series_w": view.Series,
		})
	}
	fmt.Fprintf(out, "%s: %s%s\nasked by %s: %s\nvotes: for %v, against %v\n", release.ID, release.Phase, after(": ", release.Outcome),
		release.Requester, release.Reason, view.Vote.Approved, view.Vote.Rejected)
	if view.Series == nil {
		return nil
	}
	fmt.Fprintf(out, "opened from the parts of members %v; wrong parts: %v\n", release.Partials, release.Wrong)
	rows := newTable(out)
	header := table.Row{"period"}
	for _, name := range release.Parts {
		header = append(header, name+", W")
	}
	rows.AppendHeader(header)
	for period := range view.Series[release.Parts[0]] {
		row := table.Row{period + 1}
		for _, name := range release.Parts {
			row = append(row, view.Series[name][period])
		}
		rows.AppendRow(row)
	}
	rows.Render()
	return nil
}

// numbersOf keeps indices from being shown as bytes.
func numbersOf(indices []uint8) []int {
	numbers := make([]int, len(indices))
	for i, index := range indices {
		numbers[i] = int(index)
	}
	return numbers
}

// after puts what goes before a text that is not empty.
func after(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}
