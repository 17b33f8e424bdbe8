package battery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/record"
	sealing "github.com/sesame-energy/sesame/vault"
)

// billDays is how many days back the gateway looks for bills when it starts.
const billDays = 8

// listing is what the trader asks of the ledger beside single records.
type listing interface {
	ledger
	List(ctx context.Context, prefix string, limit int) ([]feed.Record, error)
}

// trader confirms the storage's purchase and sale contracts and keeps the
// bills that parks seal to the operator. Its steps run one after the other.
type trader struct {
	ledger  listing
	days    *days
	clock   func() (time.Time, bool)
	store   *store
	name    string // of the operator's account
	sealing []byte // the operator's sealing key
	logger  *slog.Logger

	confirmed map[string]bool // contracts that a block has taken our confirmation of; their state is proven a block later
	contracts bool            // something about contracts has changed
	bills     bool
	looked    bool // the days back have been looked through for bills
}

// observe takes note of a block.
func (t *trader) observe(block client.Block) {
	if relevant(block) {
		t.days.forget(block.Height)
		t.contracts = true
	}
	for _, change := range block.Changes {
		t.contracts = t.contracts || strings.HasPrefix(change.Key, trade.ContractPrefix)
		t.bills = t.bills || strings.HasPrefix(change.Key, "trade/bill/")
	}
}

// step does what is due. What fails is tried again at the next step.
func (t *trader) step(ctx context.Context) error {
	now, known := t.clock()
	if !known {
		return nil
	}
	today := t.days.civil(now.Unix())
	if t.contracts || !t.looked {
		done := true
		for day := today; day <= today+1; day++ {
			settled, err := t.confirm(ctx, day)
			if err != nil {
				return err
			}
			done = done && settled
		}
		t.contracts = !done
	}
	if t.bills || !t.looked {
		first := today - 1
		if !t.looked {
			first = today - min(today, billDays)
		}
		for day := first; day <= today; day++ {
			if err := t.takeBills(ctx, day); err != nil {
				return err
			}
		}
		t.bills, t.looked = false, true
	}
	return nil
}

// confirm confirms the storage's contract under the plan in force of a day, if
// its lines are what follows from plan and tariff. settled says that nothing
// is left to do until something changes.
func (t *trader) confirm(ctx context.Context, day uint32) (settled bool, err error) {
	plan, found, err := t.days.plan(ctx, day)
	if err != nil || !found {
		return true, err
	}
	prices, found, err := t.days.tariff(ctx, day)
	if err != nil || !found {
		return true, err
	}
	id := trade.ContractID(day, plan.Version, t.name)
	if t.confirmed[id] {
		return true, nil
	}
	contract, found, keep, err := read[trade.Contract](ctx, t.days, trade.ContractKey(id))
	if err != nil || !found {
		return false, err
	}
	if contract.State != trade.Notified || slices.Contains(contract.Confirmed, t.name) {
		return keep, nil
	}
	if err := checkContract(contract, trade.StorageLines(plan, prices)); err != nil {
		t.logger.Error("not confirmed", "contract", contract.ID, "error", err)
		return true, nil
	}
	err = t.ledger.Submit(ctx, "trade/confirm", trade.Confirm{Contract: contract.ID})
	if refused := (*client.Refused)(nil); errors.As(err, &refused) && refused.Height > 0 {
		t.logger.Warn("the ledger does not take a confirmation", "contract", contract.ID, "reason", refused.Reason)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	t.confirmed[id] = true
	t.logger.Info("contract confirmed", "contract", contract.ID)
	return true, nil
}

// checkContract says where a contract's lines are not the expected ones.
func checkContract(contract trade.Contract, expected []trade.Line) error {
	if len(contract.Lines) != len(expected) {
		return fmt.Errorf("%d lines: expected %d", len(contract.Lines), len(expected))
	}
	for i, line := range contract.Lines {
		if line != expected[i] {
			return fmt.Errorf("line %d is %+v: plan and tariff give %+v", i+1, line, expected[i])
		}
	}
	return nil
}

// takeBills looks at all bills of a day.
func (t *trader) takeBills(ctx context.Context, day uint32) error {
	records, err := t.ledger.List(ctx, trade.BillPrefix(day), 0)
	if err != nil {
		return fmt.Errorf("bills of %s: %w", tariff.Date(day), err)
	}
	for _, listed := range records {
		proven, found, _, err := read[trade.Bill](ctx, t.days, listed.Key)
		if err != nil {
			return err
		}
		if !found || len(proven.ToOperator) == 0 {
			continue
		}
		if err := t.takeBill(proven); err != nil {
			return err
		}
	}
	return nil
}

// takeBill unseals a bill, checks it against its commitment and keeps it.
func (t *trader) takeBill(sealed trade.Bill) error {
	kept := bill{Day: sealed.Day, Park: sealed.Park, sealed: sealed.ToOperator}
	known, err := t.store.knows(kept)
	if err != nil || known {
		return err
	}
	amount, err := t.open(sealed)
	kept.Amount, kept.Fits = amount, err == nil
	if err != nil {
		kept.Reason = err.Error()
		t.logger.Warn("a bill does not prove itself", "park", sealed.Park, "day", tariff.Date(sealed.Day), "error", err)
	}
	return t.store.keep(kept)
}

// open gives a bill's amount, in 2^-40 Cost, where it opens the commitment.
func (t *trader) open(sealed trade.Bill) (string, error) {
	plain, err := sealing.Unseal(t.sealing, []byte(trade.BillKey(sealed.Day, sealed.Park)), sealed.ToOperator)
	if err != nil {
		return "", err
	}
	opening, err := record.Decode[trade.BillOpening](plain)
	if err != nil {
		return "", err
	}
	amount, err := vault.DecodeValue(opening.Amount)
	if err != nil {
		return "", err
	}
	return amount.String(), trade.CheckBill(sealed, opening)
}
