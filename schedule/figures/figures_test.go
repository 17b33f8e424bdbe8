package figures_test

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/schedule"
	"github.com/sesame-energy/sesame/schedule/figures"
	"github.com/sesame-energy/sesame/schedule/planfile"
	"github.com/sesame-energy/sesame/schedule/sizing"
)

func reference(t *testing.T) (*energy.Case, *planfile.Document) {
	t.Helper()
	c, _, err := casefile.Load("../../cases/reference")
	if err != nil {
		t.Fatal(err)
	}
	p, err := schedule.FromCase(c, false)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := schedule.Solve(p)
	if err != nil {
		t.Fatal(err)
	}
	d, err := planfile.Statement(c, p, planfile.Outcome{Dispatch: plan.Dispatch, Cost: plan.Cost, Bound: plan.Bound})
	if err != nil {
		t.Fatal(err)
	}
	return c, d
}

// drawn says what is wrong with a figure's files.
func drawn(t *testing.T, folder, name string, words ...string) {
	t.Helper()
	svg, err := os.ReadFile(filepath.Join(folder, name+".svg"))
	if err != nil {
		t.Error(err)
		return
	}
	for _, word := range words {
		if !strings.Contains(string(svg), word) {
			t.Errorf("%s.svg does not say %q", name, word)
		}
	}
	file, err := os.Open(filepath.Join(folder, name+".png"))
	if err != nil {
		t.Error(err)
		return
	}
	defer file.Close()
	if size, err := png.DecodeConfig(file); err != nil || size.Width < 800 || size.Height < 200 {
		t.Errorf("%s.png is %d by %d: %v", name, size.Width, size.Height, err)
	}
}

func TestFiguresOfThePaperAreDrawn(t *testing.T) {
	c, d := reference(t)
	folder := filepath.Join(t.TempDir(), "figures")
	if err := figures.Plan(folder, c, d); err != nil {
		t.Fatal(err)
	}
	drawn(t, folder, "inputs", "park1", "park2", "park3", "tariff", "wind", "selling", "12:00")
	drawn(t, folder, "purchase-and-sale", "park3", "purchase", "sale")
	drawn(t, folder, "parks-and-storage", "park2", "to storage", "from storage")
	drawn(t, folder, "storage-and-grid", "from grid")
	drawn(t, folder, "storage", "discharge", "kWh")
}

func TestSizesAreDrawn(t *testing.T) {
	c, _ := reference(t)
	results, err := sizing.Sweep(c, sizing.Grid([]energy.Watt{0, 400_000}, []energy.WattHour{0, 1_000_000, 2_000_000}), nil)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := figures.Sizes(folder, c, results); err != nil {
		t.Fatal(err)
	}
	drawn(t, folder, "sizes", "400 kW", "CNY")
	drawn(t, folder, "sizes-map", "kWh")
}

func TestFolderThatCannotBeMadeIsAnError(t *testing.T) {
	c, d := reference(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := figures.Plan(file, c, d); err == nil {
		t.Error("drawn into a file")
	}
}
