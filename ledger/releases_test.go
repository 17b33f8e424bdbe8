package ledger_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
)

// A park that keeps its bill to itself keeps nothing from being settled: after
// the bill term the committee opens this one bill, which is what the park has
// found at home, and nothing of its readings. A mute member and one that lies
// change nothing.
func TestWithheldBillIsOpenedByTheCommittee(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	community.Parks[1].Keeps = true
	day := community.Day(0)
	community.RunTo(community.Settled(0))
	community.Members[0].Lies, community.Members[3].Mute = true, true
	checkBill(t, community, "park2", trade.BillDue)
	community.RunTo(community.Settled(0) + community.Document.Gates.BillTerm)
	checkBill(t, community, "park1", trade.BillAccepted)
	bill := checkBill(t, community, "park2", trade.BillOpened)
	if want := vault.EncodeValue(community.Parks[1].Bills[day].Value); !slices.Equal(bill.Amount, want) {
		t.Errorf("opened amount %x, the park found %x", bill.Amount, want)
	}
	release, _ := record.Load[vault.Release](community.State(), vault.ReleaseKey(vault.BillReleaseID(day, "park2")))
	if len(release.Purposes) != 1 || !slices.Equal(release.Wrong, []uint8{1}) || !slices.Equal(release.Partials, []uint8{2, 3, 5}) {
		t.Errorf("%d purposes, wrong %v, right %v: expected one sum, opened by 2, 3 and 5", len(release.Purposes), release.Wrong, release.Partials)
	}
	opened, _ := vault.OpenedOf(community.State(), release.ID)
	if err := trade.CheckBill(bill, trade.BillOpening{Amount: bill.Amount, Blinding: opened.Purposes[0].Blinding}); err != nil {
		t.Error(err)
	}
	plan, _ := scheduling.InForcePlan(community.State(), day)
	contract, _ := record.Load[trade.Contract](community.State(), trade.ContractKey(trade.ContractID(day, plan.Version, "park2")))
	if contract.State != trade.Settled {
		t.Errorf("its contract is %s", contract.State)
	}
	if reason := community.Try(community.Parks[1].Party, "trade/bill", trade.SubmitBill{Day: day, ToGrid: []byte{1}, ToOperator: []byte{1}}); reason == "" {
		t.Error("the park's bill was taken after the opening")
	}
	checkEveryRecordIsReadable(t, community.State())
}

func checkBill(t *testing.T, community *ledgertest.Community, park, state string) trade.Bill {
	t.Helper()
	bill, _ := record.Load[trade.Bill](community.State(), trade.BillKey(community.Day(0), park))
	if bill.State != state {
		t.Errorf("bill of %s is %q: expected %s; refused: %q", park, bill.State, state, community.Refused)
	}
	return bill
}

// A park asks for another's readings; four of five members agree, and all see
// what that park has sealed, period by period.
func TestDisclosureOfAWholeDay(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 1)
	day := community.Day(0)
	community.RunTo(community.Settled(0))
	body := vault.Disclose{Park: "park1", Day: day, Kind: vault.Reading, Series: []string{}, Reason: "the books of 15 July are audited"}
	if reason := community.Try(ledgertest.NewParty("park3"), "vault/disclose", body); reason != "" {
		t.Fatal(reason)
	}
	id := vault.DisclosureID(vault.Reading, day, "park1", 1)
	for _, member := range community.Members[1:] {
		if reason := community.Try(member.Party, "committee/vote", committee.Vote{Proposal: 1, Approve: true}); reason != "" {
			t.Fatal(reason)
		}
	}
	community.Steps(5)
	release, _ := record.Load[vault.Release](community.State(), vault.ReleaseKey(id))
	opened, found := vault.OpenedOf(community.State(), id)
	if !found {
		t.Fatalf("%s is %s: %s; refused: %q", id, release.Phase, release.Outcome, community.Refused)
	}
	disclosed, err := vault.Disclosed(release, opened)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]int64{}
	surplus, deficit := community.Parks[0].Readings(day)
	for period := range surplus {
		want["surplus"] = append(want["surplus"], int64(surplus[period]))
		want["deficit"] = append(want["deficit"], int64(deficit[period]))
	}
	if diff := cmp.Diff(want, disclosed); diff != "" {
		t.Error(diff)
	}
	if len(release.Partials) != 5 {
		t.Errorf("right parts of %v: expected all five, though three open it", release.Partials)
	}
	checkEveryRecordIsReadable(t, community.State())
}
