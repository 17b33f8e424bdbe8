package ledger

import (
	"fmt"
	"slices"

	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
)

const (
	member   = committee.RoleMember
	park     = committee.RolePark
	grid     = committee.RoleGrid
	operator = committee.RoleOperator
)

// routes is every kind of transaction, what carries it out, and the roles that
// may send it.
var routes = map[string]route{
	"committee/propose": by(propose, member),
	"committee/vote":    by(vote, member),

	"alerts/raise":       by(alerts.HandleRaise, member, park, grid, operator),
	"alerts/acknowledge": by(alerts.HandleAcknowledge, member, park, grid, operator),

	"tariff/publish": by(publish, grid),

	"vault/channel":              by(vault.HandleChannel, park, member),
	"vault/channel-acknowledge":  by(vault.HandleAcknowledgeChannel, member),
	kindDeal:                     by(vault.HandleDeal, park).checkedBy(decoded(vault.CheckDeal)),
	"vault/rotate-key":           by(vault.HandleRotateKey, member),
	"vault/hand-on":              by(vault.HandleHandOn, member).checkedBy(decoded(vault.CheckHandOn)),
	"vault/handover-acknowledge": by(vault.HandleAcknowledgeHandover, member),
	"vault/refuse":               by(vault.HandleRefuse, member),
	"vault/acknowledge":          by(vault.HandleAcknowledge, member),
	"vault/partials":             by(vault.HandlePartials, member),
	"vault/request":              by(vault.HandleRequest, member),
	"vault/disclose":             by(disclose, member, park, grid, operator),

	"scheduling/replan": by(scheduling.HandleReplan, grid, operator),

	"control/outcome": by(control.HandleOutcome, operator),

	"trade/lines":      by(trade.HandleLines, park),
	"trade/confirm":    by(trade.HandleConfirm, park, grid, operator),
	"trade/bill":       by(trade.HandleBill, park),
	"trade/judge-bill": by(trade.HandleJudgeBill, grid),
	"trade/net":        by(trade.HandleNet, park),
	"trade/attest":     by(trade.HandleAttest, grid),
}

// route is a row of the table.
type route struct {
	roles  []committee.Role
	decode func(body []byte) (any, error)
	run    func(ctx contract.Context, body []byte) error
	// check is what CheckTx asks of a body beyond its form; nil asks nothing.
	check func(ctx contract.Context, body []byte) error
}

func (r route) checkedBy(check func(ctx contract.Context, body []byte) error) route {
	r.check = check
	return r
}

// decoded has a handler or a check take a body decoded.
func decoded[Body any](check func(contract.Context, Body) error) func(ctx contract.Context, body []byte) error {
	return func(ctx contract.Context, encoded []byte) error {
		body, err := record.Decode[Body](encoded)
		if err != nil {
			return err
		}
		return check(ctx, body)
	}
}

// by makes a row from a contract's handler.
func by[Body any](handle func(contract.Context, Body) error, roles ...committee.Role) route {
	return route{
		roles:  roles,
		decode: func(body []byte) (any, error) { return record.Decode[Body](body) },
		run:    decoded(handle),
	}
}

// routeOf finds the row for a kind and checks that the role may send it.
func routeOf(kind string, role committee.Role) (route, error) {
	row, found := routes[kind]
	if !found {
		return route{}, fmt.Errorf("kind %.60q: there is none", kind)
	}
	if !slices.Contains(row.roles, role) {
		return route{}, fmt.Errorf("%s: an account of role %s may not send it, only %v", kind, role, row.roles)
	}
	return row, nil
}

// DecodeBody decodes the body of a transaction of a kind, for people to read.
func DecodeBody(kind string, body []byte) (any, error) {
	row, found := routes[kind]
	if !found {
		return nil, fmt.Errorf("kind %.60q: there is none", kind)
	}
	return row.decode(body)
}

// publish has a planned day planned anew when its prices change.
func publish(ctx contract.Context, body tariff.Tariff) error {
	replaced, err := tariff.HandlePublish(ctx, body)
	if err == nil && replaced {
		control.Replan(ctx, body.Day, "changed tariff")
	}
	return err
}

func propose(ctx contract.Context, body committee.Propose) error {
	proposal, err := committee.HandlePropose(ctx, body)
	if err == nil {
		followUp(ctx, proposal)
	}
	return err
}

func vote(ctx contract.Context, body committee.Vote) error {
	proposal, err := committee.HandleVote(ctx, body)
	if err == nil {
		followUp(ctx, proposal)
	}
	return err
}

func disclose(ctx contract.Context, body vault.Disclose) error {
	proposal, err := vault.HandleDisclose(ctx, body)
	if err == nil {
		followUp(ctx, proposal)
	}
	return err
}

// expire closes a proposal at the end of its term.
func expire(ctx contract.Context, id uint64) {
	if proposal, expired := committee.Expire(ctx, id); expired {
		followUp(ctx, proposal)
	}
}

// followUp does what a decided proposal asks of other contracts: the vault's
// opens what the committee discloses, and all planned days are planned anew on
// a storage that has changed.
func followUp(ctx contract.Context, proposal committee.Proposal) {
	if proposal.Action == committee.ActionDisclose {
		vault.VoteClosed(ctx, proposal)
		return
	}
	if proposal.Action != committee.ActionStorage || proposal.State != committee.StateAccepted {
		return
	}
	for _, day := range tariff.Unfinished(ctx.State, ctx.Now) {
		control.Replan(ctx, day.Day, "changed storage")
	}
}
