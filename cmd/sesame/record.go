package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/genesis"
)

// newRecordCommand reads one record and believes nobody.
func newRecordCommand() *cobra.Command {
	var path string
	var nodes []string
	command := &cobra.Command{
		Use:   "record KEY",
		Short: "Read one record of the ledger, proven from the genesis document on",
		Long: "Reads the record at KEY from a node, checks the headers from the genesis\n" +
			"document's validators on and the record against the state hash that they signed,\n" +
			"and prints it as JSON. Exit code 1: there is no such record, or it is not proven.",
		Example: "  sesame record --genesis genesis.json --node http://127.0.0.1:27101 plan/019919/0001",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			document, _, err := genesis.Load(path)
			if err != nil {
				return badInput(err)
			}
			connection, err := client.New(client.Config{URLs: nodes, Anchor: client.AnchorOf(document)})
			if err != nil {
				return badInput(err)
			}
			read, err := connection.Get(command.Context(), arguments[0])
			if err != nil {
				return notSo(fmt.Errorf("record %s: not proven: %w", arguments[0], err))
			}
			if !read.Found {
				return notSo(fmt.Errorf("record %s: proven absent from the state after block %d", arguments[0], read.Height))
			}
			decoded, err := ledger.DecodeRecord(read.Key, read.Value)
			if err != nil {
				return notSo(err)
			}
			fmt.Fprintf(command.ErrOrStderr(), "proven against the state after block %d of %s\n", read.Height, document.ChainID)
			printer := json.NewEncoder(command.OutOrStdout())
			printer.SetIndent("", "  ")
			return printer.Encode(decoded)
		},
	}
	command.Flags().StringVar(&path, "genesis", "genesis.json", "the genesis document, which is all that is trusted")
	command.Flags().StringSliceVar(&nodes, "node", nil, "URL of a node's HTTP API; may be given more than once")
	if err := command.MarkFlagRequired("node"); err != nil {
		panic(err) // the flag is defined one line above
	}
	return command
}
