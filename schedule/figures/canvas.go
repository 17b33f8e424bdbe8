package figures

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/sesame-energy/sesame/energy"
)

// Colours that stay apart for most kinds of colour blindness (Okabe and Ito).
var (
	blue   = color.RGBA{0, 114, 178, 255}
	orange = color.RGBA{230, 159, 0, 255}
	green  = color.RGBA{0, 158, 115, 255}
	red    = color.RGBA{213, 94, 0, 255}
	grey   = color.RGBA{120, 120, 120, 255}
)

const (
	width      = 20 * vg.Centimeter
	legendRoom = 3.8 * vg.Centimeter // right of the axes
	tileHeight = 6 * vg.Centimeter
	resolution = 150 // dots per inch of the PNG
)

// series is one curve: a value for each period, held during it, or for each
// moment, the end included, joined by lines.
type series struct {
	name    string
	colour  color.Color
	values  []float64
	moments bool
}

// tile makes one set of axes with curves over the case's horizon.
func tile(c *energy.Case, title, unit string, curves ...series) (*plot.Plot, error) {
	p := axes(title, "", unit)
	p.X.Tick.Marker = clockTicks{c}
	p.X.Min, p.X.Max = 0, float64(c.Horizon.Periods)
	for _, curve := range curves {
		line, err := plotter.NewLine(points(curve))
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", title, curve.name, err)
		}
		line.Color, line.Width = curve.colour, vg.Points(1.5)
		if !curve.moments {
			line.StepStyle = plotter.PostStep
		}
		p.Add(line)
		p.Legend.Add(curve.name, line)
	}
	p.Y.Min = min(p.Y.Min, 0)
	return p, nil
}

// axes are empty axes with a grid.
func axes(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Y.Tick.Marker, p.X.Tick.Marker = plainTicks{}, plainTicks{}
	for _, style := range []*text.Style{
		&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		style.Font.Variant = "Sans"
	}
	p.Title.Padding = vg.Millimeter
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.Padding = vg.Millimeter
	p.Add(plotter.NewGrid())
	return p
}

// plainTicks are the usual marks with numbers as short as they go.
type plainTicks struct{}

// Ticks gives the marks between low and high.
func (plainTicks) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i := range ticks {
		if ticks[i].Label != "" {
			ticks[i].Label = strconv.FormatFloat(ticks[i].Value, 'g', 6, 64)
		}
	}
	return ticks
}

// points are the curve's points; one held over periods has its last value
// twice, so that the last period shows.
func points(s series) plotter.XYs {
	xy := make(plotter.XYs, 0, len(s.values)+1)
	for t, v := range s.values {
		xy = append(xy, plotter.XY{X: float64(t), Y: v})
	}
	if !s.moments && len(s.values) > 0 {
		xy = append(xy, plotter.XY{X: float64(len(s.values)), Y: s.values[len(s.values)-1]})
	}
	return xy
}

// clockTicks marks local times of the case along the axis of periods.
type clockTicks struct{ c *energy.Case }

// Ticks gives about a dozen marks, on whole periods.
func (k clockTicks) Ticks(low, high float64) []plot.Tick {
	periods, perDay := k.c.Horizon.Periods, 24*60/k.c.Horizon.Minutes
	step, layout := 1, "15:04"
	for periods/step > 12 {
		step++
	}
	if periods > 2*perDay {
		layout = "Jan 2"
		step = perDay * max(1, (periods/perDay+11)/12)
	}
	var ticks []plot.Tick
	for t := 0; t <= periods; t += step {
		label := time.Unix(k.c.Horizon.At(t), 0).In(k.c.Location).Format(layout)
		ticks = append(ticks, plot.Tick{Value: float64(t), Label: label})
	}
	return ticks
}

// save writes tiles below each other as folder/name.svg and folder/name.png.
func save(folder, name string, tiles ...*plot.Plot) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	height := tileHeight * vg.Length(len(tiles))
	vector := vgsvg.New(width, height)
	bitmap := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(resolution))}
	for _, format := range []struct {
		extension string
		canvas    vg.CanvasWriterTo
	}{{"svg", vector}, {"png", bitmap}} {
		drawTiles(draw.New(format.canvas), tiles)
		if err := write(filepath.Join(folder, name+"."+format.extension), format.canvas); err != nil {
			return err
		}
	}
	return nil
}

func drawTiles(canvas draw.Canvas, tiles []*plot.Plot) {
	canvas.SetColor(color.White)
	canvas.Fill(canvas.Rectangle.Path())
	column := make([][]*plot.Plot, len(tiles))
	for i, t := range tiles {
		column[i] = []*plot.Plot{t}
	}
	grid := draw.Tiles{Rows: len(tiles), Cols: 1, PadTop: vg.Millimeter, PadBottom: vg.Millimeter, PadLeft: vg.Millimeter, PadRight: legendRoom, PadY: 3 * vg.Millimeter}
	for i, row := range plot.Align(column, grid, canvas) {
		drawTile(row[0], tiles[i])
	}
}

// drawTile draws the axes with their curves, and the legend beside them.
func drawTile(canvas draw.Canvas, p *plot.Plot) {
	legend := p.Legend
	p.Legend = plot.NewLegend()
	p.Draw(canvas)
	p.Legend = legend
	beside := canvas
	beside.Min.X, beside.Max.X = canvas.Max.X+4*vg.Millimeter, canvas.Max.X+legendRoom
	beside.Max.Y -= 6 * vg.Millimeter
	legend.Draw(beside)
}

func write(path string, canvas vg.CanvasWriterTo) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	if _, err := canvas.WriteTo(file); err != nil {
		file.Close()
		return fmt.Errorf("figures: %s: %w", path, err)
	}
	return file.Close()
}
