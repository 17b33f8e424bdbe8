package trade

import (
	"fmt"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// pendingKey is where a settlement waits for its round, with what the battery
// did and the rule's parameters as they stood at the reading gate.
func pendingKey(day uint32) string { return fmt.Sprintf("trade/pending/%06d", day) }

// ReadingGate closes the readings of a day and begins the round that opens
// what the settlement needs, or settles without where there can be none.
func ReadingGate(ctx contract.Context, day uint32) {
	t, found := tariff.Load(ctx.State, day)
	if !found {
		return
	}
	pending := begin(ctx, t)
	record.Save(ctx.State, pendingKey(day), pending)
	if _, err := vault.StartRound(ctx, vault.Reading, day, purposes(pending, t)); err != nil {
		alerts.Post(ctx, raisedBy, alerts.RoundFailed, "reading/"+t.Date, err.Error())
		settleWithout(ctx, t, pending, sealedParks(ctx.State, day), err.Error())
	}
}

// begin is a settlement as far as it stands at the reading gate.
func begin(ctx contract.Context, t tariff.Tariff) Settlement {
	did := control.DayOutcomes(ctx.State, t.Day)
	battery := committee.LoadStorage(ctx.State)
	shared := committee.LoadSharing(ctx.State, t.Starts[0])
	return Settlement{
		Day:     t.Day,
		Surplus: make([]energy.Watt, len(t.Starts)), Deficit: make([]energy.Watt, len(t.Starts)),
		Charge: did.Charge, Discharge: did.Discharge, EnergyStart: did.Start, EnergyEnd: did.End,
		Reference: shared.Reference, OperatorShare: shared.OperatorShare,
		Fee: battery.Fee, GridTrade: battery.GridTrade, EndRule: battery.EndRule, Target: battery.End,
	}
}

// TermsOf are the terms of the sharing rule under which a settlement was made.
func TermsOf(s Settlement, t tariff.Tariff) sharing.Terms {
	return sharing.Terms{
		Minutes: tariff.Horizon(t).Minutes, Buy: t.Buy, Sell: t.Sell,
		Fee: s.Fee, GridTrade: s.GridTrade, EndRule: s.EndRule,
		Sharing: energy.Sharing{Reference: s.Reference, OperatorShare: s.OperatorShare},
	}
}

// purposes are what the settlement needs and no more (docs/ledger.md, rule
// 8): the community's surplus where the storage charged and could take it, its
// deficit where it discharged and could serve it, and two totals. A total
// whose weights are all 0 is 0 and is not opened.
func purposes(s Settlement, t tariff.Tariff) []vault.Purpose {
	terms := TermsOf(s, t)
	var list []vault.Purpose
	for period := range t.Starts {
		if s.Charge[period] > 0 && terms.SurplusTaken(period, 1, 1) > 0 {
			list = append(list, vault.SurplusOf(period))
		}
		if s.Discharge[period] > 0 && terms.DeficitServed(period, 1, 1) > 0 {
			list = append(list, vault.DeficitOf(period))
		}
	}
	usefulness := vault.Purpose{Kind: vault.PurposeUsefulness, Period: -1}
	baseline := vault.Purpose{Kind: vault.PurposeBaseline, Period: -1}
	for period := range t.Starts {
		usefulness.SurplusWeights = append(usefulness.SurplusWeights, int64(terms.Sigma(period)))
		usefulness.DeficitWeights = append(usefulness.DeficitWeights, int64(terms.Kappa(period)))
		baseline.SurplusWeights = append(baseline.SurplusWeights, -int64(t.Sell[period]))
		baseline.DeficitWeights = append(baseline.DeficitWeights, int64(t.Buy[period]))
	}
	for _, total := range []vault.Purpose{usefulness, baseline} {
		total.SurplusWeights, total.DeficitWeights = trim(total.SurplusWeights), trim(total.DeficitWeights)
		if len(total.SurplusWeights)+len(total.DeficitWeights) > 0 {
			list = append(list, total)
		}
	}
	return list
}

// trim leaves out the weights after the last that is not zero.
func trim(weights []int64) []int64 {
	for len(weights) > 0 && weights[len(weights)-1] == 0 {
		weights = weights[:len(weights)-1]
	}
	return weights
}

// sealedParks lists the parks that have sealed readings of a day, by name.
func sealedParks(state record.State, day uint32) []string {
	parks := []string{}
	record.Each(state, vault.SealedPrefix(vault.Reading, day), func(_ string, sealed vault.Sealed) bool {
		parks = append(parks, sealed.Park)
		return true
	})
	return parks
}
