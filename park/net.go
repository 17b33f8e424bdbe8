package park

import (
	"context"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// showNet shows the grid company the net values of the readings that have
// arrived, with what opens their commitments, so that it can compare them with
// its own meter. It learns nothing that its meter does not tell it.
func (n *Node) showNet(ctx context.Context, day tariff.Tariff) error {
	arrived, found, err := participant.Load[contract.Sealed](ctx, n.ledger, contract.SealedKey(contract.Reading, day.Day, n.name))
	if err != nil || !found {
		return err
	}
	shown, found, err := participant.Load[trade.Metering](ctx, n.ledger, trade.MeteringKey(day.Day, n.name))
	if err != nil || found && shown.Version == arrived.Version {
		return err
	}
	parameters, found, err := participant.Load[committee.Parameters](ctx, n.ledger, committee.ParametersKey)
	if err != nil || !found {
		return err
	}
	key, err := n.sealingKey(ctx, parameters.Grid)
	if err != nil {
		return err
	}
	_, openings, err := n.openings(arrived)
	if err != nil {
		return err
	}
	net, err := netValues(arrived, openings)
	if err != nil {
		return err
	}
	sealed, err := sealing.SealTo(key, trade.NetInfo(day.Day, n.name, arrived.Version), record.Encode(net))
	if err != nil {
		return fmt.Errorf("seal net values to %s: %w", parameters.Grid, err)
	}
	n.logger.Info("showing net values to the grid company", "date", day.Date, "version", arrived.Version)
	return n.ledger.Submit(ctx, "trade/net", trade.SubmitNet{Day: day.Day, Version: arrived.Version, ToGrid: sealed})
}

// netValues open the commitments to the park's net exchange.
func netValues(arrived contract.Sealed, openings map[sealing.DealID]*sealing.Opening) (trade.NetValues, error) {
	forms, _, err := trade.NetForms(arrived)
	if err != nil {
		return trade.NetValues{}, err
	}
	var net trade.NetValues
	for period := range forms {
		sum, err := forms[period].Sum(openings)
		if err != nil {
			return trade.NetValues{}, fmt.Errorf("period %d: %w", period+1, err)
		}
		blinding := sum.Blinding.Bytes()
		net.Values, net.Blindings = append(net.Values, sum.Value.Int64()), append(net.Blindings, blinding[:])
	}
	return net, nil
}
