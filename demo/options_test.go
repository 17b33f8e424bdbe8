package demo

import (
	"path/filepath"
	"testing"
)

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

func TestFigureOfADisclosureLiesInTheNetworksFolder(t *testing.T) {
	for _, c := range []struct{ dir, figures, want string }{
		{"town", "", filepath.Join("town", "plots")},
		{"", "", "plots"}, // the network's own folder goes when the demo ends
		{"town", "elsewhere", "elsewhere"},
	} {
		told, err := prepare(Options{CasePath: "../cases/reference", Days: 1, Speed: 1, Dir: c.dir, Figures: c.figures, Disclose: "park1"})
		if err != nil {
			t.Fatal(err)
		}
		if told.options.Figures != c.want {
			t.Errorf("folder %q, figures %q: drawn in %q, expected %q", c.dir, c.figures, told.options.Figures, c.want)
		}
	}
}
