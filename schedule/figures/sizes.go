package figures

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/sizing"
)

// Sizes draws costs by power and capacity: curves, and a heat map where the
// sizes are a full grid of at least two by two.
func Sizes(folder string, c *energy.Case, results []sizing.Result) error {
	g := newGrid(c, results)
	curves, err := g.curves(c)
	if err != nil {
		return fmt.Errorf("figures: sizes: %w", err)
	}
	if err := save(folder, "sizes", curves); err != nil {
		return err
	}
	if !g.full() {
		return nil
	}
	return save(folder, "sizes-map", g.heat(c))
}

// grid is results ordered by power and capacity.
type grid struct {
	powers, capacities []float64
	cost               map[[2]float64]float64
}

func newGrid(c *energy.Case, results []sizing.Result) *grid {
	g := &grid{cost: map[[2]float64]float64{}}
	for _, r := range results {
		if r.Infeasible != nil {
			continue
		}
		power, capacity := r.Power.Kilowatt(), r.Capacity.KilowattHour()
		g.powers, g.capacities = append(g.powers, power), append(g.capacities, capacity)
		g.cost[[2]float64{power, capacity}] = r.Cost.Currency(c.Horizon.Minutes)
	}
	g.powers, g.capacities = distinct(g.powers), distinct(g.capacities)
	return g
}

func distinct(values []float64) []float64 {
	slices.SortFunc(values, cmp.Compare)
	return slices.Compact(values)
}

func (g *grid) full() bool {
	return len(g.powers) > 1 && len(g.capacities) > 1 && len(g.cost) == len(g.powers)*len(g.capacities)
}

// mostCurves bounds the curves in one set of axes.
const mostCurves = 10

func (g *grid) curves(c *energy.Case) (*plot.Plot, error) {
	p := axes("cost by capacity, for each power", "kWh", c.Currency)
	every := (len(g.powers) + mostCurves - 1) / mostCurves
	for i, power := range g.powers {
		if i%every != 0 {
			continue
		}
		var xy plotter.XYs
		for _, capacity := range g.capacities {
			if cost, ok := g.cost[[2]float64{power, capacity}]; ok {
				xy = append(xy, plotter.XY{X: capacity, Y: cost})
			}
		}
		line, dots, err := plotter.NewLinePoints(xy)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = plotutil.Color(i/every), vg.Points(1.5)
		dots.Color, dots.Radius = plotutil.Color(i/every), vg.Points(2)
		p.Add(line, dots)
		p.Legend.Add(fmt.Sprintf("%g kW", power), line)
	}
	return p, nil
}

func (g *grid) heat(c *energy.Case) *plot.Plot {
	p := axes("cost, "+c.Currency, "kWh", "kW")
	colours := moreland.SmoothBlueRed()
	least, most := g.extremes()
	colours.SetMin(least)
	colours.SetMax(max(most, least+1e-9))
	const shades = 64
	p.Add(plotter.NewHeatMap(g, colours.Palette(shades)))
	for _, value := range []float64{least, (least + most) / 2, most} {
		if shade, err := colours.At(value); err == nil {
			p.Legend.Add(fmt.Sprintf("%.0f", value), swatch{shade})
		}
	}
	return p
}

func (g *grid) extremes() (least, most float64) {
	first := true
	for _, cost := range g.cost {
		if first {
			least, most, first = cost, cost, false
		}
		least, most = min(least, cost), max(most, cost)
	}
	return least, most
}

// Dims, X, Y and Z make a grid a plotter.GridXYZ.
func (g *grid) Dims() (columns, rows int) { return len(g.capacities), len(g.powers) }

// X is the capacity of a column, kWh.
func (g *grid) X(column int) float64 { return g.capacities[column] }

// Y is the power of a row, kW.
func (g *grid) Y(row int) float64 { return g.powers[row] }

// Z is the cost of a size.
func (g *grid) Z(column, row int) float64 {
	return g.cost[[2]float64{g.powers[row], g.capacities[column]}]
}

// swatch is a patch of colour in a legend.
type swatch struct{ colour color.Color }

// Thumbnail draws the patch.
func (s swatch) Thumbnail(c *draw.Canvas) {
	c.SetColor(s.colour)
	c.Fill(c.Rectangle.Path())
}
