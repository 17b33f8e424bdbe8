package main

import (
	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/simulate"
)

// newSimulateMetersCommand belongs under "simulate".
func newSimulateMetersCommand() *cobra.Command {
	return startCommand("meters", "Meters and forecasters of the parks, speaking MQTT", "net/simulate/meters.yaml", simulate.RunMeters)
}
