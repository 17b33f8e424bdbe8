package park

import (
	"context"
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// attendPlan takes the plan in force of a day home: the park's own part, the
// signals to its devices that follow from it, and the contract with the grid
// company.
func (n *Node) attendPlan(ctx context.Context, day tariff.Tariff) error {
	own, found, err := n.planOf(ctx, day)
	if err != nil || !found {
		return err
	}
	if n.setPlan(day, own) {
		n.logger.Info("plan computed at home", "date", day.Date, "version", own.Version, "source", own.Source)
		if err := n.records.keepDocument("plan", day.Day, own); err != nil {
			return err
		}
	}
	return n.attendContract(ctx, day, own)
}

// attendContract posts the lines of the contract under the plan in force,
// sealed to the grid company, and confirms the contract.
func (n *Node) attendContract(ctx context.Context, day tariff.Tariff, own Plan) error {
	id := trade.ContractID(day.Day, own.Version, n.name)
	agreed, found, err := participant.Load[trade.Contract](ctx, n.ledger, trade.ContractKey(id))
	if err != nil || !found || agreed.State == trade.Superseded || agreed.State == trade.Settled {
		return err
	}
	if len(agreed.Sealed) == 0 {
		key, err := n.sealingKey(ctx, agreed.Counterparty)
		if err != nil {
			return err
		}
		sealed, err := sealing.SealTo(key, []byte(id), record.Encode(own.Lines))
		if err != nil {
			return fmt.Errorf("seal lines of %s: %w", id, err)
		}
		n.logger.Info("posting contract lines", "contract", id)
		if err := n.ledger.Submit(ctx, "trade/lines", trade.PostLines{Contract: id, Sealed: sealed}); err != nil {
			return err
		}
	}
	if slices.Contains(agreed.Confirmed, n.name) {
		return nil
	}
	return n.ledger.Submit(ctx, "trade/confirm", trade.Confirm{Contract: id})
}

// sealingKey is the public key to which blobs for an account are sealed.
func (n *Node) sealingKey(ctx context.Context, account string) ([]byte, error) {
	holder, found, err := participant.Load[committee.Account](ctx, n.ledger, committee.AccountKey(account))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("account %s is not on the ledger", account)
	}
	return holder.SealingKey, nil
}

// registered is what the park may seal at most.
func (n *Node) registered(ctx context.Context) (committee.Park, error) {
	park, found, err := participant.Load[committee.Park](ctx, n.ledger, committee.ParkKey(n.name))
	if err != nil {
		return committee.Park{}, err
	}
	if !found {
		return committee.Park{}, fmt.Errorf("park %s is not on the ledger", n.name)
	}
	return park, nil
}
