package trade

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

const raisedBy = "contract/trade"

// maxSealedLines bounds the sealed lines of a contract, bytes: 100 lines with
// room to spare.
const maxSealedLines = 16_384

// EndBlock drafts the contracts of plans that came into force in this block.
// It moves the vault's releases on, too: the bills among them are this
// contract's.
func EndBlock(ctx contract.Context) {
	for _, release := range vault.EndReleases(ctx) {
		if release.Kind == vault.BillOpen {
			billReleased(ctx, release)
		}
	}
	for _, plan := range scheduling.TakeNew(ctx.State) {
		supersede(ctx, plan.Day)
		draft(ctx, plan)
	}
}

// supersede ends the contracts of earlier plans of a day. Their lines are
// given up: the blocks keep them.
func supersede(ctx contract.Context, day uint32) {
	record.Each(ctx.State, fmt.Sprintf("%s%06d/", ContractPrefix, day), func(key string, old Contract) bool {
		if old.State != Superseded && old.State != Settled {
			old.State, old.Sealed, old.Lines, old.Height = Superseded, []byte{}, []Line{}, ctx.Height
			record.Save(ctx.State, key, old)
		}
		return true
	})
}

// draft makes a contract with the grid company for every park and for the
// storage, whose trade is public: its lines are there at once.
func draft(ctx contract.Context, plan scheduling.Plan) {
	parameters := committee.LoadParameters(ctx.State)
	for _, park := range committee.Parks(ctx.State) {
		save(ctx, Contract{
			ID: ContractID(plan.Day, plan.Version, park.Name), Day: plan.Day, Plan: plan.Version,
			Party: park.Name, Counterparty: parameters.Grid, State: Drafted,
			Sealed: []byte{}, Lines: []Line{}, Confirmed: []string{},
		})
	}
	t, found := tariff.Load(ctx.State, plan.Day)
	if !found {
		return
	}
	save(ctx, Contract{
		ID: ContractID(plan.Day, plan.Version, parameters.Operator), Day: plan.Day, Plan: plan.Version,
		Party: parameters.Operator, Counterparty: parameters.Grid, State: Notified,
		Sealed: []byte{}, Lines: StorageLines(plan, t), Confirmed: []string{},
	})
}

func save(ctx contract.Context, c Contract) {
	c.Height = ctx.Height
	record.Save(ctx.State, ContractKey(c.ID), c)
}

// HandleLines takes a park's lines, sealed to the grid company, and with them
// notifies both sides ("trade/lines").
func HandleLines(ctx contract.Context, body PostLines) error {
	c, found := record.Load[Contract](ctx.State, ContractKey(body.Contract))
	switch {
	case !found || c.Party != ctx.Sender:
		return fmt.Errorf("%s has no contract %.40q", ctx.Sender, body.Contract)
	case c.State != Drafted:
		return fmt.Errorf("contract %s is %s: lines are taken while it is %s", c.ID, c.State, Drafted)
	case len(body.Sealed) == 0 || len(body.Sealed) > maxSealedLines:
		return fmt.Errorf("contract %s: sealed lines of %d bytes: expected 1 to %d", c.ID, len(body.Sealed), maxSealedLines)
	}
	c.Sealed, c.State = body.Sealed, Notified
	save(ctx, c)
	return nil
}

// HandleConfirm takes one side's confirmation ("trade/confirm").
func HandleConfirm(ctx contract.Context, body Confirm) error {
	c, found := record.Load[Contract](ctx.State, ContractKey(body.Contract))
	switch {
	case !found || ctx.Sender != c.Party && ctx.Sender != c.Counterparty:
		return fmt.Errorf("%s is no side of a contract %.40q", ctx.Sender, body.Contract)
	case c.State != Notified:
		return fmt.Errorf("contract %s is %s: confirmed while it is %s", c.ID, c.State, Notified)
	case slices.Contains(c.Confirmed, ctx.Sender):
		return fmt.Errorf("contract %s: %s has confirmed it already", c.ID, ctx.Sender)
	}
	c.Confirmed = append(c.Confirmed, ctx.Sender)
	if len(c.Confirmed) == 2 {
		c.State = Confirmed
	}
	save(ctx, c)
	return nil
}

// settleContract ends a party's contract under the plan in force of a day.
func settleContract(ctx contract.Context, day uint32, party string) {
	plan, found := scheduling.InForcePlan(ctx.State, day)
	if !found {
		return
	}
	c, found := record.Load[Contract](ctx.State, ContractKey(ContractID(day, plan.Version, party)))
	if found && c.State != Superseded {
		c.State = Settled
		save(ctx, c)
	}
}
