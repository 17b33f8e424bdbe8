package contracttest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Transcripts runs the readable transcripts of a folder: what parks and
// members do, and what the contracts make of it. Powers are in W. Written anew
// with go test -rewrite.
//
//	ledger parks=3 minimum=3          a new ledger; the lines are buy and sell prices per period
//	seal park=park1 kind=forecast     the lines are the series; spoil=5 spoils the fifth member's share
//	gate kind=forecast                the gate of a kind
//	acknowledge by=(1,2,3)            members check their shares
//	post by=(1,2) wrong=(3)           members post partial sums
//	blocks n=2                        blocks end
//	battery                           the lines are charge, discharge and stored energy per period
//	lines park=park1                  a park posts the lines of its contract
//	confirm by=grid party=park1
//	bill park=park1                   a park sends its bill
//	judge park=park1 fits=true
//	show what=alerts                  round, opened, plan, contracts, settlement, bills or alerts
func Transcripts(t *testing.T, folder string) {
	datadriven.Walk(t, folder, func(t *testing.T, path string) {
		s := &script{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return s.run(t, d) })
	})
}

type script struct {
	ledger *Ledger
	round  string // the newest
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	if d.Cmd == "ledger" {
		s.begin(t, d)
		return ""
	}
	s.ledger.T = t
	ctx := s.ledger.Context
	switch d.Cmd {
	case "seal":
		return s.seal(d)
	case "gate":
		return s.gate(text(d, "kind"))
	case "acknowledge":
		return s.each(d, "by", func(m *Member) error { return m.Acknowledge(s.round) })
	case "post":
		return s.each(d, "by", func(m *Member) error { return m.Post(s.round) }) +
			s.each(d, "wrong", func(m *Member) error {
				body := m.Partials(s.round)
				body.Sums[0], body.Sums[1] = body.Sums[1], body.Sums[0]
				return vault.HandlePartials(ctx(m.Name), body)
			})
	case "blocks":
		return s.blocks(number(d, "n"))
	case "battery":
		return s.battery(d)
	case "lines":
		return answer(trade.HandleLines(ctx(text(d, "park")), trade.PostLines{Contract: s.contract(text(d, "park")), Sealed: []byte("sealed")}))
	case "confirm":
		return answer(trade.HandleConfirm(ctx(text(d, "by")), trade.Confirm{Contract: s.contract(text(d, "party"))}))
	case "bill":
		return answer(trade.HandleBill(ctx(text(d, "park")), trade.SubmitBill{Day: FirstDay, ToGrid: []byte("sealed"), ToOperator: []byte("sealed")}))
	case "judge":
		return answer(trade.HandleJudgeBill(ctx("grid"), trade.JudgeBill{Day: FirstDay, Park: text(d, "park"), Fits: text(d, "fits") == "true"}))
	case "show":
		return s.ledger.show(text(d, "what"), s.round)
	}
	t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	return ""
}

func (s *script) begin(t *testing.T, d *datadriven.TestData) {
	var parks []string
	for i := range number(d, "parks") {
		parks = append(parks, fmt.Sprintf("park%d", i+1))
	}
	s.ledger = New(t, number(d, "minimum"), parks...)
	prices := rows(d)
	s.ledger.Publish(FirstDay, tariff.Workday, typed[energy.Price](prices[0]), typed[energy.Price](prices[1]))
	s.ledger.OpenAllChannels()
}

func (s *script) seal(d *datadriven.TestData) string {
	kind, park := text(d, "kind"), s.ledger.Parks[text(d, "park")]
	if kind == vault.Reading {
		published, _ := tariff.Load(s.ledger.State, FirstDay)
		s.ledger.Now = max(s.ledger.Now, published.End)
	}
	body := park.Unproven(kind, FirstDay, 1, rows(d)...)
	if d.HasArg("spoil") {
		s.ledger.Members[number(d, "spoil")-1].Spoil(park.Name, body.Parts[len(body.Parts)-1])
	}
	park.Prove(&body)
	return answer(vault.HandleDeal(s.ledger.Context(park.Name), body))
}

func (s *script) gate(kind string) string {
	s.ledger.ToGate(kind, FirstDay)
	if kind == vault.Forecast {
		scheduling.Gate(s.ledger.Context(""), FirstDay)
	} else {
		trade.ReadingGate(s.ledger.Context(""), FirstDay)
	}
	s.round = vault.RoundID(kind, FirstDay, 1)
	if _, begun := s.ledger.State.Get(vault.RoundKey(s.round)); !begun {
		return "no round\n"
	}
	return s.ledger.show("round", s.round)
}

// each lets members act and tells what was refused.
func (s *script) each(d *datadriven.TestData, argument string, act func(*Member) error) string {
	var lines strings.Builder
	for _, arg := range d.CmdArgs {
		if arg.Key != argument {
			continue
		}
		for _, value := range arg.Vals {
			index, err := strconv.Atoi(value)
			must(s.ledger.T, err)
			member := s.ledger.Members[index-1]
			fmt.Fprintf(&lines, "%s %s", member.Name, answer(act(member)))
		}
	}
	return lines.String()
}

// blocks ends blocks as the machine does and tells which rounds closed.
func (s *script) blocks(count int) string {
	var lines strings.Builder
	for range count {
		ctx := s.ledger.Context("")
		for _, round := range s.ledger.EndBlock() {
			lines.WriteString(strings.TrimSpace(round.ID+" "+round.Phase+" "+round.Reason) + "\n")
			if round.Kind == vault.Forecast {
				scheduling.RoundClosed(ctx, round)
			} else {
				trade.RoundClosed(ctx, round)
			}
		}
		trade.EndBlock(ctx)
	}
	return lines.String()
}

func (s *script) battery(d *datadriven.TestData) string {
	for period, row := range rows(d) {
		record.Save(s.ledger.State, control.OutcomeKey(FirstDay, period), control.Outcome{
			Day: FirstDay, Period: period, Available: true,
			Charged: energy.Watt(row[0]), Discharged: energy.Watt(row[1]), Energy: energy.WattHour(row[2]),
		})
	}
	return ""
}

func (s *script) contract(party string) string {
	plan, _ := scheduling.InForcePlan(s.ledger.State, FirstDay)
	return trade.ContractID(FirstDay, plan.Version, party)
}

func answer(err error) string {
	if err != nil {
		return "refused: " + err.Error() + "\n"
	}
	return "accepted\n"
}

func text(d *datadriven.TestData, key string) string {
	at := slices.IndexFunc(d.CmdArgs, func(arg datadriven.CmdArg) bool { return arg.Key == key })
	if at < 0 || len(d.CmdArgs[at].Vals) != 1 {
		return ""
	}
	return d.CmdArgs[at].Vals[0]
}

func number(d *datadriven.TestData, key string) int {
	value, _ := strconv.Atoi(text(d, key))
	return value
}

// rows reads numbers, a row per line; what stands before a colon is for people.
func rows(d *datadriven.TestData) [][]uint64 {
	var list [][]uint64
	for line := range strings.Lines(d.Input) {
		if _, after, named := strings.Cut(line, ":"); named {
			line = after
		}
		var row []uint64
		for _, field := range strings.Fields(line) {
			value, _ := strconv.ParseUint(field, 10, 64)
			row = append(row, value)
		}
		list = append(list, row)
	}
	return list
}

func typed[T ~int64](values []uint64) []T {
	list := make([]T, len(values))
	for i, value := range values {
		list[i] = T(value)
	}
	return list
}
