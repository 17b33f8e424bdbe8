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

const audit = "audit of the meter, order 17"

var loadOfPark2 = vault.Disclose{Park: "park2", Day: day, Kind: vault.Forecast, Series: []string{"load"}, Reason: audit}

// ask asks for a disclosure that the ledger must take and gives its id.
func ask(l *contracttest.Ledger, sender string, body vault.Disclose) (id string, proposal uint64) {
	l.T.Helper()
	opened, err := vault.HandleDisclose(l.Context(sender), body)
	l.Must(err)
	return opened.Subject, opened.ID
}

// granted is a ledger on which the committee has voted for a disclosure.
func granted(t *testing.T, body vault.Disclose) (*contracttest.Ledger, string) {
	t.Helper()
	l := begin(t)
	id, proposal := ask(l, "grid", body)
	l.Vote(proposal, true, "member1", "member2", "member3", "member4")
	return l, id
}

func disclosed(l *contracttest.Ledger, id string) map[string][]int64 {
	l.T.Helper()
	opened, found := vault.OpenedOf(l.State, id)
	if !found {
		return nil
	}
	series, err := vault.Disclosed(l.Release(id), opened)
	l.Must(err)
	return series
}

func TestDisclosureOpensOneSeriesOfOnePark(t *testing.T) {
	l, id := granted(t, loadOfPark2)
	for _, i := range []int{4, 1, 2} {
		l.Must(vault.HandlePartials(l.Context(l.Members[i].Name), l.Members[i].Parts(id)))
	}
	closed := vault.EndReleases(l.Context(""))
	if len(closed) != 1 || closed[0].Phase != vault.PhaseOpened || !slices.Equal(closed[0].Partials, []uint8{2, 3, 5}) {
		t.Fatalf("closed %+v", closed)
	}
	if diff := cmp.Diff(map[string][]int64{"load": {50, 60, 20}}, disclosed(l, id)); diff != "" {
		t.Error(diff)
	}
	release := l.Release(id)
	if release.Reason != audit || release.Requester != "grid" || release.Version != 1 || len(release.Purposes) != periods {
		t.Errorf("record %+v", release)
	}
	if want := []string{"disclosure park2"}; !slices.Equal(l.Alerts(), want) {
		t.Errorf("alerts %v: expected %v", l.Alerts(), want)
	}
}

func TestDisclosureWithoutNamesOpensAllSeriesOfTheKind(t *testing.T) {
	body := loadOfPark2
	body.Series = nil
	l, id := granted(t, body)
	for _, member := range l.Members {
		l.Must(vault.HandlePartials(l.Context(member.Name), member.Parts(id)))
	}
	vault.EndReleases(l.Context(""))
	want := map[string][]int64{"load": {50, 60, 20}, "pv": {250, 40, 0}, "wind": {0, 0, 0}, "surplus": {200, 0, 0}}
	if diff := cmp.Diff(want, disclosed(l, id)); diff != "" {
		t.Error(diff)
	}
}

// The vote needs more than two thirds: three of five are not enough, and
// nobody's part is taken before.
func TestNothingIsOpenedWithoutTheVote(t *testing.T) {
	l := begin(t)
	id, proposal := ask(l, "park1", loadOfPark2)
	l.Vote(proposal, true, "member1", "member2", "member3")
	if release := l.Release(id); release.Phase != vault.PhaseRequested || len(release.Purposes) != 0 {
		t.Fatalf("after three of five votes: %+v", release)
	}
	for _, name := range []string{id, vault.DisclosureID(vault.Forecast, day, "park2", 2), "disclosure/of/nothing"} {
		if err := vault.HandlePartials(l.Context("member1"), vault.Partials{Round: name, Sums: [][]byte{make([]byte, 64)}}); err == nil {
			t.Errorf("partial sums of %s were taken", name)
		}
	}
	l.Vote(proposal, false, "member4", "member5")
	if release := l.Release(id); release.Phase != vault.PhaseRejected {
		t.Fatalf("after two of five against: %s", release.Phase)
	}
	if vault.EndReleases(l.Context("")) != nil || disclosed(l, id) != nil {
		t.Error("a rejected disclosure was opened")
	}
	_, err := committee.HandlePropose(l.Context("member1"), committee.Propose{Action: committee.ActionDisclose, Subject: id, Reason: audit})
	if err == nil || !strings.Contains(err.Error(), "vault/disclose") {
		t.Errorf("a proposal past the vault's request: %v", err)
	}
}

// A member that asks has voted; a park that asks has not, whatever it asks.
func TestOnlyMembersVotes(t *testing.T) {
	l := begin(t)
	_, asked := ask(l, "member5", loadOfPark2)
	proposal, _ := record.Load[committee.Proposal](l.State, committee.ProposalKey(asked))
	if !slices.Equal(proposal.Approved, []string{"member5"}) {
		t.Errorf("asked by member5: approved by %v", proposal.Approved)
	}
	body := loadOfPark2
	body.Series = []string{"pv"}
	_, asked = ask(l, "park1", body)
	proposal, _ = record.Load[committee.Proposal](l.State, committee.ProposalKey(asked))
	if len(proposal.Approved) != 0 {
		t.Errorf("asked by park1: approved by %v", proposal.Approved)
	}
}

func TestSecondDisclosureOfAVersionIsRefused(t *testing.T) {
	l, id := granted(t, loadOfPark2)
	for _, body := range []vault.Disclose{loadOfPark2, {Park: "park2", Day: day, Kind: vault.Forecast, Reason: audit}} {
		if _, err := vault.HandleDisclose(l.Context("grid"), body); err == nil || !strings.Contains(err.Error(), "once only") {
			t.Errorf("again, series %v, while %s takes parts: %v", body.Series, id, err)
		}
	}
	for _, member := range l.Members {
		l.Must(vault.HandlePartials(l.Context(member.Name), member.Parts(id)))
	}
	vault.EndReleases(l.Context(""))
	if _, err := vault.HandleDisclose(l.Context("grid"), loadOfPark2); err == nil {
		t.Error("again, after the opening: accepted")
	}
	other := loadOfPark2
	other.Series = []string{"pv"}
	ask(l, "grid", other)
}

// Two requests that stand beside each other: the vote for the second comes to
// nothing.
func TestTwoVotesOpenOnce(t *testing.T) {
	l := begin(t)
	_, one := ask(l, "grid", loadOfPark2)
	if _, err := vault.HandleDisclose(l.Context("grid"), loadOfPark2); err == nil {
		t.Error("the same request of the same account twice: accepted")
	}
	second, two := ask(l, "operator", loadOfPark2)
	l.Vote(one, true, "member1", "member2", "member3", "member4")
	l.Vote(two, true, "member1", "member2", "member3", "member4")
	if release := l.Release(second); release.Phase != vault.PhaseRefused || !strings.Contains(release.Outcome, "once only") {
		t.Errorf("second: %s, %s", release.Phase, release.Outcome)
	}
	closed, _ := record.Load[committee.Proposal](l.State, committee.ProposalKey(two))
	if closed.State != committee.StateRefused {
		t.Errorf("its proposal is %s", closed.State)
	}
}

func TestDisclosuresEndWithTheContestTerm(t *testing.T) {
	l := begin(t)
	id, proposal := ask(l, "grid", loadOfPark2)
	published, _ := tariff.Load(l.State, day)
	l.Now = published.End + contracttest.Contest + 1
	body := loadOfPark2
	body.Series = []string{"pv"}
	if _, err := vault.HandleDisclose(l.Context("grid"), body); err == nil || !strings.Contains(err.Error(), "contest term") {
		t.Errorf("a request after the contest term: %v", err)
	}
	l.Vote(proposal, true, "member1", "member2", "member3", "member4")
	if release := l.Release(id); release.Phase != vault.PhaseRefused || !strings.Contains(release.Outcome, "contest term") {
		t.Errorf("a vote after the contest term: %s, %s", release.Phase, release.Outcome)
	}
}

func TestDisclosureWithTooFewPartsFailsAtTheEndOfTheContestTerm(t *testing.T) {
	l, id := granted(t, loadOfPark2)
	for _, member := range l.Members[:2] {
		l.Must(vault.HandlePartials(l.Context(member.Name), member.Parts(id)))
	}
	l.Height += 1_000
	if closed := vault.EndReleases(l.Context("")); closed != nil {
		t.Fatalf("closed %+v: it may still come together", closed)
	}
	published, _ := tariff.Load(l.State, day)
	l.Now = published.End + contracttest.Contest + 1
	closed := vault.EndReleases(l.Context(""))
	if len(closed) != 1 || closed[0].Phase != vault.PhaseFailed || disclosed(l, id) != nil {
		t.Fatalf("closed %+v", closed)
	}
	if _, left := l.State.Get(vault.ReleasedKey(id)); left {
		t.Error("its sealed series stays in the state")
	}
}

func TestDisclosureComesAfterTheGateOnly(t *testing.T) {
	l := begin(t)
	l.Now--
	if _, err := vault.HandleDisclose(l.Context("grid"), loadOfPark2); err == nil || !strings.Contains(err.Error(), "gate") {
		t.Errorf("a request before the gate: %v", err)
	}
}

// What a park seals anew takes nothing away from what was granted.
func TestSealingAnewDoesNotEscapeADisclosure(t *testing.T) {
	l, id := granted(t, loadOfPark2)
	zero := contracttest.Constant(periods, 0)
	l.Now -= 10
	l.Must(vault.HandleDeal(l.Context("park2"), l.Parks["park2"].Deal(vault.Forecast, day, 2, zero, zero, zero, zero)))
	l.Now += 10
	for _, member := range l.Members[:3] {
		l.Must(vault.HandlePartials(l.Context(member.Name), member.Parts(id)))
	}
	vault.EndReleases(l.Context(""))
	if diff := cmp.Diff(map[string][]int64{"load": {50, 60, 20}}, disclosed(l, id)); diff != "" {
		t.Error(diff)
	}
}

// Weights are never submitted. A member that answers another question than the
// one that was granted - here all periods packed into one scalar - is named,
// and its answer opens nothing.
func TestPackedWeightsAreNamedAndOpenNothing(t *testing.T) {
	body := loadOfPark2
	body.Series = nil
	l, id := granted(t, body)
	release := l.Release(id)
	for k, purpose := range release.Purposes {
		if len(purpose.Terms) != 1 || !slices.Equal(purpose.Terms[0].Weight, vault.EncodeValue(big.NewInt(1))) {
			t.Fatalf("purpose %d has terms %v: expected one of weight 1", k, purpose.Terms)
		}
	}
	for _, member := range l.Members {
		parts := member.Parts(id)
		parts.Sums[0] = packed(t, parts.Sums)
		l.Must(vault.HandlePartials(l.Context(member.Name), parts))
		if err := vault.HandlePartials(l.Context(member.Name), member.Parts(id)); err == nil {
			t.Errorf("%s corrected itself", member.Name)
		}
	}
	if release := l.Release(id); !slices.Equal(release.Wrong, []uint8{1, 2, 3, 4, 5}) {
		t.Errorf("wrong %v: expected all", release.Wrong)
	}
	if vault.EndReleases(l.Context("")) != nil || disclosed(l, id) != nil {
		t.Error("packed sums opened something")
	}
}

// packed is sum_k 2^(32 k) of partial sums.
func packed(t *testing.T, sums [][]byte) []byte {
	t.Helper()
	var total sealing.Partial
	for k := len(sums) - 1; k >= 0; k-- {
		partial, err := sealing.DecodePartial(sums[k])
		if err != nil {
			t.Fatal(err)
		}
		total.Value.MulSmall(&total.Value, 1<<31)
		total.Blinding.MulSmall(&total.Blinding, 1<<31)
		total.Value.Add(&total.Value, &partial.Value)
		total.Blinding.Add(&total.Blinding, &partial.Blinding)
	}
	encoded, err := total.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// Each purpose has its own name: by park, day, version and terms.
func TestPurposesOfReleasesHaveTheirOwnNames(t *testing.T) {
	seen := map[string]string{}
	for _, park := range []string{"park1", "park2"} {
		body := loadOfPark2
		body.Park, body.Series = park, nil
		l, id := granted(t, body)
		for _, purpose := range l.Release(id).Purposes {
			if len(purpose.ID) != 32 || seen[string(purpose.ID)] != "" {
				t.Errorf("%s: purpose %x stands for %s, too", id, purpose.ID, seen[string(purpose.ID)])
			}
			seen[string(purpose.ID)] = id
		}
	}
}

func TestRequestsThatSayTooLittleAreRefused(t *testing.T) {
	l := begin(t)
	for name, change := range map[string]func(*vault.Disclose){
		"without a reason":       func(b *vault.Disclose) { b.Reason = "because" },
		"a reason of 600 bytes":  func(b *vault.Disclose) { b.Reason = strings.Repeat("x", 600) },
		"another kind":           func(b *vault.Disclose) { b.Kind = "plan" },
		"a series of no kind":    func(b *vault.Disclose) { b.Series = []string{"deficit"} },
		"a series twice":         func(b *vault.Disclose) { b.Series = []string{"load", "load"} },
		"another order":          func(b *vault.Disclose) { b.Series = []string{"pv", "load"} },
		"a park that is none":    func(b *vault.Disclose) { b.Park = "park9" },
		"a day without a tariff": func(b *vault.Disclose) { b.Day++ },
		"readings of tomorrow":   func(b *vault.Disclose) { b.Kind, b.Series = vault.Reading, nil },
	} {
		body := loadOfPark2
		change(&body)
		if _, err := vault.HandleDisclose(l.Context("grid"), body); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
