package grid

import (
	"context"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
	sealing "github.com/sesame-energy/sesame/vault"
)

// attendMeters is the meter service: it compares what parks have shown of
// their sealed readings with the company's own meters and signs the
// commitments. waits says that a meter has not been read yet.
func (n *Node) attendMeters(ctx context.Context, day tariff.Tariff) (waits bool, err error) {
	if n.config.Meters == "" {
		return false, nil
	}
	listed, err := n.ledger.List(ctx, trade.MeteringPrefix(day.Day), 0)
	if err != nil {
		return false, fmt.Errorf("net values: %w", err)
	}
	var failures []error
	for _, entry := range listed {
		shown, found, err := participant.Load[trade.Metering](ctx, n.ledger, entry.Key)
		if err == nil && found && len(shown.ToGrid) > 0 {
			err = n.attest(ctx, day, shown)
		}
		if errors.Is(err, errNoReadings) {
			waits, err = true, nil
		}
		failures = append(failures, err)
	}
	return waits, errors.Join(failures...)
}

// attest compares one park's net values with its meter and says what comes of it.
func (n *Node) attest(ctx context.Context, day tariff.Tariff, shown trade.Metering) error {
	sealed, found, err := participant.Load[contract.Sealed](ctx, n.ledger, contract.SealedKey(contract.Reading, day.Day, shown.Park))
	if err != nil || !found || sealed.Version != shown.Version {
		return err // sealed anew: other net values will come
	}
	meter, err := readMeter(n.config.Meters, shown.Park, day)
	if err != nil {
		return err
	}
	parameters, found, err := participant.Load[committee.Parameters](ctx, n.ledger, committee.ParametersKey)
	if err != nil || !found {
		return err
	}
	body := trade.Attest{Day: day.Day, Park: shown.Park, Version: shown.Version}
	if body.Commitment, err = trade.NetCommitment(parameters.Chain, sealed); err != nil {
		return err
	}
	net, fault := n.readNet(shown, sealed)
	if fault == nil {
		fault = compareMeter(net.Values, meter)
	}
	body.Fits = fault == nil
	if fault != nil {
		body.Detail = fault.Error()[:min(len(fault.Error()), 200)]
		n.logger.Error("a park's sealed readings are not what the meter shows", "date", day.Date, "park", shown.Park, "reason", fault)
	} else {
		n.logger.Info("readings metered", "date", day.Date, "park", shown.Park)
	}
	return n.ledger.Submit(ctx, "trade/attest", body)
}

// readNet unseals net values and checks that they open the commitments.
func (n *Node) readNet(shown trade.Metering, sealed contract.Sealed) (trade.NetValues, error) {
	plain, err := sealing.Unseal(n.sealingKey, trade.NetInfo(shown.Day, shown.Park, shown.Version), shown.ToGrid)
	if err != nil {
		return trade.NetValues{}, fmt.Errorf("unseal net values: %w", err)
	}
	net, err := record.Decode[trade.NetValues](plain)
	if err != nil {
		return net, fmt.Errorf("net values: %w", err)
	}
	return net, trade.CheckNet(sealed, net)
}
