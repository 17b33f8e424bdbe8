package network

import (
	"path/filepath"
	"slices"

	"github.com/sesame-energy/sesame/battery"
	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/monitor"
	"github.com/sesame-energy/sesame/park"
	"github.com/sesame-energy/sesame/participant"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
)

// role is what every role's configuration begins with. Each prefers another
// member's node, so that no single one serves them all.
func (d *draft) role(number int) participant.Config {
	first := number % len(d.urls)
	return participant.Config{
		Home: ".", Genesis: genesisPath,
		Nodes: append(append([]string{}, d.urls[first:]...), d.urls[:first]...),
	}
}

// writeParks configures the parks' nodes, each with a broker of its own.
func (d *draft) writeParks() error {
	for i, registered := range d.options.Case.Parks {
		broker, err := d.addresses.own(mqttPort + i + 1)
		if err != nil {
			return err
		}
		page, err := d.addresses.own(parkPort + i + 1)
		if err != nil {
			return err
		}
		d.parks = append(d.parks, local{registered.Name, broker, page})
		if err := d.save(filepath.Join(d.dir, registered.Name, configFile), park.Config{
			Config: d.role(i), MQTT: park.MQTT{Listen: broker}, Listen: page, Meters: meters(registered),
		}); err != nil {
			return err
		}
	}
	return nil
}

// meters are those that a park of a case has: a load, and what generates.
func meters(registered energy.Park) []string {
	has := []string{park.Load}
	for _, generator := range []struct {
		meter  string
		series []energy.Watt
	}{{park.PV, registered.PV}, {park.Wind, registered.Wind}} {
		if slices.ContainsFunc(generator.series, func(power energy.Watt) bool { return power > 0 }) {
			has = append(has, generator.meter)
		}
	}
	return has
}

// writeOperator configures the gateway and a battery to try it with.
func (d *draft) writeOperator() error {
	modbus, err := d.addresses.at(OperatorName, modbusPort)
	if err != nil {
		return err
	}
	status, err := d.addresses.own(statusPort)
	if err != nil {
		return err
	}
	if err := d.save(filepath.Join(d.dir, OperatorName, configFile), battery.Config{
		Config: d.role(len(d.parks)), Modbus: modbus, Status: status,
	}); err != nil {
		return err
	}
	storage := d.document.Storage
	return d.save(filepath.Join(d.dir, "simulate", "battery.yaml"), simulated.Config{
		Listen: modbus, Serial: "simulated", State: "battery.json", Genesis: genesisPath, Nodes: d.urls,
		Storage: simulated.Storage{
			Power: storage.Power, Capacity: storage.Capacity,
			Minimum: storage.Minimum, Maximum: storage.Maximum, Start: storage.Start,
			ChargeEfficiency: storage.ChargeEfficiency, DischargeEfficiency: storage.DischargeEfficiency,
		},
	})
}

// writeMonitor configures the page. It shows the parks' own figures, too, as
// far as it runs on their machine.
func (d *draft) writeMonitor() error {
	listen, err := d.addresses.own(monitorPort)
	if err != nil {
		return err
	}
	var owners []monitor.ParkAPI
	for _, park := range d.parks {
		if _, elsewhere := d.options.Hosts[park.name]; !elsewhere {
			owners = append(owners, monitor.ParkAPI{Name: park.name, URL: "http://" + park.page})
		}
	}
	return d.save(filepath.Join(d.dir, "monitor", configFile), monitor.Config{
		Home: ".", Nodes: d.urls, Genesis: genesisPath, Listen: listen, ParkAPI: owners,
	})
}
