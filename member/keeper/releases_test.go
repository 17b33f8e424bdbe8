package keeper_test

import (
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Real keepers post their parts of a disclosure once the committee has granted
// it, not before; one that was started anew has not forgotten how.
func TestKeepersOpenAGrantedDisclosure(t *testing.T) {
	community, members := gather(t)
	members[2].forgets = true
	community.RunTo(community.Gate(0) + 3_600)
	id := contract.DisclosureID(contract.Forecast, community.Day(0), "park2", 1)
	if reason := community.Try(ledgertest.NewParty("operator"), "vault/disclose", contract.Disclose{
		Park: "park2", Day: community.Day(0), Kind: contract.Forecast, Series: []string{"load"}, Reason: "ordered by the court",
	}); reason != "" {
		t.Fatal(reason)
	}
	posted := func() (count int) {
		for _, m := range members {
			for _, kind := range m.posted {
				if kind == "vault/partials" {
					count++
				}
			}
		}
		return count
	}
	before := posted()
	for i, m := range members[:4] {
		if posted() != before {
			t.Fatalf("parts were posted after %d votes", i)
		}
		if reason := community.Try(m.party, "committee/vote", committee.Vote{Proposal: 1, Approve: true}); reason != "" {
			t.Fatal(reason)
		}
	}
	community.Steps(3)
	release, _ := record.Load[contract.Release](community.State(), contract.ReleaseKey(id))
	opened, found := contract.OpenedOf(community.State(), id)
	if !found || len(release.Partials) != len(members) || posted() != before+len(members) {
		t.Fatalf("%s: %s, right parts of %v, %d posts", id, release.Phase, release.Partials, posted()-before)
	}
	checkLoad(t, community, release, opened)
}

// checkLoad compares the load that a release has opened with what park2 sealed.
func checkLoad(t *testing.T, community *ledgertest.Community, release contract.Release, opened contract.Opened) {
	t.Helper()
	disclosed, err := contract.Disclosed(release, opened)
	if err != nil {
		t.Fatal(err)
	}
	var load []int64
	for _, power := range community.Parks[1].Series.Load {
		load = append(load, int64(power))
	}
	if !slices.Equal(disclosed["load"], load) {
		t.Errorf("disclosed %v, sealed %v", disclosed["load"], load)
	}
}

// Real keepers open a bill that its park keeps to itself past the bill term,
// though one of them is silent and one lies.
func TestKeepersOpenAWithheldBill(t *testing.T) {
	community, members := gather(t)
	community.Parks[1].Keeps = true
	community.RunTo(community.Settled(0))
	members[0].change = func(kind string, body any) (any, bool) { return body, kind != "vault/partials" }
	members[3].change = func(kind string, body any) (any, bool) {
		if parts, said := body.(contract.Partials); said {
			parts.Sums = [][]byte{make([]byte, 64)}
			return parts, true
		}
		return body, true
	}
	community.RunTo(community.Settled(0) + community.Document.Gates.BillTerm)
	bill, _ := record.Load[trade.Bill](community.State(), trade.BillKey(community.Day(0), "park2"))
	if want := contract.EncodeValue(community.Parks[1].Bills[community.Day(0)].Value); bill.State != trade.BillOpened || !slices.Equal(bill.Amount, want) {
		t.Errorf("bill is %s, amount %x: expected %x, opened", bill.State, bill.Amount, want)
	}
	release, _ := record.Load[contract.Release](community.State(), contract.ReleaseKey(contract.BillReleaseID(community.Day(0), "park2")))
	if !slices.Equal(release.Partials, []uint8{2, 3, 5}) || !slices.Equal(release.Wrong, []uint8{4}) {
		t.Errorf("right parts of %v, wrong of %v", release.Partials, release.Wrong)
	}
}
