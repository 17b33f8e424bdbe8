package figures

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/sesame-energy/sesame/energy"
)

// Disclosed is one series of a park as a disclosure shows it, a value per
// period of the case's day.
type Disclosed struct {
	Name      string // "park1-load": the files' name
	Title     string
	Members   []string
	Shares    [][]float64 // of each member, as a part of the group's order, 0..1
	Truth     []float64   // kW, from the owner's own records
	Recovered []float64   // kW
	Subsets   string      // who recovers it: "any 3 of 5"
}

// Disclosure draws what each member holds of a series, and the series itself
// as its owner knows it and as enough members recover it (paper, Figure 10).
func Disclosure(folder string, c *energy.Case, d Disclosed) error {
	colours := []color.Color{blue, orange, green, red, grey}
	var curves []series
	for i, share := range d.Shares {
		curves = append(curves, series{name: d.Members[i], colour: colours[i%len(colours)], values: share})
	}
	shares, err := tile(c, "what each member holds", "part of the group's order", curves...)
	if err != nil {
		return fmt.Errorf("figures: disclosure: %w", err)
	}
	curve, err := tile(c, d.Title, "kW", series{name: "the owner's", colour: blue, values: d.Truth})
	if err != nil {
		return fmt.Errorf("figures: disclosure: %w", err)
	}
	middles := make(plotter.XYs, len(d.Recovered))
	for t, value := range d.Recovered {
		middles[t] = plotter.XY{X: float64(t) + 0.5, Y: value}
	}
	marks, err := plotter.NewScatter(middles)
	if err != nil {
		return fmt.Errorf("figures: disclosure: %w", err)
	}
	marks.GlyphStyle = draw.GlyphStyle{Color: red, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
	curve.Add(marks)
	curve.Legend.Add(d.Subsets, marks)
	return save(folder, d.Name, shares, curve)
}
