package vault_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

const (
	day     = contracttest.FirstDay
	periods = 3
)

var parkNames = []string{"park1", "park2", "park3"}

// begin is a ledger on which three parks have sealed a forecast of three
// periods, at the gate: park i has surplus 100 i in the first period and
// deficit 10 i in the others.
func begin(t *testing.T) *contracttest.Ledger {
	t.Helper()
	l := contracttest.New(t, 3, parkNames...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	l.OpenAllChannels()
	for i, name := range parkNames {
		n := uint64(i + 1)
		l.Parks[name].Seal(vault.Forecast, day, 1,
			[]uint64{50, 30 * n, 10 * n}, []uint64{50 + 100*n, 20 * n, 0}, []uint64{0, 0, 0}, []uint64{100 * n, 0, 0})
	}
	l.ToGate(vault.Forecast, day)
	return l
}

func sums() []vault.Purpose {
	var list []vault.Purpose
	for t := range periods {
		list = append(list, vault.SurplusOf(t), vault.DeficitOf(t))
	}
	return list
}

func start(l *contracttest.Ledger) string {
	l.T.Helper()
	round, err := vault.StartRound(l.Context(""), vault.Forecast, day, sums())
	l.Must(err)
	return round.ID
}

func opened(l *contracttest.Ledger, id string) []int64 {
	l.T.Helper()
	sums, found := vault.OpenedOf(l.State, id)
	if !found {
		return nil
	}
	var values []int64
	for _, sum := range sums.Purposes {
		value, err := vault.DecodeValue(sum.Value)
		l.Must(err)
		values = append(values, value.Int64())
	}
	return values
}

var expected = []int64{600, 0, 0, 60, 0, 60}

func TestRoundOpensTheCommunitySums(t *testing.T) {
	l := begin(t)
	id := start(l)
	round := l.RunRound(id)
	if round.Phase != vault.PhaseOpened || !slices.Equal(round.Quorum, []uint8{1, 2, 3, 4, 5}) || len(round.Parks) != 3 {
		t.Fatalf("round %+v", round)
	}
	if diff := cmp.Diff(expected, opened(l, id)); diff != "" {
		t.Error(diff)
	}
	if list := l.Alerts(); list != nil {
		t.Errorf("alerts %v: expected none", list)
	}
}

// Anybody checks opened sums against the commitments, without keys.
func TestOpenedSumsOpenTheCommitmentsOfTheirForms(t *testing.T) {
	l := begin(t)
	id := start(l)
	round := l.RunRound(id)
	var series []vault.Sealed
	for _, name := range parkNames {
		series = append(series, l.SealedOf(vault.Forecast, day, name))
	}
	forms, deals, err := vault.Forms(round, series)
	l.Must(err)
	result, _ := vault.OpenedOf(l.State, id)
	for k, sum := range result.Purposes {
		commitment, err := forms[k].Value(deals)
		l.Must(err)
		value, err := vault.DecodeValue(sum.Value)
		l.Must(err)
		if err := sealing.CheckOpening(commitment, openedSum(t, value, sum.Blinding)); err != nil {
			t.Errorf("purpose %d: %v", k, err)
		}
		other := openedSum(t, new(big.Int).Add(value, big.NewInt(1)), sum.Blinding)
		if sealing.CheckOpening(commitment, other) == nil {
			t.Errorf("purpose %d: another value opens its commitment", k)
		}
	}
}

func TestPhaseOfAcknowledgementsEndsEarlyOrAfterTenBlocks(t *testing.T) {
	l := begin(t)
	id := start(l)
	for _, member := range l.Members[:4] {
		l.Must(member.Acknowledge(id))
	}
	for range vault.AcknowledgeBlocks {
		l.EndBlock()
		if phase := l.Round(id).Phase; phase != vault.PhaseAcknowledging {
			t.Fatalf("phase %s at height %d: one member is still awaited", phase, l.Height)
		}
	}
	l.EndBlock()
	if round := l.Round(id); round.Phase != vault.PhaseOpening || !slices.Equal(round.Quorum, []uint8{1, 2, 3, 4}) {
		t.Fatalf("round %+v: expected the opening with four members", round)
	}
	if err := l.Members[4].Acknowledge(id); err == nil {
		t.Error("an acknowledgement after the freeze was taken")
	}
	if err := l.Members[4].Post(id); err == nil || !strings.Contains(err.Error(), "quorum") {
		t.Errorf("partial sums from outside the quorum: %v", err)
	}
}

func TestRoundNeedsAQuorumOfAcknowledgements(t *testing.T) {
	l := begin(t)
	id := start(l)
	for _, member := range l.Members[:3] {
		l.Must(member.Acknowledge(id))
	}
	var closed []vault.Round
	for range vault.AcknowledgeBlocks + 1 {
		closed = append(closed, l.EndBlock()...)
	}
	if len(closed) != 1 || closed[0].Phase != vault.PhaseFailed || closed[0].Frozen != 0 {
		t.Fatalf("closed %+v: expected the round failed without a set", closed)
	}
	if want := []string{"round-failed " + id}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	// Nothing was opened, so the same versions may be tried again.
	l.Must(vault.HandleRequest(l.Context("member1"), vault.Request{Kind: vault.Forecast, Day: day}))
	if round := l.RunRound(vault.RoundID(vault.Forecast, day, 2)); round.Phase != vault.PhaseOpened {
		t.Errorf("second round: %s, %s", round.Phase, round.Reason)
	}
}

func TestWrongPartialsAreNamedAndTheRoundCompletes(t *testing.T) {
	l := begin(t)
	id := start(l)
	for _, member := range l.Members {
		l.Must(member.Acknowledge(id))
	}
	l.EndBlock()
	for i, member := range l.Members {
		body := member.Partials(id)
		if i < 2 { // the two lowest indices lie, each in another purpose
			partial, err := sealing.DecodePartial(body.Sums[i])
			l.Must(err)
			partial.Value.Add(&partial.Value, &partial.Blinding)
			body.Sums[i], err = partial.MarshalBinary()
			l.Must(err)
		}
		l.Must(vault.HandlePartials(l.Context(member.Name), body))
	}
	closed := l.EndBlock()
	if len(closed) != 1 || closed[0].Phase != vault.PhaseOpened || !slices.Equal(closed[0].Wrong, []uint8{1, 2}) {
		t.Fatalf("closed %+v", closed)
	}
	if diff := cmp.Diff(expected, opened(l, id)); diff != "" {
		t.Error(diff)
	}
	if want := []string{"wrong-share member1", "wrong-share member2"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
}

// A liar that waits until the sums are open is named all the same.
func TestWrongPartialsAfterTheOpeningAreNamed(t *testing.T) {
	l := begin(t)
	id := start(l)
	for _, member := range l.Members {
		l.Must(member.Acknowledge(id))
	}
	l.EndBlock()
	for _, member := range l.Members[:3] {
		l.Must(member.Post(id))
	}
	if closed := l.EndBlock(); len(closed) != 1 || closed[0].Phase != vault.PhaseOpened {
		t.Fatalf("closed %+v", closed)
	}
	body := l.Members[4].Partials(id)
	body.Sums[0], body.Sums[1] = body.Sums[1], body.Sums[0]
	l.Must(vault.HandlePartials(l.Context("member5"), body))
	if round := l.Round(id); !slices.Equal(round.Wrong, []uint8{5}) {
		t.Errorf("wrong %v: expected member 5", round.Wrong)
	}
	if err := l.Members[4].Post(id); err == nil {
		t.Error("a second post of the same member was taken")
	}
	for range vault.OpeningBlocks + 1 {
		l.EndBlock()
	}
	if err := l.Members[3].Post(id); err == nil {
		t.Error("partial sums after the round's time were taken")
	}
}

func TestOpeningFailsWhenTooFewPostInTime(t *testing.T) {
	l := begin(t)
	id := start(l)
	for _, member := range l.Members {
		l.Must(member.Acknowledge(id))
	}
	l.EndBlock()
	l.Must(l.Members[0].Post(id))
	l.Must(l.Members[3].Post(id))
	var closed []vault.Round
	for range vault.OpeningBlocks + 1 {
		closed = append(closed, l.EndBlock()...)
	}
	if len(closed) != 1 || closed[0].Phase != vault.PhaseFailed {
		t.Fatalf("closed %+v: expected the round failed", closed)
	}
	if opened(l, id) != nil {
		t.Error("a failed round has opened sums")
	}
	if want := []string{"round-failed " + id}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
	// Two partials are out: the same versions never come together again.
	err := vault.HandleRequest(l.Context("member1"), vault.Request{Kind: vault.Forecast, Day: day})
	if err == nil || !strings.Contains(err.Error(), "rule 3") {
		t.Errorf("a second round on the same versions: %v", err)
	}
}

// Which members post first changes neither the sums nor one byte of them.
func TestOpenedRecordDoesNotDependOnWhoPosts(t *testing.T) {
	base := begin(t)
	id := start(base)
	for _, member := range base.Members {
		base.Must(member.Acknowledge(id))
	}
	base.EndBlock()
	var first []byte
	for _, posting := range [][]int{{0, 1, 2}, {4, 3, 2}, {2, 0, 4}, {3, 1, 0, 4, 2}} {
		l := base.Copy()
		for _, i := range posting {
			l.Must(vault.HandlePartials(l.Context(l.Members[i].Name), l.Members[i].Partials(id)))
		}
		l.EndBlock()
		encoded, found := l.State.Get(vault.OpenedKey(id))
		if !found {
			t.Fatalf("members %v: nothing opened", posting)
		}
		if first == nil {
			first = encoded
		}
		if !slices.Equal(first, encoded) {
			t.Errorf("members %v open other bytes", posting)
		}
	}
}

// A park that claims more generation than it admits as surplus has a negative
// deficit. Its deal has no proof and is refused; were it taken all the same, the
// sum would tell, and open no plan.
func TestSumOutOfRangeFailsTheRound(t *testing.T) {
	l := contracttest.New(t, 3, parkNames...)
	buy, sell := contracttest.Prices(periods)
	l.Publish(day, tariff.Workday, buy, sell)
	l.OpenAllChannels()
	zero := contracttest.Constant(periods, 0)
	for _, name := range parkNames {
		l.Parks[name].Put(l.Parks[name].Unproven(vault.Forecast, day, 1, zero, contracttest.Constant(periods, 1), zero, zero))
	}
	l.ToGate(vault.Forecast, day)
	id := start(l)
	round := l.RunRound(id)
	if round.Phase != vault.PhaseFailed || !strings.Contains(round.Reason, "community-deficit of period 1 is -3 W") {
		t.Errorf("round %s: %s", round.Phase, round.Reason)
	}
	if opened(l, id) != nil {
		t.Error("sums out of range were recorded as opened")
	}
}

func TestRoundNeedsTheMinimumOfParks(t *testing.T) {
	l := begin(t)
	l.State.Delete(vault.SealedKey(vault.Forecast, day, "park2"))
	if _, err := vault.StartRound(l.Context(""), vault.Forecast, day, sums()); err == nil || !strings.Contains(err.Error(), "too few parks") {
		t.Errorf("a round of two parks: %v", err)
	}
}

func TestDealsComeBeforeTheGateOnly(t *testing.T) {
	l := begin(t)
	zero := contracttest.Constant(periods, 0)
	body := l.Parks["park1"].Deal(vault.Forecast, day, 2, zero, zero, zero, zero)
	if err := vault.HandleDeal(l.Context("park1"), body); err == nil || !strings.Contains(err.Error(), "after its gate") {
		t.Errorf("a deal at the gate: %v", err)
	}
	l.Now--
	if err := vault.HandleDeal(l.Context("park1"), body); err != nil {
		t.Errorf("a deal just before the gate: %v", err)
	}
	l.Now++
	start(l)
	l.Now -= 10 // time does not run backward; the round alone must be enough
	body = l.Parks["park1"].Deal(vault.Forecast, day, 3, zero, zero, zero, zero)
	if err := vault.HandleDeal(l.Context("park1"), body); err == nil {
		t.Error("a deal after its round has begun was taken")
	}
}

func TestRemovedMemberIsNotAwaitedAndCannotAct(t *testing.T) {
	l := begin(t)
	id := start(l)
	member, _ := committee.MemberNamed(l.State, "member5")
	member.Removed = true
	record.Save(l.State, committee.MemberKey("member5"), member)
	for _, member := range l.Members[:4] {
		l.Must(member.Acknowledge(id))
	}
	if err := l.Members[4].Acknowledge(id); err == nil {
		t.Error("a removed member acknowledged")
	}
	l.EndBlock()
	if round := l.Round(id); round.Phase != vault.PhaseOpening {
		t.Errorf("phase %s: the removed member is not awaited", round.Phase)
	}
}
