package trade

import (
	"errors"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
)

var errNotBuilt = errors.New("not built yet")

// EndBlock drafts the contracts of plans that came into force in this block.
func EndBlock(ctx contract.Context) {}

// HandleLines takes a park's sealed lines ("trade/lines").
func HandleLines(ctx contract.Context, body PostLines) error { return errNotBuilt }

// HandleConfirm takes one side's confirmation ("trade/confirm").
func HandleConfirm(ctx contract.Context, body Confirm) error { return errNotBuilt }

// ReadingGate closes the readings of a day and begins the round that opens
// what the settlement needs.
func ReadingGate(ctx contract.Context, day uint32) {}

// RoundClosed settles the day of a reading round.
func RoundClosed(ctx contract.Context, round vault.Round) {}

// HandleBill takes a park's sealed bill ("trade/bill").
func HandleBill(ctx contract.Context, body SubmitBill) error { return errNotBuilt }

// HandleJudgeBill takes the grid company's judgement of a bill ("trade/judge-bill").
func HandleJudgeBill(ctx contract.Context, body JudgeBill) error { return errNotBuilt }

// BillTerm raises an alert for each bill that is still due.
func BillTerm(ctx contract.Context, day uint32) {}
