package grid

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/schedule/sharing"
	sealing "github.com/sesame-energy/sesame/vault"
)

// attendContracts reads, checks and confirms the contracts under the plan in
// force of a day. One that is wrong is kept with its fault and not confirmed.
func (n *Node) attendContracts(ctx context.Context, day tariff.Tariff) error {
	inForce, found, err := participant.Load[scheduling.InForce](ctx, n.ledger, scheduling.InForceKey(day.Day))
	if err != nil || !found {
		return err
	}
	return n.each(ctx, trade.ContractKey(trade.ContractID(day.Day, inForce.Version, "")), func(key string) error {
		if n.foundWrong(key) {
			return nil
		}
		agreed, found, err := participant.Load[trade.Contract](ctx, n.ledger, key)
		if err != nil || !found || agreed.State != trade.Notified || agreed.Counterparty != n.name || slices.Contains(agreed.Confirmed, n.name) {
			return err
		}
		return n.attendContract(ctx, day, agreed)
	})
}

// atOnce is how many parties' papers are attended to at the same time: each
// waits for a block.
const atOnce = 32

// each calls attend for the records under a prefix, several at a time, and
// joins the errors.
func (n *Node) each(ctx context.Context, prefix string, attend func(key string) error) error {
	listed, err := n.ledger.List(ctx, prefix, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", prefix, err)
	}
	failures := make([]error, len(listed))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, entry := range listed {
		group.Go(func() error { failures[i] = attend(entry.Key); return nil })
	}
	_ = group.Wait() // errors are in failures
	return errors.Join(failures...)
}

func (n *Node) attendContract(ctx context.Context, day tariff.Tariff, agreed trade.Contract) error {
	lines, fault := n.linesOf(agreed)
	if fault == nil {
		fault = trade.CheckLines(lines, day)
	}
	kept := Contract{ID: agreed.ID, Party: agreed.Party, Plan: agreed.Plan, Lines: lines}
	if fault != nil {
		kept.Fault = fault.Error()
	} else {
		for _, line := range lines {
			kept.Total += line.Total
		}
	}
	if err := n.records.keepContract(day.Day, kept); err != nil {
		return err
	}
	if fault != nil {
		n.logger.Error("contract is not confirmed", "contract", agreed.ID, "reason", fault)
		n.markWrong(trade.ContractKey(agreed.ID))
		return nil
	}
	n.logger.Info("confirming contract", "contract", agreed.ID)
	return n.ledger.Submit(ctx, "trade/confirm", trade.Confirm{Contract: agreed.ID})
}

// linesOf unseals a contract's lines; the storage's are public.
func (n *Node) linesOf(agreed trade.Contract) ([]trade.Line, error) {
	if len(agreed.Sealed) == 0 {
		return agreed.Lines, nil
	}
	plain, err := sealing.Unseal(n.sealingKey, []byte(agreed.ID), agreed.Sealed)
	if err != nil {
		return nil, fmt.Errorf("unseal lines: %w", err)
	}
	lines, err := record.Decode[[]trade.Line](plain)
	if err != nil {
		return nil, fmt.Errorf("lines: %w", err)
	}
	return lines, nil
}

// attendBills reads the bills of a day, compares each with its commitment, and
// says on the ledger whether it fits.
func (n *Node) attendBills(ctx context.Context, day tariff.Tariff) error {
	return n.each(ctx, trade.BillPrefix(day.Day), func(key string) error {
		sent, found, err := participant.Load[trade.Bill](ctx, n.ledger, key)
		if err != nil || !found || sent.State != trade.BillSubmitted {
			return err
		}
		return n.attendBill(ctx, day, sent)
	})
}

func (n *Node) attendBill(ctx context.Context, day tariff.Tariff, sent trade.Bill) error {
	kept, fault := n.readBill(day, sent)
	if fault != nil {
		kept.Fault = fault.Error()
		n.logger.Error("bill is contested", "date", day.Date, "park", sent.Park, "reason", fault)
	} else {
		n.logger.Info("bill accepted", "date", day.Date, "park", sent.Park)
	}
	if err := n.records.keepBill(day.Day, kept); err != nil {
		return err
	}
	return n.ledger.Submit(ctx, "trade/judge-bill", trade.JudgeBill{Day: day.Day, Park: sent.Park, Fits: fault == nil})
}

// readBill unseals a bill and checks it against its commitment.
func (n *Node) readBill(day tariff.Tariff, sent trade.Bill) (Bill, error) {
	bill := Bill{Park: sent.Park}
	plain, err := sealing.Unseal(n.sealingKey, []byte(trade.BillKey(day.Day, sent.Park)), sent.ToGrid)
	if err != nil {
		return bill, fmt.Errorf("unseal: %w", err)
	}
	opening, err := record.Decode[trade.BillOpening](plain)
	if err != nil {
		return bill, err
	}
	if err := trade.CheckBill(sent, opening); err != nil {
		return bill, err
	}
	amount, err := contract.DecodeValue(opening.Amount)
	if err != nil {
		return bill, fmt.Errorf("amount: %w", err)
	}
	terms := sharing.Terms{Minutes: tariff.Horizon(day).Minutes}
	bill.Amount, bill.Blinding, bill.Money = amount.String(), hex.EncodeToString(opening.Blinding), terms.Floor(amount)
	return bill, nil
}
