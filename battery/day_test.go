package battery

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/alerts"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/ledgertest"
	"github.com/sesame-energy/sesame/ledger/record"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
)

// operator is the gateway as a role at a ledger in memory that runs the real
// contracts.
type operator struct {
	*ledgertest.Chain
	party ledgertest.Party
	parts []part
}

func (o *operator) Get(_ context.Context, key string) (client.Record, error) {
	value, found := o.State().Get(key)
	return client.Record{Key: key, Value: value, Found: found, Height: o.Height}, nil
}

func (o *operator) List(_ context.Context, prefix string, _ int) ([]feed.Record, error) {
	var records []feed.Record
	o.State().Iterate(prefix, func(key string, value []byte) bool {
		records = append(records, feed.Record{Key: key, Value: value})
		return true
	})
	return records, nil
}

// Submit puts the transaction into a block of its own at once, as a caller
// sees it who waits for inclusion.
func (o *operator) Submit(_ context.Context, kind string, body any) error {
	o.Chain.Submit(o.party, kind, body)
	return nil
}

// React implements ledgertest.Role.
func (o *operator) React(chain *ledgertest.Chain) {
	block := client.Block{Height: chain.Height, LedgerTime: chain.Now, Changes: []client.Change{{Key: control.CurrentKey}}}
	for _, part := range o.parts {
		part.observe(block)
		if err := part.step(context.Background()); err != nil {
			chain.T.Errorf("height %d: %v", chain.Height, err)
		}
	}
}

// The paper's day on the real contracts: the battery does what the plan says to
// the watt and the Wh, though every signal comes after its period has begun.
func TestReferenceDayIsFollowedExactly(t *testing.T) {
	community := ledgertest.NewCommunity(t, ledgertest.ReferenceCase(t), 2)
	community.Roles = slices.DeleteFunc(community.Roles, func(role ledgertest.Role) bool { return role == community.Operator })
	o := &operator{Chain: community.Chain, party: ledgertest.NewParty("operator")}
	equip(t, o)
	community.Roles = append(community.Roles, o)
	community.RunTo(community.Settled(0))

	day := community.Day(0)
	plan, found := scheduling.InForcePlan(community.State(), day)
	if !found || plan.Version != 1 || plan.Source != scheduling.SourceRound {
		t.Fatalf("plan %d from %q: expected the first, from the round", plan.Version, plan.Source)
	}
	moved := energy.Watt(0)
	for period := range plan.Charge {
		outcome, _ := record.Load[control.Outcome](community.State(), control.OutcomeKey(day, period))
		expected := control.Outcome{
			Day: day, Period: period, Charged: plan.Charge[period], Discharged: plan.Discharge[period],
			Energy: plan.Energy[period], Available: true,
		}
		if outcome != expected {
			t.Errorf("outcome %+v\nexpected %+v", outcome, expected)
		}
		moved += plan.Charge[period] + plan.Discharge[period]
	}
	if moved == 0 {
		t.Error("the plan moves nothing: the test shows nothing")
	}
	for _, rule := range []string{alerts.BatteryOffPlan, alerts.EnergyImbalance, alerts.BatteryAlarm, alerts.OutcomeMissing} {
		record.Each(community.State(), alerts.Prefix, func(_ string, alert alerts.Alert) bool {
			if alert.Rule == rule {
				t.Errorf("alert %s: %s", alert.Rule, alert.Detail)
			}
			return true
		})
	}
	contract, _ := record.Load[trade.Contract](community.State(), trade.ContractKey(trade.ContractID(day, 1, "operator")))
	if !slices.Contains(contract.Confirmed, "operator") {
		t.Errorf("contract %s is %s, confirmed by %q: expected the operator among them", contract.ID, contract.State, contract.Confirmed)
	}
}

// equip sets up the gateway's three parts at a simulated battery of the
// ledger's own figures, over a real Modbus connection.
func equip(t *testing.T, o *operator) {
	t.Helper()
	clock := func() (time.Time, bool) { return time.Unix(o.Now, 0), o.Height > 0 }
	storage := o.Document.Storage
	battery, err := simulated.New(simulated.Config{Storage: simulated.Storage{
		Power: storage.Power, Capacity: storage.Capacity, Minimum: storage.Minimum, Maximum: storage.Maximum, Start: storage.Start,
		ChargeEfficiency: storage.ChargeEfficiency, DischargeEfficiency: storage.DischargeEfficiency,
	}}, clock)
	if err != nil {
		t.Fatal(err)
	}
	device := newDevice((&bench{t: t, battery: battery}).serve(), simulated.UnitID, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = device.Close() })
	store, err := openStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	silent := slog.New(slog.DiscardHandler)
	o.parts = []part{
		&controller{
			device: device, days: newDays(o, china), clock: clock, fresh: func() error { return nil },
			factor: ledgertest.Factor, timeout: 7200, status: newStatus(silent),
		},
		&reporter{ledger: o, device: device, days: newDays(o, china), store: store, status: newStatus(silent), logger: silent},
		&trader{
			ledger: o, days: newDays(o, china), clock: clock, store: store,
			name: o.party.Name, sealing: o.party.Sealing, logger: silent, confirmed: map[string]bool{},
		},
	}
}
