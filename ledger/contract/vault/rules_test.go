package vault_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// The attacks on the rules of docs/ledger.md and on the vault's policy, as far
// as a sender of transactions can try them. Each is refused by the contract.

// again makes the park's sealed series another version without a round, as a
// gate within the day would.
func again(l *contracttest.Ledger, park string, version uint32) {
	l.T.Helper()
	sealed := l.SealedOf(vault.Forecast, day, park)
	sealed.Version = version
	zero := contracttest.Constant(periods, 0)
	sealed.Parts = l.Parks[park].Unproven(vault.Forecast, day, version, zero, zero, zero, zero).Parts
	record.Save(l.State, vault.SealedKey(vault.Forecast, day, park), sealed)
}

func request(l *contracttest.Ledger) error {
	return vault.HandleRequest(l.Context("member1"), vault.Request{Kind: vault.Forecast, Day: day})
}

func TestNoRoundOpensTheSameVersionsAgain(t *testing.T) {
	l := begin(t)
	l.RunRound(start(l))
	if err := request(l); err == nil || !strings.Contains(err.Error(), "rule 3: version 1 of park1") {
		t.Errorf("a second opening: %v", err)
	}
}

// Re-sealing by one or two parks alone would open the difference.
func TestNoRoundOpensWhenOnlySomeHaveSealedAnew(t *testing.T) {
	l := begin(t)
	l.RunRound(start(l))
	again(l, "park1", 2)
	again(l, "park3", 2)
	if err := request(l); err == nil || !strings.Contains(err.Error(), "rule 3: version 1 of park2") {
		t.Errorf("a round after two of three sealed anew: %v", err)
	}
}

func TestLaterRoundWithFreshVersionsOfAllOpens(t *testing.T) {
	l := begin(t)
	first := l.RunRound(start(l))
	for _, name := range parkNames {
		again(l, name, 2)
	}
	l.Must(request(l))
	second := l.RunRound(vault.RoundID(vault.Forecast, day, 2))
	if second.Phase != vault.PhaseOpened {
		t.Fatalf("second round %s: %s", second.Phase, second.Reason)
	}
	for k := range second.Purposes {
		if bytes.Equal(first.Purposes[k].ID, second.Purposes[k].ID) {
			t.Errorf("purpose %d has the same id in both rounds", k)
		}
	}
}

// The weights of a further round are the contract's: of forecasts those of
// the round before that are still ahead.
func TestLaterRoundOpensFuturePeriodsOnly(t *testing.T) {
	l := begin(t)
	l.RunRound(start(l))
	for _, name := range parkNames {
		again(l, name, 2)
	}
	published, _ := tariff.Load(l.State, day)
	l.Now = published.Starts[1]
	l.Must(request(l))
	for _, purpose := range l.Round(vault.RoundID(vault.Forecast, day, 2)).Purposes {
		if purpose.Period != 2 {
			t.Errorf("opens period %d, which has begun", purpose.Period+1)
		}
	}
	l.RunRound(vault.RoundID(vault.Forecast, day, 2))
	for _, name := range parkNames {
		again(l, name, 3)
	}
	l.Now = published.Starts[2]
	if err := request(l); err == nil || !strings.Contains(err.Error(), "still ahead") {
		t.Errorf("a round over a day that is over: %v", err)
	}
}

// Sums over {1,2,3} and {1,2,3,4} give park 4 away.
func TestSetsThatDifferByFewerParksThanTheMinimumAreNotOpened(t *testing.T) {
	for _, test := range []struct {
		newcomers int
		phase     string
	}{{0, vault.PhaseOpened}, {1, vault.PhaseFailed}, {2, vault.PhaseFailed}, {3, vault.PhaseOpened}} {
		names := []string{"park1", "park2", "park3", "park4", "park5", "park6"}
		l := contracttest.New(t, 3, names...)
		buy, sell := contracttest.Prices(periods)
		l.Publish(day, tariff.Workday, buy, sell)
		l.OpenAllChannels()
		zero := contracttest.Constant(periods, 0)
		for _, name := range names[:3] {
			l.Parks[name].Seal(vault.Forecast, day, 1, zero, zero, zero, zero)
		}
		l.ToGate(vault.Forecast, day)
		l.RunRound(start(l))
		for _, name := range names[:3] {
			again(l, name, 2)
		}
		for _, name := range names[3 : 3+test.newcomers] {
			record.Save(l.State, vault.SealedKey(vault.Forecast, day, name), vault.Sealed{Park: name, Day: day, Kind: vault.Forecast, Channel: 1})
			again(l, name, 1)
		}
		l.Must(request(l))
		round := l.RunRound(vault.RoundID(vault.Forecast, day, 2))
		if round.Phase != test.phase || test.phase == vault.PhaseFailed && !strings.Contains(round.Reason, "rule 4") {
			t.Errorf("%d newcomers: %s, %s: expected %s", test.newcomers, round.Phase, round.Reason, test.phase)
		}
	}
}

// A refused park of an earlier set would leave the difference open.
func TestLaterSetMustHoldTheEarlierOne(t *testing.T) {
	names := []string{"park1", "park2", "park3", "park4"}
	l := contracttest.New(t, 3, names...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	l.OpenAllChannels()
	zero := contracttest.Constant(periods, 0)
	for _, name := range names {
		l.Parks[name].Seal(vault.Forecast, day, 1, zero, zero, zero, zero)
	}
	l.ToGate(vault.Forecast, day)
	l.RunRound(start(l))
	for _, name := range names {
		again(l, name, 2)
	}
	sealed := l.SealedOf(vault.Forecast, day, "park4")
	l.Members[4].Spoil("park4", sealed.Parts[0])
	record.Save(l.State, vault.SealedKey(vault.Forecast, day, "park4"), sealed)
	l.Must(request(l))
	round := l.RunRound(vault.RoundID(vault.Forecast, day, 2))
	if round.Phase != vault.PhaseFailed || len(round.Parks) != 0 || !strings.Contains(round.Reason, "rule 3: park4") {
		t.Errorf("round %s over %v: %s", round.Phase, round.Parks, round.Reason)
	}
}

// Partial sums cannot be posted outside a frozen round, nor for a purpose that
// the contract has not derived: there is nothing to name one by.
func TestPartialsOutsideAFrozenRoundAreRefused(t *testing.T) {
	l := begin(t)
	id := start(l)
	body := vault.Partials{Round: id, Sums: make([][]byte, 2*periods)}
	if err := vault.HandlePartials(l.Context("member1"), body); err == nil {
		t.Error("partial sums before the freeze were taken")
	}
	for _, member := range l.Members {
		l.Must(member.Acknowledge(id))
	}
	l.EndBlock()
	good := l.Members[0].Partials(id)
	for name, body := range map[string]vault.Partials{
		"of no round":       {Round: "forecast/019919/5", Sums: good.Sums},
		"one too few":       {Round: id, Sums: good.Sums[1:]},
		"one too many":      {Round: id, Sums: append(slices.Clone(good.Sums), good.Sums[0])},
		"not canonical":     {Round: id, Sums: append(slices.Clone(good.Sums[1:]), bytes.Repeat([]byte{255}, 64))},
		"shorter encodings": {Round: id, Sums: append(slices.Clone(good.Sums[1:]), good.Sums[0][:63])},
	} {
		if err := vault.HandlePartials(l.Context("member1"), body); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if round := l.Round(id); len(round.Wrong)+len(round.Partials) != 0 {
		t.Errorf("refused posts left traces: %+v", round)
	}
	l.Must(vault.HandlePartials(l.Context("member1"), good))
}

// Another member's post is a wrong one: partial sums are of one index.
func TestCopiedPartialsAreWrong(t *testing.T) {
	l := begin(t)
	id := start(l)
	for _, member := range l.Members {
		l.Must(member.Acknowledge(id))
	}
	l.EndBlock()
	l.Must(vault.HandlePartials(l.Context("member2"), l.Members[0].Partials(id)))
	if round := l.Round(id); !slices.Equal(round.Wrong, []uint8{2}) {
		t.Errorf("wrong %v: expected member 2", round.Wrong)
	}
}

// Readings are opened once: a correction would tell the difference.
func TestReadingsAreNotOpenedAgain(t *testing.T) {
	l := begin(t)
	err := vault.HandleRequest(l.Context("member1"), vault.Request{Kind: vault.Reading, Day: day})
	if err == nil || !strings.Contains(err.Error(), "never community sums") {
		t.Errorf("a request for readings: %v", err)
	}
}

func TestOneRoundAtATime(t *testing.T) {
	l := begin(t)
	if err := request(l); err == nil || !strings.Contains(err.Error(), "no round") {
		t.Errorf("a request before the gate: %v", err)
	}
	start(l)
	if err := request(l); err == nil || !strings.Contains(err.Error(), "still") {
		t.Errorf("a request during a round: %v", err)
	}
	if err := vault.HandleRequest(l.Context("park1"), vault.Request{Kind: vault.Forecast, Day: day}); err == nil {
		t.Error("a park's request was taken")
	}
}
