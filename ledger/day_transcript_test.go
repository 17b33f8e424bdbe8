package ledger_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/transaction"
)

// Whole days as people read them: who sent what, and what came of it.
// testdata/days/*.txt. go test -rewrite ./ledger -run Days writes them anew.
func TestDaysAsTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/days", func(t *testing.T, path string) {
		day := &story{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return day.run(t, d) })
	})
}

type story struct{ community *ledgertest.Community }

func (s *story) run(t *testing.T, d *datadriven.TestData) string {
	if s.community == nil {
		s.community = ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	}
	s.community.T = t
	switch d.Cmd {
	case "mute":
		for _, argument := range d.CmdArgs {
			for _, member := range s.community.Members {
				member.Mute = member.Mute || member.Name == argument.Key
			}
		}
		return "ok\n"
	case "keeps": // parks that keep their bills to themselves
		for _, argument := range d.CmdArgs {
			for _, park := range s.community.Parks {
				park.Keeps = park.Keeps || park.Name == argument.Key
			}
		}
		return "ok\n"
	case "disclose": // asked for by an account; the input is the reason
		var by, park, kind string
		d.ScanArgs(t, "by", &by)
		d.ScanArgs(t, "park", &park)
		d.ScanArgs(t, "kind", &kind)
		s.community.Submit(ledgertest.NewParty(by), "vault/disclose", vault.Disclose{
			Park: park, Day: s.community.Day(0), Kind: kind, Reason: strings.TrimSpace(d.Input),
		})
		return s.tell(s.community.Now + 1)
	case "vote": // by members, each in a block of its own
		var lines strings.Builder
		for _, argument := range d.CmdArgs[1:] {
			proposal, err := strconv.ParseUint(d.CmdArgs[0].Key, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			s.community.Submit(ledgertest.NewParty(argument.Key), "committee/vote", committee.Vote{Proposal: proposal, Approve: true})
			lines.WriteString(s.tell(s.community.Now + 1))
		}
		return lines.String()
	case "until", "pass": // pass tells nothing
		var day, hour int
		d.ScanArgs(t, "day", &day)
		d.ScanArgs(t, "hour", &hour)
		told := s.tell(s.community.Grid.First + int64(day*24+hour)*3600)
		if d.Cmd == "pass" {
			return ""
		}
		return told
	}
	t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	return ""
}

// tell runs to a time and lists what happened, block by block.
func (s *story) tell(until int64) string {
	var lines strings.Builder
	for s.community.Now < until {
		result := s.community.Step()
		at := time.Unix(s.community.Now, 0).UTC().Add(8 * time.Hour).Format("02 15:04")
		blocks := s.community.Blocks
		for i, encoded := range blocks[len(blocks)-1].Transactions {
			envelope, _ := transaction.Decode(encoded)
			outcome := "accepted"
			if log := result.Transactions[i].Log; log != "" {
				outcome = "refused: " + log
			}
			fmt.Fprintf(&lines, "%s  %-9s %-26s %s\n", at, envelope.Sender, envelope.Kind, outcome)
		}
		for _, change := range result.Changes {
			if event := eventOf(change.Key, change.Value); event != "" {
				fmt.Fprintf(&lines, "%s    -> %s\n", at, event)
			}
		}
	}
	return lines.String()
}

// eventOf says what a changed record means, "" for one that means nothing to people.
func eventOf(key string, value []byte) string {
	decoded, err := ledger.DecodeRecord(key, value)
	if err != nil {
		return "" // deleted
	}
	switch r := decoded.(type) {
	case vault.Round:
		return fmt.Sprintf("round %s %s: %d acknowledged, %d right sums, %d wrong", r.ID, r.Phase, len(r.Acknowledged), len(r.Partials), len(r.Wrong))
	case vault.Release:
		return fmt.Sprintf("release %s %s: %d sums, right by %v, wrong by %v", r.ID, strings.TrimSpace(r.Phase+" "+r.Outcome), len(r.Purposes), r.Partials, r.Wrong)
	case scheduling.Plan:
		return fmt.Sprintf("plan %d of day %d (%s, %s) from period %d, cost %.2f, proven to %.2f", r.Version, r.Day, r.Source, r.Reason, r.From, r.Cost.Currency(60), r.Bound.Currency(60))
	case control.Signal:
		if key == control.CurrentKey {
			return ""
		}
		return fmt.Sprintf("signal of period %d: %d W, then %d Wh", r.Period, r.Power, r.Expects)
	case control.Measured:
		return fmt.Sprintf("measured %d Wh", r.Energy)
	case alerts.Alert:
		return fmt.Sprintf("alert %s about %s: %s", r.Rule, r.Subject, r.Detail)
	case trade.Contract:
		return fmt.Sprintf("contract %s %s, confirmed by %v", r.ID, r.State, r.Confirmed)
	case trade.Settlement:
		if strings.HasPrefix(key, "trade/pending/") {
			return ""
		}
		return fmt.Sprintf("settlement of day %d (%s): rho %.4f, parks %v", r.Day, r.Kind, float64(r.Rho)/(1<<40), r.Parks)
	case trade.Bill:
		return fmt.Sprintf("bill of %s %s", r.Park, r.State)
	}
	return ""
}
