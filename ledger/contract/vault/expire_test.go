package vault_test

import (
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

// What nobody can contest any more leaves the state; what was decided stays.
func TestSealedSeriesLeaveTheStateAfterTheirContestTerm(t *testing.T) {
	l := begin(t)
	id := start(l)
	l.RunRound(id)
	buy, sell := contracttest.Prices(periods)
	next := l.Publish(day+1, tariff.Workday, buy, sell)
	zero := contracttest.Constant(periods, 0)
	for _, name := range parkNames {
		l.Parks[name].Seal(vault.Forecast, day+1, 1, zero, zero, zero, zero)
	}
	count := func(prefix string) int {
		n := 0
		l.State.Iterate(prefix, func(string, []byte) bool { n++; return true })
		return n
	}
	for range vault.OpeningBlocks + 1 {
		l.EndBlock()
	}
	if count("vault/in-flight/")+count("vault/polynomials/") != 0 {
		t.Error("a round that is over is still in flight")
	}
	first, _ := tariff.Load(l.State, day)
	l.Now = first.End + contracttest.Contest
	_, _ = vault.StartRound(l.Context(""), vault.Reading, day+5, nil)
	if count("vault/sealed/") != 6 || count("vault/partial/") != 5 {
		t.Fatalf("%d series, %d partial sums: expected all within the term", count("vault/sealed/"), count("vault/partial/"))
	}
	l.Now++
	_, _ = vault.StartRound(l.Context(""), vault.Reading, day+5, nil)
	if count("vault/sealed/") != 3 || count("vault/partial/") != 0 || count("vault/channel/") != 3 {
		t.Errorf("%d series, %d partial sums, %d channels: expected those of the next day", count("vault/sealed/"), count("vault/partial/"), count("vault/channel/"))
	}
	if _, found := vault.OpenedOf(l.State, id); !found || l.Round(id).Phase != vault.PhaseOpened {
		t.Error("the round and what it opened are gone")
	}
	l.Now = next.End + 60*24*contracttest.Hour
	_, _ = vault.StartRound(l.Context(""), vault.Reading, day+5, nil)
	if count("vault/sealed/")+count("vault/channel/") != 0 {
		t.Error("series and channels outlive their term")
	}
}

// Two ledgers that see the same transactions hold the same state.
func TestSameTransactionsMakeTheSameState(t *testing.T) {
	l := begin(t)
	run := func(overlay *contracttest.Ledger) string {
		var text strings.Builder
		id := start(overlay)
		overlay.RunRound(id)
		overlay.State.Iterate("", func(key string, value []byte) bool {
			text.WriteString(key)
			text.Write(value)
			return true
		})
		return text.String()
	}
	if a, b := run(l.Copy()), run(l.Copy()); a != b {
		t.Error("two runs differ")
	}
}
