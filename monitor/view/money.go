package view

import (
	"context"
	"slices"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// Contract is a purchase and sale contract.
type Contract struct {
	ID           string   `json:"id"`
	Plan         uint32   `json:"plan"`
	Party        string   `json:"party"`
	Counterparty string   `json:"counterparty"`
	State        string   `json:"state"`
	Confirmed    []string `json:"confirmed"`
	Sealed       int      `json:"sealed"` // bytes
	Lines        []Line   `json:"lines"`  // in clear for the storage only
	Height       int64    `json:"height"`
	Record       string   `json:"record"`
}

// Line is one period of a contract.
type Line struct {
	Start     int64 `json:"start"`
	Purchase  int64 `json:"purchase"`
	Sale      int64 `json:"sale"`
	BuyPrice  int64 `json:"buy_price"`
	SellPrice int64 `json:"sell_price"`
	Total     int64 `json:"total"`
}

// Bill is a park's bill. Its amount only its owner, the grid company and the
// operator know, unless the park withheld it and the committee has opened it.
type Bill struct {
	Park       string `json:"park"`
	State      string `json:"state"`
	Basis      string `json:"basis"` // metered, honesty or disputed
	Commitment []byte `json:"commitment"`
	Opened     *int64 `json:"opened"` // the amount where the committee has opened it
	Height     int64  `json:"height"`
	Record     string `json:"record"`
}

// Settlement is what a day came to, money in 1e-6 currency.
type Settlement struct {
	Kind        string   `json:"kind"`
	Reason      string   `json:"reason"` // why nothing is shared
	Round       string   `json:"round"`
	Parks       []string `json:"parks"`
	ByMeter     []string `json:"by_meter"`
	Surplus     []int64  `json:"surplus"` // opened only where the storage charged
	Deficit     []int64  `json:"deficit"` // opened only where it discharged
	Charge      []int64  `json:"charge"`
	Discharge   []int64  `json:"discharge"`
	EnergyStart int64    `json:"energy_start"`
	EnergyEnd   int64    `json:"energy_end"`
	Saving      int64    `json:"saving"`
	Baseline    int64    `json:"baseline"`
	Usefulness  int64    `json:"usefulness"`
	Rho         float64  `json:"rho"`
	Reference   int64    `json:"reference"`
	Operator    float64  `json:"operator_share"`
	Bills       int64    `json:"bills"`
	GridDue     int64    `json:"grid_due"`
	OperatorDue int64    `json:"operator_due"`
	Height      int64    `json:"height"`
	Record      string   `json:"record"`
}

func (v *Viewer) contracts(ctx context.Context, day *Day) error {
	prefix := trade.ContractPrefix + trade.ContractID(day.Day, 0, "")[:len("000000/")]
	found, err := listLast[trade.Contract](ctx, v, prefix, maxList) // those under the newest plan first
	if err != nil {
		return err
	}
	day.Contracts = []Contract{}
	for _, c := range found {
		contract := Contract{
			ID: c.value.ID, Plan: c.value.Plan, Party: c.value.Party, Counterparty: c.value.Counterparty, State: c.value.State,
			Confirmed: c.value.Confirmed, Sealed: len(c.value.Sealed), Lines: []Line{}, Height: c.value.Height, Record: c.key,
		}
		for _, l := range c.value.Lines {
			contract.Lines = append(contract.Lines, Line{
				l.Start, int64(l.Purchase), int64(l.Sale), int64(l.BuyPrice), int64(l.SellPrice), v.money(l.Total),
			})
		}
		day.Contracts = append(day.Contracts, contract)
	}
	slices.Reverse(day.Contracts)
	day.LeftOff.Contracts, err = v.leftOff(ctx, prefix, len(found))
	return err
}

func (v *Viewer) bills(ctx context.Context, day *Day) error {
	found, err := list[trade.Bill](ctx, v, trade.BillPrefix(day.Day))
	if err != nil {
		return err
	}
	day.Bills = []Bill{}
	for _, b := range found {
		bill := Bill{Park: b.value.Park, State: b.value.State, Basis: b.value.Basis, Commitment: b.value.Commitment, Height: b.value.Height, Record: b.key}
		if len(b.value.Amount) > 0 {
			amount := v.exactMoney(signed(b.value.Amount), 40)
			bill.Opened = &amount
		}
		day.Bills = append(day.Bills, bill)
	}
	day.LeftOff.Bills, err = v.leftOff(ctx, trade.BillPrefix(day.Day), len(found))
	return err
}

func (v *Viewer) settlement(ctx context.Context, day *Day) error {
	key := trade.SettlementKey(day.Day)
	s, there, err := load[trade.Settlement](ctx, v, key)
	if err != nil || !there {
		return err
	}
	if !sameLength(len(day.Starts), len(s.Surplus), len(s.Deficit), len(s.Charge), len(s.Discharge)) {
		v.logger.Warn("monitor: settlement with series of another length than the day", "key", key)
		return nil
	}
	day.Settlement = &Settlement{
		Kind: s.Kind, Reason: s.Reason, Round: s.Round, Parks: s.Parks, ByMeter: s.ByMeter,
		Reference: int64(s.Reference), Operator: float64(s.OperatorShare) / float64(energy.PartsOne),
		Surplus: numbers(s.Surplus), Deficit: numbers(s.Deficit), Charge: numbers(s.Charge), Discharge: numbers(s.Discharge),
		EnergyStart: int64(s.EnergyStart), EnergyEnd: int64(s.EnergyEnd),
		Saving: v.exactMoney(signed(s.Saving), 40), Baseline: v.exactMoney(signed(s.TotalBaseline), 0),
		Usefulness: v.exactMoney(signed(s.TotalUsefulness), 0), Rho: float64(s.Rho) / float64(sharing.RhoOne),
		Bills: v.exactMoney(signed(s.TotalBills), 40), GridDue: v.exactMoney(signed(s.GridDue), 40),
		OperatorDue: v.exactMoney(signed(s.OperatorDue), 40), Height: s.Height, Record: key,
	}
	return nil
}
