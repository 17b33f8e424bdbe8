package ledger_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	"github.com/sesame-energy/sesame/ledger/transaction"
	"github.com/sesame-energy/sesame/schedule"
)

// The whole day of the reference case with three parks and five members:
// tariff, channels, deals, gate, acknowledgements, partial sums, plan, signals,
// outcomes, readings, settlement, bills.
func TestReferenceDayIsPlannedRunAndSettled(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 2)
	community.RunTo(community.Settled(0))
	if len(community.Refused) > 0 {
		t.Errorf("refused: %q", community.Refused)
	}
	if raised := alertsOf(community.State()); len(raised) > 0 {
		t.Errorf("alerts: %q", raised)
	}
	day := community.Day(0)
	plan := inForce(t, community.State(), day)
	checkOffline(t, community.Case, plan)
	checkSignals(t, community.State(), plan)
	checkSettlement(t, community, day)
	checkContracts(t, community, plan, trade.Settled)
	checkEveryRecordIsReadable(t, community.State())
	checkEveryTransactionIsReadable(t, community.Blocks)
}

func inForce(t *testing.T, state record.State, day uint32) scheduling.Plan {
	t.Helper()
	plan, found := scheduling.InForcePlan(state, day)
	if !found {
		t.Fatalf("no plan of %s", tariff.Date(day))
	}
	return plan
}

func alertsOf(state record.State) []string {
	var raised []string
	record.Each(state, alerts.Prefix, func(_ string, alert alerts.Alert) bool {
		raised = append(raised, alert.Rule+" "+alert.Subject)
		return true
	})
	return raised
}

// checkOffline holds the ledger's plan against what the same case gives offline.
func checkOffline(t *testing.T, c *energy.Case, plan scheduling.Plan) {
	t.Helper()
	problem, err := schedule.FromCase(c, true)
	if err != nil {
		t.Fatal(err)
	}
	offline, err := schedule.Solve(problem)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(plan.Charge, offline.Charge) || !slices.Equal(plan.Discharge, offline.Discharge) ||
		!slices.Equal(plan.SurplusTaken, offline.SurplusTaken) || !slices.Equal(plan.DeficitServed, offline.DeficitServed) {
		t.Errorf("plan on the ledger: charge %v, discharge %v, offline %v, %v", plan.Charge, plan.Discharge, offline.Charge, offline.Discharge)
	}
	if plan.Cost != offline.Cost || plan.Bound != offline.Bound || !slices.Equal(plan.Certificate, offline.Certificate) {
		t.Errorf("cost %d, bound %d, offline %d, %d, or another certificate", plan.Cost, plan.Bound, offline.Cost, offline.Bound)
	}
	if got := plan.Cost.Currency(c.Horizon.Minutes); off(got, 2947.57) > 0.005 {
		t.Errorf("the day costs %.4f, want 2947.57", got)
	}
	if plan.Source != scheduling.SourceRound || plan.Gap() > plan.Tolerance {
		t.Errorf("source %s, gap %d, tolerance %d", plan.Source, plan.Gap(), plan.Tolerance)
	}
}

func checkSignals(t *testing.T, state record.State, plan scheduling.Plan) {
	t.Helper()
	for period := range plan.Charge {
		signal, found := record.Load[control.Signal](state, control.SignalKey(plan.Day, period))
		if want := plan.Charge[period] - plan.Discharge[period]; !found || signal.Power != want || signal.Expects != plan.Energy[period] {
			t.Errorf("period %d: signal %+v, planned %d W, %d Wh", period, signal, want, plan.Energy[period])
		}
		outcome, found := record.Load[control.Outcome](state, control.OutcomeKey(plan.Day, period))
		if !found || outcome.Charged-outcome.Discharged != signal.Power || outcome.Energy != plan.Energy[period] {
			t.Errorf("period %d: outcome %+v of %+v", period, outcome, signal)
		}
	}
}

// checkSettlement holds a day that went as forecast against docs/planning.md.
func checkSettlement(t *testing.T, community *ledgertest.Community, day uint32) {
	t.Helper()
	settlement, found := record.Load[trade.Settlement](community.State(), trade.SettlementKey(day))
	if !found {
		t.Fatal("no settlement")
	}
	published, _ := tariff.Load(community.State(), day)
	if err := trade.CheckBooks(settlement, published); err != nil {
		t.Error(err)
	}
	if rho := float64(settlement.Rho) / (1 << 40); rho < 0.4555 || rho > 0.4565 {
		t.Errorf("rho %.4f, want 0.456", rho)
	}
	total := new(big.Int)
	for i, want := range []struct{ baseline, rebate float64 }{{4165.43, 614.7}, {2270.32, 584.3}, {-1714.67, 574.6}} {
		park := community.Parks[i]
		bill, _ := record.Load[trade.Bill](community.State(), trade.BillKey(day, park.Name))
		if bill.State != trade.BillAccepted {
			t.Errorf("%s: bill is %s", park.Name, bill.State)
		}
		owed := park.Bills[day]
		if owed == nil {
			t.Fatalf("%s has found no bill", park.Name)
		}
		total.Add(total, owed.Value)
		baseline := baselineOf(published, park)
		if got := currency(baseline); off(got, want.baseline) > 0.005 {
			t.Errorf("%s: without storage %.2f, want %.2f", park.Name, got, want.baseline)
		}
		rebate := new(big.Int).Sub(baseline, owed.Value)
		if got := currency(rebate); off(got, want.rebate) > 0.05 || rebate.Sign() < 0 {
			t.Errorf("%s: rebate %.2f, want %.1f", park.Name, got, want.rebate)
		}
	}
	if bills, _ := vault.DecodeValue(settlement.TotalBills); bills == nil || bills.Cmp(total) != 0 {
		t.Errorf("the parks' bills add up to %s, the settlement says %s", total, bills)
	}
}

// baselineOf is what a park would have paid without storage, 2^-40 Cost.
func baselineOf(t tariff.Tariff, park *ledgertest.Park) *big.Int {
	surplus, deficit := park.Readings(t.Day)
	sum := int64(0)
	for period := range t.Starts {
		sum += int64(t.Buy[period])*int64(deficit[period]) - int64(t.Sell[period])*int64(surplus[period])
	}
	return new(big.Int).Lsh(big.NewInt(sum), 40)
}

// currency shows exact money of hourly periods: a Cost is 1e-9 of it.
func currency(exact *big.Int) float64 {
	value, _ := new(big.Rat).SetFrac(exact, new(big.Int).Lsh(big.NewInt(1e9), 40)).Float64()
	return value
}

func off(a, b float64) float64 { return max(a-b, b-a) }

func checkContracts(t *testing.T, community *ledgertest.Community, plan scheduling.Plan, state string) {
	t.Helper()
	parties := []string{"operator"}
	for _, park := range community.Parks {
		parties = append(parties, park.Name)
	}
	for _, party := range parties {
		id := trade.ContractID(plan.Day, plan.Version, party)
		contract, _ := record.Load[trade.Contract](community.State(), trade.ContractKey(id))
		if contract.State != state || len(contract.Confirmed) != 2 {
			t.Errorf("contract %s is %q, confirmed by %v, want %s by both", id, contract.State, contract.Confirmed, state)
		}
	}
}

// checkEveryTransactionIsReadable shows every body to people; it names its kind's type.
func checkEveryTransactionIsReadable(t *testing.T, blocks []ledger.Block) {
	t.Helper()
	seen := map[string]bool{}
	for _, block := range blocks {
		for _, encoded := range block.Transactions {
			envelope, err := transaction.Decode(encoded)
			if err != nil {
				t.Fatal(err)
			}
			body, err := ledger.DecodeBody(envelope.Kind, envelope.Body)
			if err != nil {
				t.Errorf("%s: %v", envelope.Kind, err)
			}
			if again := record.Encode(body); !bytes.Equal(again, envelope.Body) {
				t.Errorf("%s: %+v is not the body that was sent", envelope.Kind, body)
			}
			seen[envelope.Kind] = true
		}
	}
	if len(seen) < 11 {
		t.Errorf("a whole day has sent no more than %v", seen)
	}
	if _, err := ledger.DecodeBody("vault/open", nil); err == nil {
		t.Error("a kind that there is not has a body")
	}
}

// checkEveryRecordIsReadable shows every record of the state to people.
func checkEveryRecordIsReadable(t *testing.T, state record.State) {
	t.Helper()
	state.Iterate("", func(key string, value []byte) bool {
		decoded, err := ledger.DecodeRecord(key, value)
		if err == nil {
			_, err = json.Marshal(decoded)
		}
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
		return true
	})
}
