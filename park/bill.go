package park

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/participant"
	"github.com/sesame-energy/sesame/schedule/sharing"
	sealing "github.com/sesame-energy/sesame/vault"
)

// ByMeter is the state of a bill outside the vault: the park has no sealed
// readings of the day and pays the tariff by the grid company's meter.
const ByMeter = "by-meter"

// Bill is a park's bill for a day as its own node knows it: without storage,
// the park's part of the saving, to pay.
type Bill struct {
	State          string       `json:"state"`
	WithoutStorage string       `json:"without_storage"` // B_i, energy.Cost units, exact
	Amount         string       `json:"amount"`          // 2^-40 of an energy.Cost unit, exact; "" by meter
	Blinding       string       `json:"blinding"`        // opens the bill's commitment with Amount, hexadecimal
	Money          energy.Money `json:"money_1e6"`       // to pay, 1e-6 currency, rounded down
	Rho            uint64       `json:"rho_2e40"`
}

// attendBill computes the bill of a settled day, checks it against the
// ledger's commitment and sends it, sealed, to the grid company and the
// operator.
func (n *Node) attendBill(ctx context.Context, day tariff.Tariff) error {
	settled, found, err := participant.Load[trade.Settlement](ctx, n.ledger, trade.SettlementKey(day.Day))
	if err != nil || !found {
		return err
	}
	due, found, err := participant.Load[trade.Bill](ctx, n.ledger, trade.BillKey(day.Day, n.name))
	if err != nil {
		return err
	}
	if !found || len(due.Commitment) == 0 {
		return n.billByMeter(day)
	}
	var kept Bill
	known, err := n.records.document("bill", day.Day, &kept)
	if err != nil {
		return err
	}
	if known && kept.State == due.State && due.State != trade.BillDue {
		return nil
	}
	sum, bill, err := n.compute(ctx, day, settled, due)
	if err != nil {
		return err
	}
	bill.State = due.State
	if err := n.records.keepDocument("bill", day.Day, bill); err != nil {
		return err
	}
	if due.State != trade.BillDue {
		n.logger.Info("bill is on the ledger", "date", day.Date, "state", due.State)
		return nil
	}
	n.logger.Info("sending bill", "date", day.Date)
	return n.sendBill(ctx, day, sum)
}

// compute opens the park's own bill and checks it twice: against the
// commitment on the ledger, and against the rule for sharing the saving.
func (n *Node) compute(ctx context.Context, day tariff.Tariff, settled trade.Settlement, due trade.Bill) (sealing.Sum, Bill, error) {
	arrived, found, err := participant.Load[contract.Sealed](ctx, n.ledger, contract.SealedKey(contract.Reading, day.Day, n.name))
	if err == nil && !found {
		err = errors.New("no sealed readings on the ledger")
	}
	if err != nil {
		return sealing.Sum{}, Bill{}, err
	}
	form, _, err := trade.BillForm(settled, arrived)
	if err != nil {
		return sealing.Sum{}, Bill{}, err
	}
	kept, openings, err := n.openings(arrived)
	if err != nil {
		return sealing.Sum{}, Bill{}, err
	}
	sum, err := form.Sum(openings)
	if err != nil {
		return sealing.Sum{}, Bill{}, err
	}
	if err := trade.CheckBill(due, openingOf(sum)); err != nil {
		return sealing.Sum{}, Bill{}, fmt.Errorf("against the ledger's commitment: %w", err)
	}
	terms, surplus, deficit := termsOf(day, settled), watts(kept.Values[0]), watts(kept.Values[1])
	if want := terms.Bill(int64(settled.Rho), surplus, deficit); want.Cmp(sum.Value) != 0 {
		return sealing.Sum{}, Bill{}, fmt.Errorf("the ledger asks %v, the rule %v", sum.Value, want)
	}
	blinding := sum.Blinding.Bytes()
	return sum, Bill{
		WithoutStorage: terms.WithoutStorage(surplus, deficit).String(),
		Amount:         sum.Value.String(), Blinding: hex.EncodeToString(blinding[:]),
		Money: terms.Floor(sum.Value), Rho: settled.Rho,
	}, nil
}

// openings are the park's own of the readings that have arrived.
func (n *Node) openings(arrived contract.Sealed) (sealedSeries, map[sealing.DealID]*sealing.Opening, error) {
	kept, found, err := n.records.sealed(contract.Reading, arrived.Day, arrived.Version)
	if err != nil {
		return kept, nil, err
	}
	if !found || len(kept.Openings) != len(contract.ReadingSeries) {
		return kept, nil, fmt.Errorf("the openings of version %d of its sealed readings are not in this home folder", arrived.Version)
	}
	openings := map[sealing.DealID]*sealing.Opening{}
	for _, encoded := range kept.Openings {
		opening, err := sealing.DecodeOpening(encoded)
		if err != nil {
			return kept, nil, err
		}
		openings[opening.Deal] = opening
	}
	return kept, openings, nil
}

// openingOf is what is shown of a bill to those who may know it.
func openingOf(sum sealing.Sum) trade.BillOpening {
	blinding := sum.Blinding.Bytes()
	return trade.BillOpening{Amount: contract.EncodeValue(sum.Value), Blinding: blinding[:]}
}

// termsOf are the rule's terms as they stood at the reading gate.
func termsOf(day tariff.Tariff, settled trade.Settlement) sharing.Terms {
	return sharing.Terms{
		Minutes: tariff.Horizon(day).Minutes, Buy: day.Buy, Sell: day.Sell, Fee: settled.Fee,
		GridTrade: settled.GridTrade, EndRule: settled.EndRule,
		Sharing: energy.Sharing{Reference: settled.Reference, OperatorShare: settled.OperatorShare},
	}
}

// sendBill sends amount and blinding to the two who may know them.
func (n *Node) sendBill(ctx context.Context, day tariff.Tariff, sum sealing.Sum) error {
	parameters, found, err := participant.Load[committee.Parameters](ctx, n.ledger, committee.ParametersKey)
	if err != nil {
		return err
	}
	if !found {
		return errors.New("the ledger has no parameters")
	}
	opening := record.Encode(openingOf(sum))
	body := trade.SubmitBill{Day: day.Day}
	for _, to := range []struct {
		account string
		blob    *[]byte
	}{{parameters.Grid, &body.ToGrid}, {parameters.Operator, &body.ToOperator}} {
		key, err := n.sealingKey(ctx, to.account)
		if err != nil {
			return err
		}
		if *to.blob, err = sealing.SealTo(key, []byte(trade.BillKey(day.Day, n.name)), opening); err != nil {
			return fmt.Errorf("seal bill to %s: %w", to.account, err)
		}
	}
	return n.ledger.Submit(ctx, "trade/bill", body)
}

// billByMeter records what the tariff asks for the park's own readings.
func (n *Node) billByMeter(day tariff.Tariff) error {
	read, err := n.records.readSeries(n.config.meters(), tariff.Horizon(day))
	if gap := (gapError{}); err != nil && !errors.As(err, &gap) {
		return err
	}
	terms := sharing.Terms{Minutes: tariff.Horizon(day).Minutes, Buy: day.Buy, Sell: day.Sell}
	cost := terms.WithoutStorage(read.surplus(), read.deficit())
	money := terms.Floor(new(big.Int).Lsh(cost, 40))
	return n.records.keepDocument("bill", day.Day, Bill{State: ByMeter, WithoutStorage: cost.String(), Money: money})
}
