package network

import (
	"path/filepath"

	"github.com/sesame-energy/sesame/energy/casefile"
	"github.com/sesame-energy/sesame/grid"
)

// caseFolder holds the network's copy of the case: the tariff that the grid
// company publishes, the series that the simulated meters follow.
const caseFolder = "case"

// writeGrid configures the grid company's node.
func (d *draft) writeGrid() error {
	if err := casefile.Copy(d.options.CasePath, filepath.Join(d.dir, caseFolder)); err != nil {
		return err
	}
	page, err := d.addresses.own(gridPort)
	if err != nil {
		return err
	}
	return d.save(filepath.Join(d.dir, GridName, configFile), grid.Config{
		Config: d.role(len(d.parks) + 1), Case: filepath.Join("..", caseFolder), Listen: page, Meters: metersFolder,
	})
}
