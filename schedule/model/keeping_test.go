package model

import (
	"math/rand/v2"
	"testing"

	"github.com/sesame-energy/sesame/energy"
)

// Law: Least and Most bound the energies of which at least and at most so much is
// kept, and of the least just that much is kept.
func TestKeepingHasItsInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 10_000 {
		whole := 1 + r.Int64N([]int64{10, 60_000_000}[r.IntN(2)])
		k := Keeping{1 + r.Int64N(whole), whole}
		y := r.Int64N([]int64{20, 1 << 40}[r.IntN(2)])
		if e := k.Least(y); e < magnitude && (k.Of(e) != y || e > 0 && k.Of(e-1) >= y) {
			t.Fatalf("%+v: least %d for %d: keeps %d, one less keeps %d", k, e, y, k.Of(e), k.Of(e-1))
		}
		if e := k.Most(y); e < magnitude-1 && (k.Of(e) > y || k.Of(e+1) <= y) {
			t.Fatalf("%+v: most %d for %d: keeps %d, one more keeps %d", k, e, y, k.Of(e), k.Of(e+1))
		}
	}
	if none := (Keeping{}); none.Of(7) != 7 || none.Least(-3) != -3 || none.Most(-3) != -3 {
		t.Error("without self-discharge something is lost")
	}
	if k := (Keeping{1, 60_000_000}); k.Least(1<<59) != magnitude {
		t.Errorf("least %d, expected the bound of magnitudes", k.Least(1<<59))
	}
}

func TestSelfDischargeIsRoundedFarBelowAWatt(t *testing.T) {
	lossy := func(p *Problem) { p.Storage.SelfDischarge = 2_000 }
	m, err := New(hour(lossy))
	if err != nil {
		t.Fatal(err)
	}
	// 576, 625 and 600 are multiplied by 8: 4608 units are a watt of charge.
	if want := (Lattice{Up: 4608, Down: 5000, PerWattHour: 4800}); m.Lattice != want {
		t.Errorf("lattice %+v, want %+v", m.Lattice, want)
	}
	// 0.998 of 10 kWh
	d := Dispatch{Charge: []energy.Watt{0}, Discharge: []energy.Watt{0}}
	if got := m.Lattice.WattHours(m.After(m.Start, 0, d)); got != 9980 {
		t.Errorf("of 10 kWh %d Wh are left after an hour, want 9980", got)
	}
}
