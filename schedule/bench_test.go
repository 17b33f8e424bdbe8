package schedule

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/certificate"
)

// spotDays draws so many periods of a community of a megawatt with prices of a
// spot market that change in every period, by a fixed seed.
func spotDays(periods, minutes int, capacity energy.WattHour) Problem {
	r := rand.New(rand.NewPCG(31, 32))
	p := Problem{Minutes: minutes, Storage: energy.Storage{
		Power: 400_000, Maximum: capacity, Start: capacity / 2, End: capacity / 2,
		ChargeEfficiency: 9600, DischargeEfficiency: 9600, Fee: 13_000, GridTrade: true,
	}}
	for range periods {
		sell := energy.Price(r.IntN(3_000)) * 100
		p.Sell = append(p.Sell, sell)
		p.Buy = append(p.Buy, sell+energy.Price(r.IntN(9_000))*100)
		p.Surplus = append(p.Surplus, energy.Watt(r.IntN(700))*1000)
		p.Deficit = append(p.Deficit, energy.Watt(r.IntN(700))*1000)
	}
	return p
}

// doubling is the family of inputs that doubles the vertices of the value
// function in every period as long as nothing caps them.
func doubling(periods int) Problem {
	p := Problem{Minutes: 60, Storage: energy.Storage{
		Power: 1 << 40, Maximum: 1 << 40, Start: 1 << 39, End: 1 << 39,
		ChargeEfficiency: 10_000, DischargeEfficiency: 10_000, GridTrade: true,
	}}
	for t := range periods {
		p.Buy, p.Sell = append(p.Buy, 1000), append(p.Sell, 100)
		power := energy.Watt(1) << min(t, 30)
		p.Surplus, p.Deficit = append(p.Surplus, power), append(p.Deficit, power)
	}
	return p
}

func BenchmarkSolve(b *testing.B) {
	_, day := reference(b, 400_000, 1_000_000)
	_, large := reference(b, 1_000_000, 20_000_000)
	for _, c := range []struct {
		name string
		p    Problem
	}{
		{"reference day", day},
		{"reference day 20 MWh", large},
		{"96 quarter hours", spotDays(96, 15, 1_000_000)},
		{"year of hours", spotDays(8760, 60, 1_000_000)},
		{"year of hours 20 MWh", spotDays(8760, 60, 20_000_000)},
		{"year of quarter hours", spotDays(35040, 15, 1_000_000)},
		{"doubling", doubling(96)},
	} {
		plan, err := Solve(c.p)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Solve(c.p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(plan.Certificate)), "certificate-bytes")
			b.ReportMetric(plan.Gap().Currency(c.p.Minutes), "gap")
		})
		b.Run(c.name+"/check", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := certificate.Check(c.p, plan.Dispatch, plan.Certificate, 1<<60); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestSolveIsDeterministicAndReusesNothing(t *testing.T) {
	_, p := reference(t, 400_000, 1_000_000)
	first, err := Solve(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Solve(spotDays(200, 15, 300_000)); err != nil {
		t.Fatal(err)
	}
	second, err := Solve(p)
	if err != nil {
		t.Fatal(err)
	}
	if string(first.Certificate) != string(second.Certificate) || first.Cost != second.Cost {
		t.Error("two solves of one problem differ")
	}
	for i := range first.Charge {
		if first.Charge[i] != second.Charge[i] || first.Discharge[i] != second.Discharge[i] || first.Energy[i] != second.Energy[i] {
			t.Errorf("period %d differs", i+1)
		}
	}
}

func TestHardInputStaysBoundedAndProven(t *testing.T) {
	for name, p := range map[string]Problem{
		"doubling": doubling(40), "year": spotDays(8760, 60, 20_000_000), "quarter hours": spotDays(96*7, 15, 5_000_000),
	} {
		plan, err := Solve(p)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := certificate.Check(p, plan.Dispatch, plan.Certificate, 1<<60); err != nil {
			t.Error(name, err)
		}
		if plan.Gap() < 0 {
			t.Errorf("%s: gap %d", name, plan.Gap())
		}
		t.Logf("%s: %s, gap %f of %f, certificate %d bytes", name, plan.Status, plan.Gap().Currency(p.Minutes), Tolerance(p).Currency(p.Minutes), len(plan.Certificate))
	}
}

func TestNumbersTooLargeNameTheField(t *testing.T) {
	base := spotDays(24, 60, 1_000_000)
	for field, change := range map[string]func(p *Problem){
		"storage.energy_kwh":        func(p *Problem) { p.Storage.Maximum = 1 << 60 },
		"storage.power_kw":          func(p *Problem) { p.Storage.Power = 1 << 55 },
		"series":                    func(p *Problem) { p.Surplus = append([]energy.Watt{1 << 50}, p.Surplus[1:]...) },
		"tariff":                    func(p *Problem) { p.Buy = append([]energy.Price{1 << 50}, p.Buy[1:]...) },
		"tariff.buy":                func(p *Problem) { p.Buy = append([]energy.Price{-1}, p.Buy[1:]...) },
		"storage.soc_start":         func(p *Problem) { p.Storage.Start = 2_000_000 },
		"storage.charge_efficiency": func(p *Problem) { p.Storage.ChargeEfficiency = 0 },
		"storage.fee_per_kwh":       func(p *Problem) { p.Storage.Fee = -1 },
		"period":                    func(p *Problem) { p.Minutes = 7 },
		"periods":                   func(p *Problem) { p.Buy = nil },
		"parks.import_limit_kw":     func(p *Problem) { p.Limits = &Limits{} },
		"storage.soc_min":           func(p *Problem) { p.Storage.Minimum = -1 },
	} {
		p := base
		change(&p)
		_, err := Solve(p)
		named := new(FieldError)
		if !errors.As(err, &named) || named.Field != field {
			t.Errorf("got %v, want an error that names %s", err, field)
		}
		if _, err := Idle(p); !errors.As(err, &named) {
			t.Errorf("Idle: got %v, want a FieldError", err)
		}
	}
}
