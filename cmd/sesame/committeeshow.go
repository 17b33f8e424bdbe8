package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/seats"
)

func newCommitteeShowCommand() *cobra.Command {
	var genesis string
	var nodes []string
	var asJSON bool
	command := &cobra.Command{
		Use:     "show",
		Short:   "Show who keeps the shares, how far a change has come, and what waits for votes",
		Example: "  sesame committee show --genesis net/genesis.json --node http://127.0.0.1:27101",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			observer, err := participant.Observe(nodes, genesis, "", nil)
			if err != nil {
				return badInput(err)
			}
			view, err := seats.Read(command.Context(), observer)
			if err != nil {
				return notSo(err)
			}
			if asJSON {
				return json.NewEncoder(command.OutOrStdout()).Encode(committeeReport(view))
			}
			showCommittee(view, command.OutOrStdout())
			return nil
		},
	}
	command.Flags().StringVar(&genesis, "genesis", "genesis.json", "the genesis document, which is all that is trusted")
	command.Flags().StringSliceVar(&nodes, "node", nil, "URL of a node's HTTP API; may be given more than once")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return command
}

// committeeReport is the view for programs.
func committeeReport(view seats.View) map[string]any {
	report := map[string]any{"in_force": epochReport(view, view.Current), "past_epochs": append([]uint32{}, view.Past...)}
	if view.Next != nil {
		report["next"] = epochReport(view, *view.Next)
	}
	if h := view.Handover; h != nil {
		report["handover"] = map[string]any{
			"epoch": h.Epoch, "phase": h.Phase, "not_before": ledgerTime(h.NotBefore), "series": len(h.Items),
			"from": numbersOf(h.From), "complete": numbersOf(h.Complete), "excluded": numbersOf(h.Excluded), "late": numbersOf(h.Late),
			"acknowledged": numbersOf(h.Acknowledged), "unfounded": numbersOf(h.Unfounded), "reason": h.Reason,
		}
	}
	open := []map[string]any{}
	for _, p := range view.Open {
		open = append(open, map[string]any{
			"number": p.ID, "action": p.Action, "subject": p.Subject, "proposer": p.Proposer, "reason": p.Reason, "outcome": p.Outcome,
			"approved": p.Approved, "rejected": p.Rejected, "ends": ledgerTime(p.Opened + committee.ProposalTerm),
		})
	}
	report["proposals"] = open
	return report
}

// ledgerTime is a ledger time as programs and people read it.
func ledgerTime(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

func epochReport(view seats.View, keepers committee.Keepers) map[string]any {
	var list []map[string]any
	for i, seat := range keepers.Seats {
		member := view.Members[seat.Name]
		list = append(list, map[string]any{
			"index": i + 1, "name": seat.Name, "owner": member.Owner, "park": member.Park,
			"key_version": seat.KeyVersion, "acts": !member.Removed,
		})
	}
	return map[string]any{"epoch": keepers.Epoch, "threshold": keepers.Threshold, "cause": keepers.Cause, "keepers": list}
}

// showCommittee prints the view for people.
func showCommittee(view seats.View, out io.Writer) {
	showEpoch(view, view.Current, "in force", out)
	if view.Next != nil {
		showEpoch(view, *view.Next, "announced", out)
	}
	if h := view.Handover; h != nil {
		fmt.Fprintf(out, "hand-over to epoch %d: %s%s\n", h.Epoch, h.Phase, after(": ", h.Reason))
		if view.Next != nil {
			fmt.Fprintf(out, "  %d series, handed on by members %v (complete: %v, excluded: %v, of these late: %v), acknowledged by %v\n",
				len(h.Items), h.From, h.Complete, h.Excluded, h.Late, h.Acknowledged)
		}
	}
	for _, epoch := range view.Past {
		fmt.Fprintf(out, "epoch %d still serves what it has begun\n", epoch)
	}
	for _, p := range view.Open {
		fmt.Fprintf(out, "proposal %d by %s: %s%s; for %v, against %v%s%s\n", p.ID, p.Proposer, p.Action, after(" ", p.Subject), p.Approved, p.Rejected, after("; ", p.Reason), after("; ", p.Outcome))
	}
}

func showEpoch(view seats.View, keepers committee.Keepers, state string, out io.Writer) {
	fmt.Fprintf(out, "epoch %d, %s: any %d of %d open a sum (%s)\n", keepers.Epoch, state, keepers.Threshold, len(keepers.Seats), keepers.Cause)
	rows := newTable(out)
	rows.AppendHeader(table.Row{"index", "member", "owner", "park", "key version", ""})
	for i, seat := range keepers.Seats {
		member, note := view.Members[seat.Name], ""
		if member.Removed {
			note = "removed"
		}
		rows.AppendRow(table.Row{i + 1, seat.Name, member.Owner, member.Park, seat.KeyVersion, note})
	}
	rows.Render()
}
