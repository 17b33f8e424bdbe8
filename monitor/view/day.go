package view

import (
	"context"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/control"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/schedule/sharing"
)

// Day is all that the ledger says about one day. Series have one entry per
// period.
type Day struct {
	Day        uint32      `json:"day"`
	Date       string      `json:"date"`
	Kind       string      `json:"kind"`
	Starts     []int64     `json:"starts"`
	End        int64       `json:"end"`
	Buy        []int64     `json:"buy"`
	Sell       []int64     `json:"sell"`
	Record     string      `json:"record"` // the tariff's
	Plan       *Plan       `json:"plan"`   // in force, null without
	Versions   []Version   `json:"versions"`
	Signals    []*Signal   `json:"signals"`  // null where none was given yet
	Outcomes   []*Outcome  `json:"outcomes"` // null where none was reported yet
	Saving     []int64     `json:"saving"`   // by the plan, per period, 1e-6 currency
	Done       []*int64    `json:"done"`     // the same with metered power, null where not reported
	Contracts  []Contract  `json:"contracts"`
	Bills      []Bill      `json:"bills"`
	Settlement *Settlement `json:"settlement"` // null before
	LeftOff    DayLeftOff  `json:"left_off"`
}

// DayLeftOff is how many records of a day its lists leave off, being full:
// contracts under the oldest plans, bills of the parks last by name.
type DayLeftOff struct {
	Contracts int `json:"contracts"`
	Bills     int `json:"bills"`
}

// Plan is the plan in force.
type Plan struct {
	Version       uint32   `json:"version"`
	Source        string   `json:"source"`
	Reason        string   `json:"reason"`
	Round         string   `json:"round"`
	Parks         []string `json:"parks"`
	From          int      `json:"from"`
	Start         int64    `json:"start"`
	Surplus       []int64  `json:"surplus"`
	Deficit       []int64  `json:"deficit"`
	Charge        []int64  `json:"charge"`
	Discharge     []int64  `json:"discharge"`
	SurplusTaken  []int64  `json:"surplus_taken"`
	DeficitServed []int64  `json:"deficit_served"`
	Energy        []int64  `json:"energy"`
	Baseline      int64    `json:"baseline"`
	Cost          int64    `json:"cost"`
	Bound         int64    `json:"bound"`
	Gap           int64    `json:"gap"`
	Tolerance     int64    `json:"tolerance"`
	Proven        bool     `json:"proven"`      // there is a certificate: bound and gap mean something
	Certificate   int      `json:"certificate"` // bytes
	Problem       string   `json:"problem"`     // what the check of plan and certificate found here, "" where they hold
	Height        int64    `json:"height"`
	Time          int64    `json:"time"`
	Record        string   `json:"record"`
}

// Version is one of a day's plans.
type Version struct {
	Version uint32 `json:"version"`
	Source  string `json:"source"`
	Reason  string `json:"reason"`
	From    int    `json:"from"`
	Height  int64  `json:"height"`
	Time    int64  `json:"time"`
	Record  string `json:"record"`
}

// Signal is a control signal; power is positive to charge.
type Signal struct {
	Power   int64  `json:"power"`
	Plan    uint32 `json:"plan"`
	Expects int64  `json:"expects"`
	Record  string `json:"record"`
}

// Outcome is what the battery did.
type Outcome struct {
	Charged    int64  `json:"charged"`
	Discharged int64  `json:"discharged"`
	Energy     int64  `json:"energy"`
	Available  bool   `json:"available"`
	Alarm      string `json:"alarm"`
	Record     string `json:"record"`
}

// Day is all that the ledger says about a day; false where it has no tariff.
func (v *Viewer) Day(ctx context.Context, number uint32) (Day, bool, error) {
	t, there, err := load[tariff.Tariff](ctx, v, tariff.Key(number))
	if err != nil || !there {
		return Day{}, false, err
	}
	periods := len(t.Starts)
	if periods == 0 || periods > tariff.MaxPeriods || !sameLength(periods, len(t.Buy), len(t.Sell)) {
		v.logger.Warn("monitor: tariff with series of different lengths", "day", number)
		return Day{}, false, nil
	}
	day := Day{
		Day: number, Date: date(number), Kind: t.Kind, Starts: t.Starts, End: t.End,
		Buy: numbers(t.Buy), Sell: numbers(t.Sell), Record: tariff.Key(number),
	}
	for _, fill := range []func(context.Context, *Day) error{v.plans, v.control, v.savings, v.contracts, v.bills, v.settlement} {
		if err := fill(ctx, &day); err != nil {
			return Day{}, false, err
		}
	}
	return day, true, nil
}

func (v *Viewer) plans(ctx context.Context, day *Day) error {
	found, err := list[scheduling.Plan](ctx, v, scheduling.DayPrefix(day.Day))
	if err != nil {
		return err
	}
	inForce, known, err := load[scheduling.InForce](ctx, v, scheduling.InForceKey(day.Day))
	day.Versions = []Version{}
	for _, p := range found {
		plan := p.value
		day.Versions = append(day.Versions, Version{plan.Version, plan.Source, plan.Reason, plan.From, plan.Height, plan.Time, p.key})
		if known && plan.Version == inForce.Version && sameLength(len(day.Starts), len(plan.Surplus), len(plan.Deficit),
			len(plan.Charge), len(plan.Discharge), len(plan.SurplusTaken), len(plan.DeficitServed), len(plan.Energy)) {
			day.Plan = v.plan(p.key, plan)
		}
	}
	return err
}

// plan shows a plan and judges it anew, without the solver.
func (v *Viewer) plan(key string, p scheduling.Plan) *Plan {
	problem := ""
	if _, err := p.Prove(); err != nil {
		problem = err.Error()
	}
	return &Plan{
		Version: p.Version, Source: p.Source, Reason: p.Reason, Round: p.Round, Parks: p.Parks, From: p.From, Start: int64(p.Start),
		Surplus: numbers(p.Surplus), Deficit: numbers(p.Deficit), Charge: numbers(p.Charge), Discharge: numbers(p.Discharge),
		SurplusTaken: numbers(p.SurplusTaken), DeficitServed: numbers(p.DeficitServed), Energy: numbers(p.Energy),
		Baseline: v.money(p.Baseline), Cost: v.money(p.Cost), Bound: v.money(p.Bound), Gap: v.money(p.Gap()),
		Tolerance: v.money(p.Tolerance), Proven: len(p.Certificate) > 0, Certificate: len(p.Certificate), Problem: problem, Height: p.Height, Time: p.Time, Record: key,
	}
}

func (v *Viewer) control(ctx context.Context, day *Day) error {
	day.Signals, day.Outcomes = make([]*Signal, len(day.Starts)), make([]*Outcome, len(day.Starts))
	signals, err := list[control.Signal](ctx, v, control.SignalPrefix(day.Day))
	if err != nil {
		return err
	}
	for _, s := range signals {
		if s.value.Period >= 0 && s.value.Period < len(day.Signals) {
			day.Signals[s.value.Period] = &Signal{int64(s.value.Power), s.value.Plan, int64(s.value.Expects), s.key}
		}
	}
	outcomes, err := list[control.Outcome](ctx, v, control.OutcomePrefix(day.Day))
	for _, o := range outcomes {
		if o.value.Period >= 0 && o.value.Period < len(day.Outcomes) {
			day.Outcomes[o.value.Period] = &Outcome{
				int64(o.value.Charged), int64(o.value.Discharged), int64(o.value.Energy), o.value.Available, o.value.Alarm, o.key,
			}
		}
	}
	return err
}

// savings fills in what the storage saves period by period on the sums of the
// plan, without the value of stored energy: as planned, and with the power as
// metered. The bill rests on neither; the settlement says what counts.
func (v *Viewer) savings(ctx context.Context, day *Day) error {
	day.Saving, day.Done = make([]int64, len(day.Starts)), make([]*int64, len(day.Starts))
	storage, there, err := load[committee.Storage](ctx, v, committee.StorageKey)
	if err != nil || !there || day.Plan == nil {
		return err
	}
	for t := range day.Starts {
		day.Saving[t] = v.saving(day, storage, t, day.Plan.Charge[t], day.Plan.Discharge[t])
		if outcome := day.Outcomes[t]; outcome != nil {
			done := v.saving(day, storage, t, outcome.Charged, outcome.Discharged)
			day.Done[t] = &done
		}
	}
	return nil
}

func (v *Viewer) saving(day *Day, storage committee.Storage, t int, charge, discharge int64) int64 {
	buy, sell, fee := energy.Price(day.Buy[t]), energy.Price(day.Sell[t]), storage.Fee
	terms := sharing.Terms{Buy: []energy.Price{buy}, Sell: []energy.Price{sell}, Fee: fee, GridTrade: storage.GridTrade}
	taken := int64(terms.SurplusTaken(0, energy.Watt(charge), energy.Watt(day.Plan.Surplus[t])))
	served := int64(terms.DeficitServed(0, energy.Watt(discharge), energy.Watt(day.Plan.Deficit[t])))
	saving := int64(buy-fee)*served + int64(sell)*(discharge-served) - int64(sell+fee)*taken - int64(buy)*(charge-taken)
	if !storage.GridTrade {
		saving -= int64(fee) * (charge - taken + discharge - served)
	}
	return v.money(energy.Cost(saving))
}
