package alerts_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/record"
)

func load(t *testing.T, ctx contract.Context, id uint64) alerts.Alert {
	t.Helper()
	alert, found := record.Load[alerts.Alert](ctx.State, alerts.Key(id))
	if !found {
		t.Fatalf("no alert %d", id)
	}
	return alert
}

func TestContractsWordsAreCutAtACharactersEnd(t *testing.T) {
	ctx := contract.Context{State: record.Memory{}}
	alerts.Post(ctx, "contract/test", alerts.RoundFailed, "forecast/019919/1", strings.Repeat("a", 499)+"é")
	if got := load(t, ctx, 1).Detail; len(got) != 499 || !utf8.ValidString(got) {
		t.Errorf("detail of %d bytes, valid %t", len(got), utf8.ValidString(got))
	}
}

// The same is not told twice within half a day, unless it was taken in hand.
func TestStandingAlertIsNotPostedAgain(t *testing.T) {
	state := record.Memory{}
	at := func(now int64) contract.Context { return contract.Context{State: state, Now: now} }
	count := func() (n int) {
		record.Each(state, alerts.Prefix, func(string, alerts.Alert) bool { n++; return true })
		return n
	}
	post := func(now int64, subject string) {
		alerts.Post(at(now), "contract/test", alerts.WrongShare, subject, "")
	}
	for _, step := range []struct {
		what string
		do   func()
		want int
	}{
		{"first", func() { post(0, "member1") }, 1},
		{"again", func() { post(3600, "member1") }, 1},
		{"another subject", func() { post(3600, "member2") }, 2},
		{"just before half a day", func() { post(43_199, "member1") }, 2},
		{"half a day later", func() { post(43_200, "member1") }, 3},
		{"cleared", func() { alerts.Clear(at(43_300), "contract/test", alerts.WrongShare, "member1") }, 3},
		{"after that", func() { post(43_400, "member1") }, 4},
		{"clearing what is not there", func() { alerts.Clear(at(43_500), "contract/test", alerts.WrongShare, "member9") }, 4},
	} {
		step.do()
		if got := count(); got != step.want {
			t.Errorf("%s: %d alerts, want %d", step.what, got, step.want)
		}
	}
	if cleared := load(t, at(0), 3); cleared.AcknowledgedBy != "contract/test" || cleared.AcknowledgedAt != 43_300 {
		t.Errorf("cleared: %+v", cleared)
	}
}
