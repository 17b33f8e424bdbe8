package trade

import (
	"fmt"
	"math/big"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/group"
)

// maxSealedBill bounds a sealed bill, bytes: amount, blinding and envelope.
const maxSealedBill = 2_048

// maxAmountBits bounds a bill's exact amount far below half the group's order.
const maxAmountBits = 200

// BillWeights are the public weights of a settlement's bills, one per period:
// bill_i = sum_t (surplus[t] S_it + deficit[t] D_it), in 2^-40 Cost per W.
func BillWeights(s Settlement) (surplus, deficit []*big.Int, err error) {
	if surplus, err = decodeAll(s.SurplusWeights); err != nil {
		return nil, nil, fmt.Errorf("weights on surplus: %w", err)
	}
	if deficit, err = decodeAll(s.DeficitWeights); err != nil {
		return nil, nil, fmt.Errorf("weights on deficit: %w", err)
	}
	return surplus, deficit, nil
}

func decodeAll(encoded [][]byte) ([]*big.Int, error) {
	values := make([]*big.Int, len(encoded))
	for t := range encoded {
		var err error
		if values[t], err = vault.DecodeValue(encoded[t]); err != nil {
			return nil, fmt.Errorf("period %d: %w", t+1, err)
		}
	}
	return values, nil
}

// BillForm is a park's bill as a form over its sealed readings: its value is
// the bill's commitment, its sum over the park's own openings is the bill.
func BillForm(s Settlement, sealed vault.Sealed) (*sealing.Form, map[sealing.DealID]*sealing.Deal, error) {
	if sealed.Kind != vault.Reading || sealed.Day != s.Day {
		return nil, nil, fmt.Errorf("%s of day %d: expected the %s of day %d", sealed.Kind, sealed.Day, vault.Reading, s.Day)
	}
	surplus, deficit, err := BillWeights(s)
	if err != nil {
		return nil, nil, err
	}
	parts, err := vault.Decoded(sealed)
	if err != nil {
		return nil, nil, err
	}
	form := &sealing.Form{}
	deals := map[sealing.DealID]*sealing.Deal{}
	for i, weights := range [][]*big.Int{surplus, deficit} {
		deal := parts[vault.ReadingSeries[i]]
		deals[deal.ID()] = deal
		for t, weight := range weights {
			if weight.Sign() != 0 {
				form.AddBig(deal.ID(), t, weight)
			}
		}
	}
	return form, deals, nil
}

// dueBill makes a park's bill due. Its commitment follows from the ledger.
func dueBill(ctx contract.Context, s Settlement, park string) {
	sealed, _ := record.Load[vault.Sealed](ctx.State, vault.SealedKey(vault.Reading, s.Day, park))
	commitment, err := billCommitment(s, sealed)
	if err != nil {
		alerts.Post(ctx, raisedBy, RuleNoBill, park, "no bill for "+tariff.Date(s.Day)+": "+err.Error())
		return
	}
	encoded := commitment.Bytes()
	record.Save(ctx.State, BillKey(s.Day, park), Bill{
		Day: s.Day, Park: park, State: BillDue, Commitment: encoded[:],
		ToGrid: []byte{}, ToOperator: []byte{}, Amount: []byte{}, Height: ctx.Height,
		Basis: basisOf(ctx.State, sealed),
	})
}

func billCommitment(s Settlement, sealed vault.Sealed) (*group.Point, error) {
	form, deals, err := BillForm(s, sealed)
	if err != nil {
		return nil, err
	}
	return form.Value(deals)
}

// HandleBill takes a park's bill, sealed to grid company and operator
// ("trade/bill"). A contested one may be sent again.
func HandleBill(ctx contract.Context, body SubmitBill) error {
	bill, found := record.Load[Bill](ctx.State, BillKey(body.Day, ctx.Sender))
	switch {
	case !found:
		return fmt.Errorf("%s has no bill for day %d", ctx.Sender, body.Day)
	case bill.State != BillDue && bill.State != BillContested:
		return fmt.Errorf("bill of %s for day %d is %s: taken while it is %s or %s", ctx.Sender, body.Day, bill.State, BillDue, BillContested)
	}
	for _, sealed := range [][]byte{body.ToGrid, body.ToOperator} {
		if len(sealed) == 0 || len(sealed) > maxSealedBill {
			return fmt.Errorf("sealed bill of %d bytes: expected 1 to %d", len(sealed), maxSealedBill)
		}
	}
	bill.State, bill.ToGrid, bill.ToOperator, bill.Height = BillSubmitted, body.ToGrid, body.ToOperator, ctx.Height
	record.Save(ctx.State, BillKey(body.Day, ctx.Sender), bill)
	return nil
}

// HandleJudgeBill takes the grid company's judgement of a bill
// ("trade/judge-bill"). An accepted bill settles the park's contract.
func HandleJudgeBill(ctx contract.Context, body JudgeBill) error {
	bill, found := record.Load[Bill](ctx.State, BillKey(body.Day, body.Park))
	switch {
	case !found:
		return fmt.Errorf("%.64q has no bill for day %d", body.Park, body.Day)
	case bill.State != BillSubmitted:
		return fmt.Errorf("bill of %s for day %d is %s: judged while it is %s", bill.Park, bill.Day, bill.State, BillSubmitted)
	}
	bill.State, bill.Height = BillContested, ctx.Height
	if body.Fits {
		bill.State = BillAccepted
		settleContract(ctx, bill.Day, bill.Park)
	} else {
		alerts.Post(ctx, raisedBy, RuleBillContested, bill.Park, fmt.Sprintf("bill for %s: the grid company says that it does not open the commitment", tariff.Date(bill.Day)))
	}
	record.Save(ctx.State, BillKey(bill.Day, bill.Park), bill)
	if bill.State == BillContested && termOver(ctx, bill.Day) {
		openBill(ctx, bill)
	}
	return nil
}

// CheckBill says whether an opening fits a bill's commitment: the grid company
// runs it on what it has unsealed, and anybody who is shown one.
func CheckBill(bill Bill, opening BillOpening) error {
	amount, err := vault.DecodeValue(opening.Amount)
	if err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	if amount.BitLen() > maxAmountBits {
		return fmt.Errorf("amount of %d bits: at most %d, so that only one opens a commitment", amount.BitLen(), maxAmountBits)
	}
	blinding, err := group.DecodeScalar(opening.Blinding)
	if err != nil {
		return fmt.Errorf("blinding: %w", err)
	}
	commitment, err := group.DecodePoint(bill.Commitment)
	if err != nil {
		return fmt.Errorf("commitment: %w", err)
	}
	if err := sealing.CheckOpening(commitment, sealing.Sum{Value: amount, Blinding: *blinding}); err != nil {
		return fmt.Errorf("bill of %s for day %d: %w", bill.Park, bill.Day, err)
	}
	return nil
}
