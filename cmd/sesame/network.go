package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/network"
)

// newNetworkCommand lays out the folders of a new network.
func newNetworkCommand() *cobra.Command {
	options := network.Options{Begin: time.Now()}
	var (
		dir   string
		hosts []string
		speed int64
	)
	command := &cobra.Command{
		Use:   "network CASE --dir DIR",
		Short: "Lay out a new network: keys, genesis, a configuration for every role",
		Long: "Makes one folder per role with its keys and configuration, and the genesis\n" +
			"document that all share. Who runs this has seen all keys: move each folder to its\n" +
			"machine and delete it here. docs/operations.md says how to go on.",
		Example: "  sesame network cases/reference --dir net --host member1=10.0.0.11 --host member2=10.0.0.12",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			c, _, err := casefile.Load(arguments[0])
			if err != nil {
				return badInput(err)
			}
			options.Case, options.CasePath, options.Factor = c, arguments[0], speed
			if options.Hosts, err = parseHosts(hosts); err != nil {
				return badInput(err)
			}
			layout, err := network.Create(dir, options)
			if unsuitable := (*network.Unsuitable)(nil); errors.As(err, &unsuitable) {
				return badInput(err)
			}
			if err != nil {
				return err
			}
			for _, warning := range layout.Warnings {
				fmt.Fprintln(command.ErrOrStderr(), "note: "+warning)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s: genesis %x\n", layout.Genesis, layout.Hash)
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&dir, "dir", "", "folder to make the network in")
	flags.StringVar(&options.ChainID, "chain", "sesame-1", "chain id")
	flags.IntVar(&options.Members, "members", 5, "committee members, n")
	flags.IntVar(&options.Threshold, "threshold", 3, "shares that open a sum, t")
	flags.StringArrayVar(&hosts, "host", nil, "ROLE=HOST, where a role will run (repeatable; default 127.0.0.1)")
	flags.Int64Var(&speed, "speed", 1, "ledger seconds per second; 1 is the world's pace")
	flags.BoolVar(&options.FreePorts, "free-ports", false, "any ports that are free now, in place of the usual ones from 27000 on")
	flags.Int64Var(&options.Padding, "padding-kw", 0, "hide forecasts behind up to so many kW, the same on surplus and deficit; with three or four parks the alternative to their consent")
	flags.Float64Var(&options.Noise, "noise", 0.02, "standard deviation of the simulated readings around the forecast")
	if err := command.MarkFlagRequired("dir"); err != nil {
		panic(err) // the flag is defined above
	}
	return command
}

func parseHosts(entries []string) (map[string]string, error) {
	hosts := map[string]string{}
	for _, entry := range entries {
		role, host, found := strings.Cut(entry, "=")
		if !found || role == "" || host == "" {
			return nil, fmt.Errorf("--host %q: expected ROLE=HOST, like member1=10.0.0.11", entry)
		}
		hosts[role] = host
	}
	return hosts, nil
}
