package scheduling_test

import (
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/scheduling"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Whoever reads a plan from the ledger can check it with nothing but its
// record, whatever has changed since.
func TestRecordedPlanProvesItself(t *testing.T) {
	l := workdays(t, 1)
	surplus, deficit := sums(24)
	plan := open(l, day, surplus, deficit)
	changed := committee.LoadStorage(l.State)
	changed.Power, changed.Fee = 1, 1
	record.Save(l.State, committee.StorageKey, changed)
	buy, sell := make([]energy.Price, 24), make([]energy.Price, 24)
	l.Publish(day, tariff.Workday, buy, sell)
	verdict, err := inForce(l, day).Prove()
	if err != nil {
		t.Fatal(err)
	}
	if verdict.Cost != plan.Cost || verdict.Bound != plan.Bound || plan.Cost >= plan.Baseline {
		t.Errorf("the check finds cost %d and bound %d, the record says %d and %d of %d", verdict.Cost, verdict.Bound, plan.Cost, plan.Bound, plan.Baseline)
	}
}

// The contract believes the solver no more than anybody's: it runs the same
// check on its own plan.
func TestForgedPlansAreFound(t *testing.T) {
	l := workdays(t, 1)
	surplus, deficit := sums(24)
	honest := record.Encode(open(l, day, surplus, deficit))
	for name, change := range map[string]func(*scheduling.Plan){
		"power above the limit":    func(p *scheduling.Plan) { p.Charge[0] = 400_001 },
		"charge and discharge":     func(p *scheduling.Plan) { p.Charge[23], p.Discharge[23] = 1, 1 },
		"one watt less":            func(p *scheduling.Plan) { p.Charge[0]-- },
		"cheaper than it is":       func(p *scheduling.Plan) { p.Cost-- },
		"a bound that is not one":  func(p *scheduling.Plan) { p.Bound++ },
		"another baseline":         func(p *scheduling.Plan) { p.Baseline++ },
		"no certificate":           func(p *scheduling.Plan) { p.Certificate = nil },
		"a cut certificate":        func(p *scheduling.Plan) { p.Certificate = p.Certificate[:len(p.Certificate)-1] },
		"too much surplus":         func(p *scheduling.Plan) { p.SurplusTaken[0]++ },
		"another stored energy":    func(p *scheduling.Plan) { p.Energy[7]++ },
		"a larger battery":         func(p *scheduling.Plan) { p.Storage.Power++ },
		"other sums":               func(p *scheduling.Plan) { p.Surplus[3]-- },
		"another price":            func(p *scheduling.Plan) { p.Buy[12]++ },
		"a series cut short":       func(p *scheduling.Plan) { p.Deficit = p.Deficit[:23] },
		"planned from nowhere":     func(p *scheduling.Plan) { p.From = 24 },
		"planned from before":      func(p *scheduling.Plan) { p.From = -1 },
		"planned from a bit later": func(p *scheduling.Plan) { p.From = 1 },
	} {
		plan, err := record.Decode[scheduling.Plan](honest)
		if err != nil {
			t.Fatal(err)
		}
		change(&plan)
		if _, err := plan.Prove(); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
}
