package trade

import (
	"fmt"
	"math/big"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

// BillTerm ends the time in which parks send a day's bills. One that has not
// come, or that does not open its commitment, is opened by the committee, so
// that nobody keeps a day from being settled by keeping silent.
func BillTerm(ctx contract.Context, day uint32) {
	record.Each(ctx.State, BillPrefix(day), func(_ string, bill Bill) bool {
		if bill.State == BillDue || bill.State == BillContested {
			openBill(ctx, bill)
		}
		return true
	})
}

// termOver says whether the time for a day's bills is over.
func termOver(ctx contract.Context, day uint32) bool {
	t, found := tariff.Load(ctx.State, day)
	parameters := committee.LoadParameters(ctx.State)
	return found && ctx.Now >= t.End+parameters.ReadingLag+parameters.BillTerm
}

// openBill has the committee open a bill with the settlement's weights.
func openBill(ctx contract.Context, bill Bill) {
	reason := "bill for " + tariff.Date(bill.Day) + " has not been sent in time"
	if bill.State == BillContested {
		reason = "bill for " + tariff.Date(bill.Day) + " does not open its commitment, says the grid company"
	}
	settlement, _ := record.Load[Settlement](ctx.State, SettlementKey(bill.Day))
	surplus, deficit, err := BillWeights(settlement)
	if err == nil {
		_, err = vault.OpenBill(ctx, bill.Day, bill.Park, raisedBy, reason, [][]*big.Int{surplus, deficit})
	}
	if err != nil {
		alerts.Post(ctx, raisedBy, RuleBillOverdue, bill.Park, fmt.Sprintf("%s, and is not opened: %v", reason, err))
		return
	}
	alerts.Post(ctx, raisedBy, RuleBillOverdue, bill.Park, reason+": the committee opens it")
	bill.State, bill.Height = BillWithheld, ctx.Height
	record.Save(ctx.State, BillKey(bill.Day, bill.Park), bill)
}

// billReleased settles the contract of a bill that the committee has opened.
// Where too few members have posted their parts the bill stays due: the park
// may still send it.
func billReleased(ctx contract.Context, release vault.Release) {
	bill, found := record.Load[Bill](ctx.State, BillKey(release.Day, release.Park))
	if !found || bill.State != BillWithheld {
		return
	}
	bill.State, bill.Height = BillDue, ctx.Height
	if opened, found := vault.OpenedOf(ctx.State, release.ID); found && release.Phase == vault.PhaseOpened {
		bill.State, bill.Amount = BillOpened, opened.Purposes[0].Value
		settleContract(ctx, bill.Day, bill.Park)
	}
	record.Save(ctx.State, BillKey(bill.Day, bill.Park), bill)
}
