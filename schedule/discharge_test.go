package schedule

import (
	"errors"
	"testing"

	"github.com/sesame-energy/sesame/energy"
)

// losing is a storage of 100 W and 1 kWh, half full and never below 400 Wh, with
// flat prices, that loses a fraction of its energy in an hour.
func losing(hours int, perHour energy.Parts) Problem {
	p := Problem{Minutes: 60, Storage: energy.Storage{
		Power: 100, Minimum: 400, Maximum: 1000, Start: 500, End: 400, EndRule: energy.EndAtLeast,
		ChargeEfficiency: 10_000, DischargeEfficiency: 10_000, GridTrade: true, SelfDischarge: perHour,
	}}
	for range hours {
		p.Buy, p.Sell = append(p.Buy, 500_000), append(p.Sell, 400_000)
		p.Surplus, p.Deficit = append(p.Surplus, 0), append(p.Deficit, 0)
	}
	return p
}

// With flat prices nothing is bought before it is needed, and then what an hour
// loses, in whole watts.
func TestSelfDischargeIsBoughtBackNoSoonerThanNeeded(t *testing.T) {
	plan, err := Solve(losing(4, 100_000))
	if err != nil {
		t.Fatal(err)
	}
	// 500, 450, 405; 364.5 and 36 are 400.5; 360.45 and 40 are 400.45 Wh.
	for i, want := range []struct {
		power  energy.Watt
		stored energy.WattHour
	}{{0, 450}, {0, 405}, {36, 400}, {40, 400}} {
		if power := plan.Charge[i] - plan.Discharge[i]; power != want.power || plan.EnergyWh(i) != want.stored {
			t.Errorf("hour %d: %d W, then %d Wh, want %d W, then %d Wh", i+1, power, plan.EnergyWh(i), want.power, want.stored)
		}
	}
	if plan.Status != Optimal {
		t.Errorf("status %s, gap %d of %d", plan.Status, plan.Gap(), Tolerance(losing(4, 100_000)))
	}
}

func TestSelfDischargeBeyondFullChargeIsInfeasible(t *testing.T) {
	_, err := Solve(losing(4, 300_000))
	infeasible := new(Infeasible)
	if !errors.As(err, &infeasible) || infeasible.Limit != "storage.self_discharge_per_hour" || infeasible.Period != 2 {
		t.Errorf("got %v, want self-discharge in the third hour", err)
	}
	p := losing(4, 100_000)
	p.Storage.SelfDischarge = energy.PartsOne
	if _, err := Solve(p); !errors.As(err, new(*FieldError)) {
		t.Errorf("a loss of everything: %v, want an error of the field", err)
	}
}

// What is left of a day with self-discharge can be planned anew from any energy.
func TestRestOfADayWithSelfDischarge(t *testing.T) {
	p := losing(8, 50_000)
	p.Storage.End, p.Storage.EndRule = 900, energy.EndEqual
	plan, end, err := SolveRest(p, 6, 450)
	if err != nil {
		t.Fatal(err)
	}
	// 450, of which 427.5 are kept, and 100: 527.5, of which 501.1 are kept, and 100.
	if end != 601 || len(plan.Charge) != 2 || plan.EnergyWh(1) < 600 {
		t.Errorf("end of %d Wh, plan %v, %d Wh stored; expected 601 Wh by full charge", end, plan.Charge, plan.EnergyWh(1))
	}
}
