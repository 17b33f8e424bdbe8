package trade

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// Rules of the alerts that this contract raises beside those of package alerts.
const (
	RuleBooksImbalance = "books-imbalance" // what parks pay is not what grid company and operator get
	RuleBillOverdue    = "bill-overdue"
	RuleBillContested  = "bill-contested"
	RuleNoBill         = "no-bill" // a park's bill has no commitment: its sealed readings are gone
)

// RoundClosed settles the day of a reading round. A later round corrects
// nothing: a day is settled once.
func RoundClosed(ctx contract.Context, round vault.Round) {
	t, published := tariff.Load(ctx.State, round.Day)
	pending, waits := record.Load[Settlement](ctx.State, pendingKey(round.Day))
	if !published || !waits {
		return
	}
	pending.Round = round.ID
	if round.Phase != vault.PhaseOpened {
		parks := slices.DeleteFunc(sealedParks(ctx.State, round.Day), func(park string) bool { return slices.Contains(round.Refused, park) })
		settleWithout(ctx, t, pending, parks, round.Reason)
		return
	}
	parks := make([]string, len(round.Parks))
	for i, participant := range round.Parks {
		parks[i] = participant.Park
	}
	shared, err := share(ctx.State, t, pending, round)
	if err != nil {
		alerts.Post(ctx, raisedBy, alerts.RoundFailed, "reading/"+t.Date, err.Error())
		settleWithout(ctx, t, pending, parks, err.Error())
		return
	}
	if err := CheckBooks(shared, t); err != nil {
		alerts.Post(ctx, raisedBy, RuleBooksImbalance, t.Date, err.Error())
	}
	shared.Kind, shared.Parks = SettledShared, parks
	conclude(ctx, t, shared)
}

// share applies the rule of docs/planning.md to what a round has opened.
func share(state record.State, t tariff.Tariff, s Settlement, round vault.Round) (Settlement, error) {
	s.Surplus, s.Deficit = slices.Clone(s.Surplus), slices.Clone(s.Deficit)
	totalB, totalU, err := readOpened(state, s, round)
	if err != nil {
		return s, err
	}
	terms := TermsOf(s, t)
	result, err := terms.Settle(sharing.Metered{
		Charge: s.Charge, Discharge: s.Discharge, Surplus: s.Surplus, Deficit: s.Deficit,
		Stored: sharing.Stored{Start: int64(s.EnergyStart), End: int64(s.EnergyEnd), Target: int64(s.Target), PerWattHour: 1},
	}, totalU, totalB)
	if err != nil {
		return s, err
	}
	saving := new(big.Int).Lsh(result.Saving.Num(), rhoBits)
	s.Saving = vault.EncodeValue(saving.Quo(saving, result.Saving.Denom()))
	s.TotalBaseline, s.TotalUsefulness = vault.EncodeValue(totalB), vault.EncodeValue(totalU)
	s.Rho = uint64(result.Rho)
	s.TotalBills, s.GridDue, s.OperatorDue = vault.EncodeValue(result.Bills), vault.EncodeValue(result.GridDue), vault.EncodeValue(result.Operator)
	return s, nil
}

// rhoBits is the binary point of exact money: 2^-40 of an energy.Cost unit.
const rhoBits = 40

// readOpened takes the totals out of what a round has opened and writes the
// community sums into the settlement's lists. A total that was not opened is 0.
func readOpened(state record.State, s Settlement, round vault.Round) (totalB, totalU *big.Int, err error) {
	totalB, totalU = new(big.Int), new(big.Int)
	opened, _ := vault.OpenedOf(state, round.ID)
	if len(opened.Purposes) != len(round.Purposes) {
		return nil, nil, fmt.Errorf("%s: %d sums opened, expected %d", round.ID, len(opened.Purposes), len(round.Purposes))
	}
	for k, purpose := range round.Purposes {
		value, err := vault.DecodeValue(opened.Purposes[k].Value)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", round.ID, purpose.Kind, err)
		}
		switch purpose.Kind {
		case vault.PurposeSurplus:
			s.Surplus[purpose.Period] = energy.Watt(value.Int64())
		case vault.PurposeDeficit:
			s.Deficit[purpose.Period] = energy.Watt(value.Int64())
		case vault.PurposeBaseline:
			totalB = value
		case vault.PurposeUsefulness:
			totalU = value
		}
	}
	return totalB, totalU, nil
}

// settleWithout settles a day whose readings were not opened: everybody pays
// the tariff for what its own meter shows, see SettledWithout.
func settleWithout(ctx contract.Context, t tariff.Tariff, s Settlement, parks []string, why string) {
	earned := new(big.Int)
	for period := range t.Starts {
		sold := new(big.Int).Mul(big.NewInt(int64(s.Discharge[period])), big.NewInt(int64(t.Sell[period])))
		bought := new(big.Int).Mul(big.NewInt(int64(s.Charge[period])), big.NewInt(int64(t.Buy[period])))
		earned.Add(earned, sold.Sub(sold, bought))
	}
	s.Kind, s.Reason, s.Parks = SettledWithout, why, parks
	s.OperatorDue = vault.EncodeValue(earned.Lsh(earned, rhoBits))
	conclude(ctx, t, s)
}

// conclude fixes the weights of the bills, records the settlement and makes
// the bills due.
func conclude(ctx contract.Context, t tariff.Tariff, s Settlement) {
	terms := TermsOf(s, t)
	for period := range t.Starts {
		onSurplus, onDeficit := terms.BillWeights(period, int64(s.Rho))
		s.SurplusWeights = append(s.SurplusWeights, vault.EncodeValue(onSurplus))
		s.DeficitWeights = append(s.DeficitWeights, vault.EncodeValue(onDeficit))
	}
	s.ByMeter = []string{}
	for _, park := range committee.Parks(ctx.State) {
		if !slices.Contains(s.Parks, park.Name) {
			s.ByMeter = append(s.ByMeter, park.Name)
			settleContract(ctx, s.Day, park.Name)
		}
	}
	s.Height = ctx.Height
	record.Save(ctx.State, SettlementKey(s.Day), s)
	ctx.State.Delete(pendingKey(s.Day))
	for _, park := range s.Parks {
		dueBill(ctx, s, park)
	}
	settleContract(ctx, s.Day, committee.LoadParameters(ctx.State).Operator)
}

// CheckBooks checks that a shared settlement balances to the last unit, by
// another way than the one it was computed by: what the operator keeps must be
// the saving less the value of the stored energy and the parks' rebates, plus
// the fee, and what the parks pay must be what grid company and operator get.
func CheckBooks(s Settlement, t tariff.Tariff) error {
	var figures [5]*big.Int
	for i, encoded := range [][]byte{s.TotalBills, s.GridDue, s.OperatorDue, s.Saving, s.TotalUsefulness} {
		value, err := vault.DecodeValue(encoded)
		if err != nil {
			return fmt.Errorf("settlement of %s: %w", t.Date, err)
		}
		figures[i] = value
	}
	bills, grid, operator, saving, usefulness := figures[0], figures[1], figures[2], figures[3], figures[4]
	if sum := new(big.Int).Add(grid, operator); sum.Cmp(bills) != 0 {
		return fmt.Errorf("settlement of %s: parks pay %s, grid company and operator get %s", t.Date, bills, sum)
	}
	keeps := new(big.Int).Add(feeLessStored(s, t), saving)
	keeps.Sub(keeps, new(big.Int).Mul(usefulness, new(big.Int).SetUint64(s.Rho)))
	if keeps.Cmp(operator) != 0 {
		return fmt.Errorf("settlement of %s: the operator keeps %s, expected fee and unshared saving, %s", t.Date, operator, keeps)
	}
	return nil
}

// feeLessStored is the fee for all energy moved between storage and parks,
// less the value of the energy that the day left in the storage, 2^-40 Cost.
func feeLessStored(s Settlement, t tariff.Tariff) *big.Int {
	terms := TermsOf(s, t)
	moved := energy.Watt(0)
	for period := range t.Starts {
		if s.GridTrade {
			moved += terms.SurplusTaken(period, s.Charge[period], s.Surplus[period]) + terms.DeficitServed(period, s.Discharge[period], s.Deficit[period])
		} else {
			moved += s.Charge[period] + s.Discharge[period]
		}
	}
	end := s.EnergyEnd
	if s.EndRule == energy.EndAtLeast {
		end = min(end, s.Target)
	}
	sum := new(big.Int).Mul(big.NewInt(int64(moved)), big.NewInt(int64(s.Fee)))
	stored := new(big.Int).Mul(big.NewInt(int64(end-s.EnergyStart)), big.NewInt(int64(s.Reference)))
	stored.Mul(stored, big.NewInt(int64(60/terms.Minutes)))
	return sum.Sub(sum, stored).Lsh(sum, rhoBits)
}
