package contracttest

import (
	"fmt"
	"strings"

	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// show tells of the day's records what a reader can follow: no keys, no
// commitments, which differ from run to run.
func (l *Ledger) show(what, round string) string {
	l.T.Helper()
	switch what {
	case "round":
		return l.showRound(l.Round(round))
	case "opened":
		return l.showOpened(l.Round(round))
	case "plan":
		return l.showPlan()
	case "contracts":
		return showEach(l.State, trade.ContractPrefix, func(c trade.Contract) string {
			return fmt.Sprintf("%s with %s: %s, confirmed by %v\n", c.ID, c.Counterparty, c.State, c.Confirmed)
		})
	case "settlement":
		return l.showSettlement()
	case "bills":
		return showEach(l.State, trade.BillPrefix(FirstDay), func(b trade.Bill) string { return fmt.Sprintf("%s: %s\n", b.Park, b.State) })
	case "alerts":
		return showEach(l.State, alerts.Prefix, func(a alerts.Alert) string { return fmt.Sprintf("%s %s: %s\n", a.Rule, a.Subject, a.Detail) })
	}
	l.T.Fatalf("show %q: unknown", what)
	return ""
}

func showEach[T any](state record.State, prefix string, line func(T) string) string {
	var lines strings.Builder
	record.Each(state, prefix, func(_ string, value T) bool { lines.WriteString(line(value)); return true })
	return lines.String()
}

func (l *Ledger) showRound(round vault.Round) string {
	var lines strings.Builder
	fmt.Fprintf(&lines, "%s: %s\n", round.ID, round.Phase)
	row := func(name string, value any, there bool) {
		if there {
			fmt.Fprintf(&lines, "  %s %v\n", name, value)
		}
	}
	row("candidates", names(round.Candidates), true)
	row("acknowledged by", round.Acknowledged, len(round.Acknowledged) > 0)
	row("refused", round.Refused, len(round.Refused) > 0)
	row("unfounded refusals of", round.Unfounded, len(round.Unfounded) > 0)
	row("parks", names(round.Parks), round.Frozen > 0)
	row("quorum", round.Quorum, round.Frozen > 0)
	row("right partials of", round.Partials, len(round.Partials) > 0)
	row("wrong partials of", round.Wrong, len(round.Wrong) > 0)
	row("reason", round.Reason, round.Reason != "")
	return lines.String()
}

func names(participants []vault.Participant) []string {
	list := []string{}
	for _, participant := range participants {
		list = append(list, fmt.Sprintf("%s/%d", participant.Park, participant.Version))
	}
	return list
}

func (l *Ledger) showOpened(round vault.Round) string {
	opened, found := vault.OpenedOf(l.State, round.ID)
	if !found {
		return "nothing\n"
	}
	var lines strings.Builder
	for k, sum := range opened.Purposes {
		purpose := round.Purposes[k]
		if purpose.Period >= 0 {
			fmt.Fprintf(&lines, "%s of period %d: %s\n", purpose.Kind, purpose.Period, l.value(sum.Value))
		} else {
			fmt.Fprintf(&lines, "%s: %s\n", purpose.Kind, l.value(sum.Value))
		}
	}
	return lines.String()
}

func (l *Ledger) showPlan() string {
	plan, found := scheduling.InForcePlan(l.State, FirstDay)
	if !found {
		return "none\n"
	}
	return fmt.Sprintf("version %d, %s (%s), for %v\n  charge    %v\n  discharge %v\n  stored    %v\n  cost %d instead of %d, proven %t\n",
		plan.Version, plan.Source, plan.Reason, plan.Parks, plan.Charge, plan.Discharge, plan.Energy,
		plan.Cost, plan.Baseline, len(plan.Certificate) > 0)
}

func (l *Ledger) showSettlement() string {
	s, found := record.Load[trade.Settlement](l.State, trade.SettlementKey(FirstDay))
	if !found {
		return "none\n"
	}
	reason := ""
	if s.Reason != "" {
		reason = ": " + s.Reason
	}
	return fmt.Sprintf("%s%s\n  parks %v, by meter %v\n  surplus %v, deficit %v\n  saving %s, rho %d\n  bills %s = grid company %s + operator %s\n",
		s.Kind, reason, s.Parks, s.ByMeter, s.Surplus, s.Deficit, l.value(s.Saving), s.Rho,
		l.value(s.TotalBills), l.value(s.GridDue), l.value(s.OperatorDue))
}

// value is an encoded number for people, "unknown" where there is none.
func (l *Ledger) value(encoded []byte) string {
	if len(encoded) == 0 {
		return "unknown"
	}
	value, err := vault.DecodeValue(encoded)
	must(l.T, err)
	return value.String()
}
