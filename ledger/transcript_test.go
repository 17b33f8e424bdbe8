package ledger_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Transcripts tell what transactions do to the records, for people to read:
// testdata/*.txt. go test -rewrite ./ledger -run Transcripts writes them anew.
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		script := &script{t: t}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return script.run(d) })
	})
}

type script struct {
	t     *testing.T
	chain *ledgertest.Chain
}

func (s *script) run(d *datadriven.TestData) string {
	s.t.Helper()
	if s.chain == nil {
		s.chain = newChain(s.t)
	}
	switch d.Cmd {
	case "send":
		return s.send(s.argument(d, "from", ""), s.argument(d, "kind", ""), s.body(d))
	case "propose":
		return s.send(s.argument(d, "from", ""), "committee/propose", s.proposal(d))
	case "tariff":
		return s.send(s.argument(d, "from", "grid"), "tariff/publish", s.tariff(d))
	case "blocks":
		return s.blocks(d)
	case "accuse":
		s.chain.Accuse(s.argument(d, "member", ""))
		return s.shown(s.chain.Step())
	case "wait":
		s.chain.RunTo(s.chain.Now + int64(s.number(d, "hours", 1))*3600)
		return fmt.Sprintf("ledger time %s\n", time.Unix(s.chain.Now, 0).UTC().Format(time.DateTime))
	case "show":
		return ledgertest.Show(s.chain.State(), s.argument(d, "prefix", ""))
	}
	s.t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	return ""
}

func (s *script) send(from, kind string, body any) string {
	s.chain.Submit(ledgertest.NewParty(from), kind, body)
	result := s.chain.Step()
	if log := result.Transactions[0].Log; log != "" {
		return "refused: " + log + "\n" + s.shown(result)
	}
	return "accepted\n" + s.shown(result)
}

// shown lists what a block has changed, less the clock, the memory of replays
// and the moments of all periods but a day's first.
func (s *script) shown(result ledger.Result) string {
	var lines strings.Builder
	for _, change := range result.Changes {
		laterPeriod := strings.Contains(change.Key, "/1-period/") && !strings.HasSuffix(change.Key, "/000")
		if change.Key == ledger.ClockKey || strings.HasPrefix(change.Key, "replay/") || laterPeriod {
			continue
		}
		if change.Value == nil {
			fmt.Fprintf(&lines, "  %s deleted\n", change.Key)
			continue
		}
		fmt.Fprintf(&lines, "  %.400s\n", strings.TrimSuffix(ledgertest.Show(record.Memory{change.Key: change.Value}, ""), "\n"))
	}
	for _, update := range result.Validators {
		fmt.Fprintf(&lines, "  validator %s... gets power %d\n", fmt.Sprintf("%x", update.PublicKey)[:8], update.Power)
	}
	return lines.String()
}

func (s *script) blocks(d *datadriven.TestData) string {
	for _, name := range strings.Split(s.argument(d, "down", ""), "+") {
		s.chain.Down[name] = true
	}
	defer clear(s.chain.Down)
	last := ""
	for range s.number(d, "count", 1) {
		if changed := s.shown(s.chain.Step()); changed != "" {
			last = fmt.Sprintf("height %d\n%s", s.chain.Height, changed)
		}
	}
	return last
}

func (s *script) body(d *datadriven.TestData) any {
	switch kind := s.argument(d, "kind", ""); kind {
	case "alerts/raise":
		return parse[alerts.Raise](s.t, d)
	case "alerts/acknowledge":
		return parse[alerts.Acknowledge](s.t, d)
	case "committee/vote":
		return parse[committee.Vote](s.t, d)
	default:
		s.t.Fatalf("%s: no body of %q in transcripts", d.Pos, kind)
		return nil
	}
}

// proposal takes what changes of the storage or of the rule's parameters as JSON.
func (s *script) proposal(d *datadriven.TestData) committee.Propose {
	body := committee.Propose{Action: s.argument(d, "action", ""), Subject: s.argument(d, "subject", ""), Reason: "as discussed"}
	switch {
	case d.Input == "":
	case body.Action == committee.ActionStorage:
		storage := committee.LoadStorage(s.chain.State())
		s.unmarshal(d, &storage)
		body.Payload = record.Encode(storage)
	default:
		sharing := committee.LoadSharing(s.chain.State(), s.chain.Now)
		s.unmarshal(d, &sharing)
		body.Payload = record.Encode(sharing)
	}
	return body
}

// tariff makes an even tariff of the day that many days after the first.
func (s *script) tariff(d *datadriven.TestData) tariff.Tariff {
	first := s.chain.Document.Clock.Start + 6*3600
	start := first + int64(s.number(d, "day", 0))*86_400 + int64(s.number(d, "shift", 0))
	periods := s.number(d, "periods", 24)
	body := ledgertest.EvenTariff(start, periods, s.number(d, "minutes", 60), s.number(d, "buy", 600_000), s.number(d, "sell", 300_000))
	body.Day += uint32(s.number(d, "label", 0))
	body.Kind = s.argument(d, "dayKind", body.Kind)
	body.Date = s.argument(d, "date", tariff.Date(body.Day))
	return body
}

func (s *script) argument(d *datadriven.TestData, name, otherwise string) string {
	value := otherwise
	d.MaybeScanArgs(s.t, name, &value)
	return value
}

func (s *script) number(d *datadriven.TestData, name string, otherwise int) int {
	value := otherwise
	d.MaybeScanArgs(s.t, name, &value)
	return value
}

func (s *script) unmarshal(d *datadriven.TestData, into any) {
	if err := json.Unmarshal([]byte(d.Input), into); err != nil {
		s.t.Fatalf("%s: %v", d.Pos, err)
	}
}

func parse[Body any](t *testing.T, d *datadriven.TestData) Body {
	var body Body
	if err := json.Unmarshal([]byte(d.Input), &body); err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	return body
}
