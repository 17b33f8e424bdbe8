package figures

import (
	"encoding/json"
	"fmt"

	"gonum.org/v1/plot"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/schedule/planfile"
)

// mostParks bounds the parks of one figure; the first in case order are drawn.
const mostParks = 12

// Plan draws the figures of a case and its plan into a folder.
func Plan(folder string, c *energy.Case, d *planfile.Document) error {
	for _, figure := range []struct {
		name  string
		tiles func(*energy.Case, *planfile.Document) ([]*plot.Plot, error)
	}{
		{"inputs", inputs},
		{"purchase-and-sale", purchaseAndSale},
		{"parks-and-storage", parksAndStorage},
		{"storage-and-grid", storageAndGrid},
		{"storage", storage},
	} {
		tiles, err := figure.tiles(c, d)
		if err != nil {
			return fmt.Errorf("figures: %s: %w", figure.name, err)
		}
		if err := save(folder, figure.name, tiles...); err != nil {
			return err
		}
	}
	return nil
}

// inputs are the parks' series and the tariff (paper, Figure 5).
func inputs(c *energy.Case, _ *planfile.Document) ([]*plot.Plot, error) {
	var tiles []*plot.Plot
	for i := range c.Parks[:min(len(c.Parks), mostParks)] {
		p := &c.Parks[i]
		t, err := tile(c, p.Name, "kW", series{name: "load", colour: blue, values: kilowatts(p.Load)},
			series{name: "PV", colour: orange, values: kilowatts(p.PV)}, series{name: "wind", colour: green, values: kilowatts(p.Wind)})
		if err != nil {
			return nil, err
		}
		tiles = append(tiles, t)
	}
	prices, err := tile(c, "tariff", c.Currency+" per kWh",
		series{name: "buying", colour: red, values: perKilowattHour(c.Tariff.Buy)}, series{name: "selling", colour: grey, values: perKilowattHour(c.Tariff.Sell)})
	return append(tiles, prices), err
}

// purchaseAndSale is each park's exchange with the grid (paper, Figure 6).
func purchaseAndSale(c *energy.Case, d *planfile.Document) ([]*plot.Plot, error) {
	return perPark(c, d, func(rows []planfile.ParkRow) []series {
		return []series{
			{name: "purchase", colour: blue, values: column(rows, func(r planfile.ParkRow) json.Number { return r.Buy })},
			{name: "sale", colour: orange, values: column(rows, func(r planfile.ParkRow) json.Number { return r.Sell })},
		}
	})
}

// parksAndStorage is each park's exchange with the storage (paper, Figure 7).
func parksAndStorage(c *energy.Case, d *planfile.Document) ([]*plot.Plot, error) {
	return perPark(c, d, func(rows []planfile.ParkRow) []series {
		return []series{
			{name: "to storage", colour: green, values: column(rows, func(r planfile.ParkRow) json.Number { return r.ToStorage })},
			{name: "from storage", colour: red, values: column(rows, func(r planfile.ParkRow) json.Number { return r.FromStorage })},
		}
	})
}

func perPark(c *energy.Case, d *planfile.Document, curves func([]planfile.ParkRow) []series) ([]*plot.Plot, error) {
	var tiles []*plot.Plot
	for _, park := range d.Parks[:min(len(d.Parks), mostParks)] {
		t, err := tile(c, park.Name, "kW", curves(park.Rows)...)
		if err != nil {
			return nil, err
		}
		tiles = append(tiles, t)
	}
	return tiles, nil
}

// storageAndGrid is what the storage itself buys and sells (paper, Figure 8).
func storageAndGrid(c *energy.Case, d *planfile.Document) ([]*plot.Plot, error) {
	t, err := tile(c, "storage with the grid", "kW",
		series{name: "from grid", colour: blue, values: column(d.Storage, func(r planfile.StorageRow) json.Number { return r.FromGrid })},
		series{name: "to grid", colour: orange, values: column(d.Storage, func(r planfile.StorageRow) json.Number { return r.ToGrid })})
	return []*plot.Plot{t}, err
}

// storage is the storage's power and energy (paper, Figure 9).
func storage(c *energy.Case, d *planfile.Document) ([]*plot.Plot, error) {
	charge := column(d.Storage, func(r planfile.StorageRow) json.Number { return r.Charge })
	discharge := column(d.Storage, func(r planfile.StorageRow) json.Number { return r.Discharge })
	for t := range discharge {
		discharge[t] = -discharge[t]
	}
	power, err := tile(c, "storage: power", "kW",
		series{name: "charge", colour: green, values: charge}, series{name: "discharge", colour: red, values: discharge})
	if err != nil {
		return nil, err
	}
	start := c.Storage.Start.KilowattHour()
	if fine := c.Storage.Fine; fine != nil {
		start = float64(fine.Start) / float64(fine.Denominator) / 1000
	}
	stored := append([]float64{start}, column(d.Storage, func(r planfile.StorageRow) json.Number { return r.Energy })...)
	held, err := tile(c, "storage: energy", "kWh", series{name: "stored", colour: blue, values: stored, moments: true})
	return []*plot.Plot{power, held}, err
}

func column[R any](rows []R, figure func(R) json.Number) []float64 {
	values := make([]float64, len(rows))
	for t, row := range rows {
		values[t], _ = figure(row).Float64() // our own numbers are well formed
	}
	return values
}

func kilowatts(w []energy.Watt) []float64 {
	values := make([]float64, len(w))
	for t := range w {
		values[t] = w[t].Kilowatt()
	}
	return values
}

func perKilowattHour(prices []energy.Price) []float64 {
	values := make([]float64, len(prices))
	for t := range prices {
		values[t] = prices[t].PerKilowattHour()
	}
	return values
}
