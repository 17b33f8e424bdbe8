package network

import (
	"path/filepath"

	"github.com/sesame-energy/sesame/simulate"
)

// metersFolder is where the grid company finds the daily files of its meters.
const metersFolder = "meters"

// writeMeters configures simulated meters for all parks, to try the network
// without hardware.
func (d *draft) writeMeters() error {
	meters := simulate.Config{
		Nodes: d.urls, Genesis: genesisPath, Case: filepath.Join("..", caseFolder), Noise: d.options.Noise,
		GridMeters: filepath.Join("..", GridName, metersFolder),
	}
	for _, park := range d.parks {
		meters.Parks = append(meters.Parks, simulate.Park{Name: park.name, URL: "mqtt://" + park.broker})
	}
	return d.save(filepath.Join(d.dir, "simulate", "meters.yaml"), meters)
}
