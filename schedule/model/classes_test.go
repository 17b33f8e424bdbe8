package model

import (
	"errors"
	"testing"

	"github.com/sesame-energy/sesame/energy"
)

// class is a class of an hour.
func class(buy, sell energy.Price, surplus, deficit energy.Watt) Class {
	return Class{
		Tariff:  energy.Tariff{Buy: []energy.Price{buy}, Sell: []energy.Price{sell}},
		Surplus: []energy.Watt{surplus}, Deficit: []energy.Watt{deficit},
	}
}

func TestEachClassIsAStepOfTheMeritOrder(t *testing.T) {
	m, err := New(hour(func(p *Problem) {
		p.Classes = []Class{
			class(600_000, 200_000, 1000, 3000),
			class(500_000, 100_000, 3500, 0),
			class(900_000, 595_000, 500, 0), // dearer than to buy through the second
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := vertices(m, m.Curve(0, new(Arena)))
	// Bought through the second class at 0.51, sold through the third at 0.585.
	want := [][][2]int64{
		{{-8000, -3000*590_000 - 5000*585_000}, {-3000, -3000 * 590_000}, {0, 0}},
		{{0, 0}, {3500, 3500 * 110_000}, {4500, 3500*110_000 + 1000*210_000}, {8000, 3500*110_000 + 1000*210_000 + 3500*510_000}},
	}
	for i := range want {
		if len(got) != len(want) || len(got[i]) != len(want[i]) {
			t.Fatalf("%v, want %v", got, want)
		}
		for j := range want[i] {
			if got[i][j] != want[i][j] {
				t.Errorf("side %d is %v, want %v", i, got[i], want[i])
			}
		}
	}
	if baseline := m.Baseline(); baseline != 3000*600_000-1000*200_000-3500*100_000-500*595_000 {
		t.Errorf("baseline %d", baseline)
	}
}

func TestTariffsThatDoNotFitAreRefused(t *testing.T) {
	none := []energy.Watt{0}
	for name, change := range map[string]func(*Problem){
		"no class": func(p *Problem) { p.Classes = []Class{} },
		"limits beside them": func(p *Problem) {
			p.Classes, p.Limits = []Class{class(2, 1, 5000, 3000)}, &Limits{none, none, none, none}
		},
		"limits of theirs": func(p *Problem) {
			p.Classes = []Class{class(2, 1, 5000, 3000)}
			p.Classes[0].Limits = &Limits{[]energy.Watt{5001}, none, none, none}
		},
		"sums":         func(p *Problem) { p.Classes = []Class{class(2, 1, 5000, 2999)} },
		"buy below":    func(p *Problem) { p.Classes = []Class{class(1, 2, 5000, 3000)} },
		"short series": func(p *Problem) { p.Classes = []Class{{Tariff: energy.Tariff{Buy: []energy.Price{1}}}} },
	} {
		if _, err := New(hour(change)); !errors.As(err, new(*FieldError)) {
			t.Errorf("%s: %v, want a *FieldError", name, err)
		}
	}
}
