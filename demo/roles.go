package demo

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/sesame-energy/sesame/battery"
	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/grid"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/monitor"
	"github.com/sesame-energy/sesame/park"
	"github.com/sesame-energy/sesame/simulate"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
)

// role is a daemon on its folder, the same that its own command runs.
type role struct {
	name string
	run  func(context.Context, *slog.Logger) error
}

// daemon makes a role of a configuration file and the function that runs it.
func daemon[T any](path string, run func(context.Context, T, *slog.Logger) error) role {
	return role{
		name: filepath.Base(filepath.Dir(path)),
		run: func(ctx context.Context, logger *slog.Logger) error {
			settings, err := config.Load[T](path)
			if err != nil {
				return err
			}
			return run(ctx, settings, logger)
		},
	}
}

// nodesAndDevices are the members and what is simulated.
func (d *Demo) nodesAndDevices() []role {
	roles := []role{
		daemon(d.layout.Meters, simulate.RunMeters),
		daemon(d.layout.Battery, simulated.Run),
	}
	for _, path := range d.layout.Members {
		roles = append(roles, daemon(path, member.Run))
	}
	return roles
}

// daemons are the parks, the two companies and the monitor.
func (d *Demo) daemons() []role {
	roles := []role{
		daemon(d.layout.Grid, grid.Run),
		daemon(d.layout.Operator, battery.Run),
	}
	for _, path := range d.layout.Parks {
		roles = append(roles, daemon(path, park.Run))
	}
	if !d.story.options.Headless {
		roles = append(roles, daemon(d.layout.Monitor, monitor.Run))
	}
	return roles
}

// apis are the members' HTTP APIs.
func (d *Demo) apis() ([]string, error) {
	var urls []string
	for _, path := range d.layout.Members {
		settings, err := config.Load[member.Config](path)
		if err != nil {
			return nil, err
		}
		urls = append(urls, fmt.Sprintf("http://%s", settings.Node.API))
	}
	return urls, nil
}
