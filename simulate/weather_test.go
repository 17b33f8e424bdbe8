package simulate

import (
	"math"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
)

func TestWithoutNoiseReadingsAreTheForecast(t *testing.T) {
	calm := weather{name: "reference"}
	for _, power := range []energy.Watt{0, 1, 348_000, field.MaxPower} {
		if got := calm.reading("park1", "load", 19919, 3, power); got != power {
			t.Errorf("%d W became %d W", power, got)
		}
	}
}

func TestWeatherIsTheSameInEveryRunAndOtherwiseNeverTheSame(t *testing.T) {
	base := weather{"reference", 0.02}
	seen := map[energy.Watt]string{}
	for name, got := range map[string]energy.Watt{
		"base":          base.reading("park1", "load", 19919, 3, 1_000_000_000),
		"other park":    base.reading("park2", "load", 19919, 3, 1_000_000_000),
		"other meter":   base.reading("park1", "wind", 19919, 3, 1_000_000_000),
		"other day":     base.reading("park1", "load", 19920, 3, 1_000_000_000),
		"other period":  base.reading("park1", "load", 19919, 4, 1_000_000_000),
		"other case":    weather{"another", 0.02}.reading("park1", "load", 19919, 3, 1_000_000_000),
		"no separators": base.reading("park11", "oad", 19919, 3, 1_000_000_000),
	} {
		if other, taken := seen[got]; taken {
			t.Errorf("%s and %s are both %d W", name, other, got)
		}
		seen[got] = name
	}
	if again := base.reading("park1", "load", 19919, 3, 1_000_000_000); seen[again] != "base" {
		t.Errorf("another run gives %d W", again)
	}
}

func TestNoiseHasItsStandardDeviationAndNoBias(t *testing.T) {
	w := weather{"reference", 0.02}
	const forecast, count = 1_000_000, 20_000
	var sum, squares float64
	for period := range count {
		off := float64(w.reading("park1", "load", 19919, period, forecast))/forecast - 1
		if math.Abs(off) > farthest*w.noise+1e-6 {
			t.Fatalf("period %d is off by %v", period, off)
		}
		sum, squares = sum+off, squares+off*off
	}
	if mean := sum / count; math.Abs(mean) > 0.0005 {
		t.Errorf("mean %v, expected 0", mean)
	}
	if deviation := math.Sqrt(squares / count); math.Abs(deviation-0.02) > 0.0005 {
		t.Errorf("standard deviation %v, expected 0.02", deviation)
	}
}

func TestPowerIsNeverNegativeOrTooLargeToSeal(t *testing.T) {
	w := weather{"reference", 1}
	for period := range 1000 {
		if got := w.reading("park1", "load", 19919, period, field.MaxPower); got < 0 || got > field.MaxPower {
			t.Fatalf("%d W", got)
		}
	}
}
