package ledgertest

import (
	"math/big"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Operator drives a battery that does exactly what the signals say, reports
// each period, and confirms the storage's contracts.
type Operator struct {
	Party
	Does   func(signal control.Signal) energy.Watt // what the battery does, to charge
	Silent bool                                    // reports nothing

	stored *big.Rat // Wh
	sent   map[string]bool
}

// NewOperator makes the operator; its battery begins with what genesis says.
func NewOperator() *Operator {
	return &Operator{
		Party: NewParty("operator"), sent: map[string]bool{},
		Does: func(signal control.Signal) energy.Watt { return signal.Power },
	}
}

// React implements Role.
func (o *Operator) React(chain *Chain) {
	if o.stored == nil {
		o.stored = new(big.Rat).SetInt64(int64(committee.LoadStorage(chain.State()).Start))
	}
	for _, day := range tariff.Unfinished(chain.State(), chain.Now-secondsOfDay) {
		record.Each(chain.State(), control.SignalPrefix(day.Day), func(key string, signal control.Signal) bool {
			if signal.End <= chain.Now && !o.sent[key] {
				o.sent[key] = true
				o.report(chain, signal)
			}
			return true
		})
	}
	if !chain.Touched(trade.ContractPrefix) {
		return
	}
	record.Each(chain.State(), trade.ContractPrefix, func(key string, contract trade.Contract) bool {
		if contract.Party == o.Name && contract.State == trade.Notified && !o.sent[key] {
			o.sent[key] = true
			chain.Submit(o.Party, "trade/confirm", trade.Confirm{Contract: contract.ID})
		}
		return true
	})
}

func (o *Operator) report(chain *Chain, signal control.Signal) {
	if o.Silent {
		return
	}
	power := o.Does(signal)
	o.move(committee.LoadStorage(chain.State()), power, signal.End-signal.Start)
	body := control.Outcome{
		Day: signal.Day, Period: signal.Period,
		Charged: max(power, 0), Discharged: max(-power, 0), Available: true,
		Energy: energy.WattHour(new(big.Int).Quo(o.stored.Num(), o.stored.Denom()).Int64()),
	}
	chain.Submit(o.Party, "control/outcome", body)
}

// move changes the stored energy by what the power does over some seconds.
func (o *Operator) move(battery committee.Storage, power energy.Watt, seconds int64) {
	moved := big.NewRat(int64(power)*seconds, 3600)
	if power >= 0 {
		moved.Mul(moved, big.NewRat(int64(battery.ChargeEfficiency), int64(energy.EfficiencyOne)))
	} else {
		moved.Mul(moved, big.NewRat(int64(energy.EfficiencyOne), int64(battery.DischargeEfficiency)))
	}
	o.stored.Add(o.stored, moved)
}
