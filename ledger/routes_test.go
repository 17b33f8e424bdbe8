package ledger_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
)

// allowed is the table of docs/ledger.md, written down a second time: who
// may send what.
var allowed = map[string]string{
	"alerts/acknowledge":         "grid member operator park",
	"alerts/raise":               "grid member operator park",
	"committee/propose":          "member",
	"committee/vote":             "member",
	"control/outcome":            "operator",
	"scheduling/replan":          "grid operator",
	"tariff/publish":             "grid",
	"trade/attest":               "grid",
	"trade/bill":                 "park",
	"trade/confirm":              "grid operator park",
	"trade/judge-bill":           "grid",
	"trade/lines":                "park",
	"trade/net":                  "park",
	"vault/acknowledge":          "member",
	"vault/channel":              "member park",
	"vault/channel-acknowledge":  "member",
	"vault/deal":                 "park",
	"vault/disclose":             "grid member operator park",
	"vault/hand-on":              "member",
	"vault/handover-acknowledge": "member",
	"vault/partials":             "member",
	"vault/refuse":               "member",
	"vault/request":              "member",
	"vault/rotate-key":           "member",
}

var senders = map[committee.Role]string{
	committee.RoleMember: "member1", committee.RolePark: "park1",
	committee.RoleGrid: "grid", committee.RoleOperator: "operator",
}

func TestRoutesAreThoseThatAreWrittenDown(t *testing.T) {
	if got, want := ledger.Kinds(), slices.Sorted(maps.Keys(allowed)); !slices.Equal(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
	for kind, roles := range allowed {
		var got []string
		for _, role := range ledger.RolesOf(kind) {
			got = append(got, string(role))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != roles {
			t.Errorf("%s: %v, want %s", kind, got, roles)
		}
	}
}

func TestEveryRoleOutsideTheTableIsRefused(t *testing.T) {
	chain := ledgertest.NewChain(t, ledgertest.ReferenceCase(t))
	chain.Step()
	for _, kind := range ledger.Kinds() {
		for role, name := range senders {
			may := strings.Contains(allowed[kind], string(role))
			reason := chain.Try(ledgertest.NewParty(name), kind, "not a body of any kind")
			if forbidden := strings.Contains(reason, "may not send it"); forbidden == may {
				t.Errorf("%s by a %s: refused with %q", kind, role, reason)
			}
			if reason == "" {
				t.Errorf("%s by a %s: accepted a body that is none", kind, role)
			}
		}
	}
	if reason := chain.Try(ledgertest.NewParty("member1"), "vault/open", ""); !strings.Contains(reason, "there is none") {
		t.Errorf("unknown kind: %q", reason)
	}
}
