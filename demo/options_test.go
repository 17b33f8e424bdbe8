package demo

import "testing"

func TestSpeedIsAMultipleOfTheUsualPaceAsFarAsRoundsKeepUp(t *testing.T) {
	for speed, factor := range map[float64]int64{0.01: 7, 0.5: 360, 1: 720, 2: 1440, 3: 1440, 1e300: 1440} {
		told, err := prepare(Options{CasePath: "../cases/reference", Days: 1, Speed: speed})
		if err != nil {
			t.Fatal(err)
		}
		if told.factor != factor {
			t.Errorf("at speed %v ledger time runs %d times as fast as the world's, want %d", speed, told.factor, factor)
		}
	}
}
