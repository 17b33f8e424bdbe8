package vault_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/contracttest"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

var refresh = committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{}, Threshold: contracttest.Threshold}

// sums of begin's forecast: surplus and deficit of each period.
var forecastSums = []int64{600, 0, 0, 60, 0, 60}

// opensTheForecast runs a round over begin's forecast, which must open its sums.
func opensTheForecast(l *contracttest.Ledger) {
	l.T.Helper()
	id := start(l)
	if round := l.RunRound(id); round.Phase != vault.PhaseOpened {
		l.T.Fatal(round.Reason)
	}
	if got := opened(l, id); !slices.Equal(got, forecastSums) {
		l.T.Errorf("sums %v: expected %v", got, forecastSums)
	}
}

func TestRefreshKeepsTheCommitmentsAndTheNewSharesOpen(t *testing.T) {
	l := begin(t)
	before := l.SealedOf(vault.Forecast, day, "park2")
	epoch := l.Announce(refresh)
	if done := l.HandOver(epoch); done.Phase != vault.HandoverDone || !slices.Equal(done.From, []uint8{1, 2, 3}) || done.Switched != 3 {
		t.Fatalf("hand-over %+v", done)
	}
	after := l.SealedOf(vault.Forecast, day, "park2")
	old, err := vault.Decoded(before)
	l.Must(err)
	handed, err := vault.DecodedAt(after, epoch)
	l.Must(err)
	for name, deal := range old {
		for period := range periods {
			if !deal.Polynomial(period)[0].Equal(handed[name].Polynomial(period)[0]) {
				t.Errorf("%s, period %d: commits to another value", name, period+1)
			}
			if deal.Polynomial(period)[1].Equal(handed[name].Polynomial(period)[1]) {
				t.Errorf("%s, period %d: the shares are the old ones", name, period+1)
			}
		}
	}
	id := start(l)
	if round := l.RunRound(id); round.Epoch != epoch || round.Phase != vault.PhaseOpened {
		t.Fatalf("round of epoch %d %s: %s", round.Epoch, round.Phase, round.Reason)
	}
	if got := opened(l, id); !slices.Equal(got, forecastSums) {
		t.Errorf("sums %v: expected %v", got, forecastSums)
	}
	l.EndBlock()
	if keepers, _ := committee.LoadKeepers(l.State, 1); keepers.State != committee.KeepersClosed {
		t.Errorf("the old keepers are %s", keepers.State)
	}
	for _, prefix := range []string{vault.SubdealPrefix, "vault/handed-on/", vault.ChannelsPrefix} {
		l.State.Iterate(prefix, func(key string, _ []byte) bool { t.Errorf("%s is left over", key); return true })
	}
}

// Members are replaced, added, taken away; the threshold rises and falls.
func TestHandOverToAnotherCommittee(t *testing.T) {
	l := begin(t)
	for _, change := range []committee.KeepersChange{
		{Leave: []string{"member2"}, Admit: []committee.NewMember{l.NewMember("member6")}, Threshold: 3},
		{Leave: []string{}, Admit: []committee.NewMember{l.NewMember("member7"), l.NewMember("member8")}, Threshold: 4},
		{Leave: []string{"member1", "member7", "member4"}, Admit: []committee.NewMember{}, Threshold: 2},
	} {
		if done := l.HandOver(l.Announce(change)); done.Phase != vault.HandoverDone {
			t.Fatalf("%+v: %s %s", change, done.Phase, done.Reason)
		}
		l.EndBlock()
	}
	current := committee.CurrentKeepers(l.State)
	var names []string
	for _, seat := range current.Seats {
		names = append(names, seat.Name)
	}
	if want := []string{"member6", "member3", "member5", "member8"}; !slices.Equal(names, want) || current.Threshold != 2 {
		t.Fatalf("keepers %v, threshold %d", names, current.Threshold)
	}
	var members []string
	for _, member := range committee.Members(l.State) {
		members = append(members, member.Name)
	}
	if !slices.Equal(members, names) {
		t.Errorf("members %v: expected %v", members, names)
	}
	for _, gone := range []string{"member1", "member2", "member4", "member7"} {
		if _, may := committee.LoadAccount(l.State, gone); may {
			t.Errorf("%s may still act", gone)
		}
	}
	opensTheForecast(l)
}

// Twenty hand-overs in a row, drawn at random, keep every commitment to a value
// and open the same sums at the end.
func TestTwentyHandOversKeepCommitmentsAndSums(t *testing.T) {
	l := begin(t)
	original := l.SealedOf(vault.Forecast, day, "park3")
	first, err := vault.Decoded(original)
	l.Must(err)
	draws := rapid.Custom(func(r *rapid.T) [3]int {
		return [3]int{rapid.IntRange(0, 2).Draw(r, "leave"), rapid.IntRange(0, 2).Draw(r, "admit"), rapid.IntRange(2, 4).Draw(r, "threshold")}
	})
	for i := range 20 {
		draw := draws.Example(i)
		change := committee.KeepersChange{Leave: []string{}, Admit: []committee.NewMember{}, Threshold: draw[2]}
		seats := committee.CurrentKeepers(l.State).Seats
		for k := range min(draw[0], max(0, len(seats)-5+draw[1])) {
			change.Leave = append(change.Leave, seats[(i+2*k)%len(seats)].Name)
		}
		for k := range min(draw[1], max(len(change.Leave), 7-len(seats))) {
			change.Admit = append(change.Admit, l.NewMember("member"+string(rune('a'+i))+string(rune('a'+k))))
		}
		if done := l.HandOver(l.Announce(change)); done.Phase != vault.HandoverDone {
			t.Fatalf("hand-over %d, %+v: %s %s", i+1, change, done.Phase, done.Reason)
		}
		l.EndBlock()
	}
	last := l.SealedOf(vault.Forecast, day, "park3")
	epoch := committee.LoadParameters(l.State).Epoch
	if epoch != 21 || len(last.Handed) > 2 {
		t.Errorf("epoch %d, %d generations of commitments kept", epoch, len(last.Handed))
	}
	handed, err := vault.DecodedAt(last, epoch)
	l.Must(err)
	for name, deal := range first {
		for period := range periods {
			if !deal.Polynomial(period)[0].Equal(handed[name].Polynomial(period)[0]) {
				t.Errorf("%s, period %d: commits to another value", name, period+1)
			}
		}
	}
	opensTheForecast(l)
}

// A round in flight at the switch is finished by the old keepers, with the
// right sums; partial sums of the new ones are not taken for it, nor theirs for
// what the new ones open.
func TestRoundInFlightFinishesWithTheOldKeepers(t *testing.T) {
	l := begin(t)
	epoch := l.Announce(committee.KeepersChange{Leave: []string{"member5"}, Admit: []committee.NewMember{l.NewMember("member6")}, Threshold: 4})
	id := start(l)
	for _, member := range l.Keepers(1) {
		l.Must(member.Acknowledge(id))
	}
	l.EndBlock()
	held := l.Height
	if done := l.HandOver(epoch); done.Phase != vault.HandoverDone {
		t.Fatal(done.Reason)
	}
	if l.Height > held+vault.OpeningBlocks {
		t.Fatal("the round is over already: nothing was tested")
	}
	if keepers, _ := committee.LoadKeepers(l.State, 1); keepers.State != committee.KeepersPast {
		t.Fatalf("the old keepers are %s with a round in flight", keepers.State)
	}
	everybody := l.Keepers(1)
	newcomer := l.Keepers(epoch)[4]
	body := everybody[0].Partials(id)
	if err := vault.HandlePartials(l.Context(newcomer.Name), body); err == nil || !strings.Contains(err.Error(), "not a keeper of epoch 1") {
		t.Errorf("a new keeper's post in an old round: %v", err)
	}
	for _, k := range []int{1, 2, 4} { // the one who leaves serves to the end
		l.Must(everybody[k].Post(id))
	}
	if closed := l.EndBlock(); len(closed) != 1 || closed[0].Phase != vault.PhaseOpened {
		t.Fatalf("closed %+v", closed)
	}
	if got := opened(l, id); !slices.Equal(got, forecastSums) {
		t.Errorf("sums %v: expected %v", got, forecastSums)
	}
	for range vault.OpeningBlocks {
		l.EndBlock()
	}
	if keepers, _ := committee.LoadKeepers(l.State, 1); keepers.State != committee.KeepersClosed {
		t.Errorf("the old keepers are %s", keepers.State)
	}
	if _, may := committee.LoadAccount(l.State, "member5"); may {
		t.Error("the member that left may still act")
	}
}

// A partial sum over the old shares does not fit what the new epoch opens.
func TestPartialOfAnotherEpochIsRefused(t *testing.T) {
	l := begin(t)
	old := l.Keepers(1)[0]
	sealed := l.SealedOf(vault.Forecast, day, "park2")
	epoch := l.Announce(refresh)
	l.HandOver(epoch)
	id, proposal := ask(l, "grid", loadOfPark2)
	l.Vote(proposal, true, "member1", "member2", "member3", "member4")
	if release := l.Release(id); release.Epoch != epoch {
		t.Fatalf("the release is of epoch %d", release.Epoch)
	}
	release := l.Release(id)
	stale := vault.Partials{Round: id}
	parts, err := vault.Decoded(sealed)
	l.Must(err)
	share, err := sealing.OpenShare(parts["load"], old.DayKeysTo("park2", 1))
	l.Must(err)
	for period := range release.Purposes {
		encoded, err := sealing.Partial{Value: share.Value[period], Blinding: share.Blind[period]}.MarshalBinary()
		l.Must(err)
		stale.Sums = append(stale.Sums, encoded)
	}
	l.Must(vault.HandlePartials(l.Context("member1"), stale))
	for _, k := range []int{1, 3, 4} {
		l.Must(vault.HandlePartials(l.Context(l.Members[k].Name), l.Members[k].Parts(id)))
	}
	closed := vault.EndReleases(l.Context(""))
	if len(closed) != 1 || !slices.Equal(closed[0].Wrong, []uint8{1}) || closed[0].Phase != vault.PhaseOpened {
		t.Fatalf("closed %+v", closed)
	}
	if got := disclosed(l, id)["load"]; !slices.Equal(got, []int64{50, 60, 20}) {
		t.Errorf("disclosed %v", got)
	}
}

// After the switch a deal to the old epoch is refused, one to the new is taken;
// while shares are handed over none is.
func TestDealsGoToTheEpochInForce(t *testing.T) {
	l := begin(t)
	l.Now -= 3 * contracttest.Hour
	zero := contracttest.Constant(periods, 0)
	stale := l.Parks["park1"].Deal(vault.Forecast, day, 2, zero, zero, zero, zero)
	epoch := l.Announce(refresh)
	l.Prepare(epoch)
	if err := vault.HandleDeal(l.Context("park1"), stale); err == nil || !strings.Contains(err.Error(), "handed over") {
		t.Errorf("a deal during the hand-over: %v", err)
	}
	l.FinishHandOver(epoch)
	l.Parks["park1"].OpenChannels()
	if err := vault.HandleDeal(l.Context("park1"), stale); err == nil || !strings.Contains(err.Error(), "epoch 1, want 2") {
		t.Errorf("a deal to the old epoch: %v", err)
	}
	l.Parks["park1"].Seal(vault.Forecast, day, 2, zero, zero, zero, zero)
	l.ToGate(vault.Forecast, day)
	id := start(l)
	if round := l.RunRound(id); round.Phase != vault.PhaseOpened {
		t.Fatal(round.Reason)
	}
	if got, want := opened(l, id), []int64{500, 0, 0, 50, 0, 50}; !slices.Equal(got, want) {
		t.Errorf("sums over a new deal and two handed over: %v, expected %v", got, want)
	}
}

// A gate that comes near puts a hand-over off; it begins anew after it.
func TestGatePutsAHandOverOff(t *testing.T) {
	l := begin(t)
	gate := l.Now + 20_000
	contract.Wake(l.State, contract.Moment{Time: gate, Kind: contract.MomentReadings, Day: day})
	epoch := l.Announce(refresh)
	if h := l.Handover(epoch); h.NotBefore != gate {
		t.Fatalf("it may begin at %d: expected the gate, %d", h.NotBefore, gate)
	}
	l.Prepare(epoch)
	if h := l.Handover(epoch); h.Phase != vault.HandoverPreparing {
		t.Fatalf("it is %s before the gate", h.Phase)
	}
	moments := keysOf(l, contract.MomentPrefix)
	for _, key := range moments {
		l.State.Delete(key)
	}
	later := gate + 20_000
	contract.Wake(l.State, contract.Moment{Time: later, Kind: contract.MomentGate, Day: day + 1})
	l.Now = gate
	l.EndBlock()
	l.Keepers(1)[0].HandOn(epoch)
	l.Now = later - contracttest.Hour
	l.EndBlock()
	h := l.Handover(epoch)
	if h.Phase != vault.HandoverPreparing || h.NotBefore != later || len(h.Items) != 0 {
		t.Fatalf("near the gate it is %s, not before %d", h.Phase, h.NotBefore)
	}
	l.EndBlock()
	if left := append(keysOf(l, vault.SubdealPrefix), keysOf(l, vault.ClearingPrefix)...); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
	for _, key := range keysOf(l, contract.MomentPrefix) {
		l.State.Delete(key)
	}
	l.Now = later
	l.EndBlock()
	if done := l.FinishHandOver(epoch); done.Phase != vault.HandoverDone {
		t.Errorf("after the gate: %s %s", done.Phase, done.Reason)
	}
}

func keysOf(l *contracttest.Ledger, prefix string) []string {
	var keys []string
	l.State.Iterate(prefix, func(key string, _ []byte) bool { keys = append(keys, key); return true })
	return keys
}

// A rotation is a refresh with another key of one member, which asks for it
// itself; the key works from the switch on.
func TestRotationRefreshesAllShares(t *testing.T) {
	l := begin(t)
	key := l.NewMember("member2").SealingKey
	l.Must(vault.HandleRotateKey(l.Context("member2"), vault.RotateKey{Key: key}))
	for name, err := range map[string]error{
		"another at the same time": vault.HandleRotateKey(l.Context("member3"), vault.RotateKey{Key: l.NewMember("member3").SealingKey}),
		"of a park":                vault.HandleRotateKey(l.Context("park1"), vault.RotateKey{Key: key}),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	l.EndBlock()
	next, _ := committee.NextKeepers(l.State)
	if done := l.HandOver(next.Epoch); done.Phase != vault.HandoverDone {
		t.Fatal(done.Reason)
	}
	seat := committee.CurrentKeepers(l.State).Seats[1]
	account, _ := record.Load[committee.Account](l.State, committee.AccountKey("member2"))
	if seat.KeyVersion != 1 || string(seat.Key) != string(key) || string(account.SealingKey) != string(key) {
		t.Errorf("seat %s has key version %d", seat.Name, seat.KeyVersion)
	}
	if err := vault.HandleRotateKey(l.Context("member2"), vault.RotateKey{Key: l.NewMember("member2").SealingKey}); err == nil || !strings.Contains(err.Error(), "again from") {
		t.Errorf("again at once: %v", err)
	}
	id := start(l)
	l.RunRound(id)
	if got := opened(l, id); !slices.Equal(got, forecastSums) {
		t.Errorf("sums %v: expected %v", got, forecastSums)
	}
}

// What a vote on the keepers must not do.
func TestChangesThatWouldBreakTheKeepersAreRefused(t *testing.T) {
	l := begin(t)
	admit := func(change func(*committee.NewMember)) []committee.NewMember {
		member := l.NewMember("member6")
		change(&member)
		return []committee.NewMember{member}
	}
	same := func(*committee.NewMember) {}
	first, _ := record.Load[committee.Account](l.State, committee.AccountKey("member1"))
	for name, test := range map[string]struct {
		change committee.KeepersChange
		says   string
	}{
		"threshold 1":           {committee.KeepersChange{Threshold: 1}, "expected 2 to 5"},
		"threshold above n":     {committee.KeepersChange{Threshold: 6}, "expected 2 to 5"},
		"too few left":          {committee.KeepersChange{Leave: []string{"member1", "member2", "member3"}, Threshold: 3}, "expected 2 to 2"},
		"a stranger leaves":     {committee.KeepersChange{Leave: []string{"park1"}, Threshold: 3}, "keeps no shares"},
		"one leaves twice":      {committee.KeepersChange{Leave: []string{"member1", "member1"}, Threshold: 3}, "twice"},
		"a member again":        {committee.KeepersChange{Admit: admit(func(m *committee.NewMember) { m.Name = "member1" }), Threshold: 3}, "such an account"},
		"a member's key":        {committee.KeepersChange{Admit: admit(func(m *committee.NewMember) { m.SealingKey = first.SealingKey }), Threshold: 3}, "one of its keys"},
		"no key":                {committee.KeepersChange{Admit: admit(func(m *committee.NewMember) { m.SealingKey = nil }), Threshold: 3}, "sealing_key"},
		"a bad name":            {committee.KeepersChange{Admit: admit(func(m *committee.NewMember) { m.Name = "Member/6" }), Threshold: 3}, "name"},
		"of a park that is not": {committee.KeepersChange{Admit: admit(func(m *committee.NewMember) { m.Park = "park9" }), Threshold: 3}, "not registered"},
		"the same one twice":    {committee.KeepersChange{Admit: append(admit(same), admit(same)...), Threshold: 3}, "same name"},
	} {
		if _, err := l.Propose(test.change); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v: expected an error with %q", name, err, test.says)
		}
	}
	l.Announce(refresh)
	if proposal, err := l.Propose(refresh); err != nil || proposal.State != committee.StateOpen || !strings.Contains(proposal.Outcome, "under way") {
		t.Errorf("a second change at the same time: %s %s, %v", proposal.State, proposal.Outcome, err)
	}
}
