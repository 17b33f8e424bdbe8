package test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/battery"
	"github.com/sesame-energy/sesame/config"
	"github.com/sesame-energy/sesame/grid"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/member"
	"github.com/sesame-energy/sesame/member/keeper"
	"github.com/sesame-energy/sesame/network"
	"github.com/sesame-energy/sesame/park"
	"github.com/sesame-energy/sesame/simulate"
	simulated "github.com/sesame-energy/sesame/simulate/battery"
)

// town is a network of the reference case whose roles a test starts one by
// one, some with a habit that no honest member has.
type town struct {
	*witness
	layout network.Layout
	logger *slog.Logger
}

// layOut makes the network's folders; nothing runs yet.
func layOut(ctx context.Context, t *testing.T) *town {
	t.Helper()
	layout, err := network.Create(filepath.Join(t.TempDir(), "network"), network.Options{
		Case: loadCase(t, referenceCase), CasePath: referenceCase, ChainID: "sesame-town", Begin: time.Now(),
		Factor: factor, Members: 5, Threshold: 3, FreePorts: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	document, _, err := genesis.Load(layout.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	for _, path := range layout.Members {
		urls = append(urls, api(t, path))
	}
	return &town{newWitness(ctx, t, document, urls...), layout, logger()}
}

// api is the address of a member's HTTP API.
func api(t *testing.T, path string) string {
	t.Helper()
	settings, err := config.Load[member.Config](path)
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + settings.Node.API
}

// run runs a daemon until the test ends.
func (town *town) run(name string, daemon func(context.Context, *slog.Logger) error) {
	ctx, stop := context.WithCancel(town.ctx)
	ended := make(chan error, 1)
	go func() { ended <- daemon(ctx, town.logger.With("role", name)) }()
	town.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			town.t.Errorf("%s ended: %v", name, err)
		}
	})
}

// fromFile runs a daemon from its configuration file, as its command does.
func fromFile[T any](town *town, path string, daemon func(context.Context, T, *slog.Logger) error) {
	town.t.Helper()
	settings, err := config.Load[T](path)
	if err != nil {
		town.t.Fatal(err)
	}
	town.run(filepath.Base(filepath.Dir(path)), func(ctx context.Context, logger *slog.Logger) error {
		return daemon(ctx, settings, logger)
	})
}

// start runs all roles. The members with a habit validate like the others;
// what their keepers say passes through it.
func (town *town) start(habits map[string]habit) {
	town.t.Helper()
	for i, path := range town.layout.Members {
		name := town.document.Members[i].Name
		change, odd := habits[name]
		if !odd {
			fromFile(town, path, member.Run)
			continue
		}
		settings, err := config.Load[member.Config](path)
		if err != nil {
			town.t.Fatal(err)
		}
		settings.Keeper = "off"
		town.run(name, func(ctx context.Context, logger *slog.Logger) error { return member.Run(ctx, settings, logger) })
		town.run("keeper of "+name, func(ctx context.Context, logger *slog.Logger) error {
			return member.Keep(ctx, settings, "http://"+settings.Node.API, func(poster keeper.Poster) keeper.Poster {
				return habitual{poster, change}
			}, logger)
		})
	}
	for _, path := range town.layout.Parks {
		fromFile(town, path, park.Run)
	}
	fromFile(town, town.layout.Grid, grid.Run)
	fromFile(town, town.layout.Operator, battery.Run)
	fromFile(town, town.layout.Meters, simulate.RunMeters)
	fromFile(town, town.layout.Battery, simulated.Run)
}

// nodes are witnesses at each member's own node.
func (town *town) nodes() []*witness { return members(town.ctx, town.t, town.layout.Dir) }

// habit is what a member does with a transaction before it sends it: change
// it, keep it back, or wait.
type habit func(ctx context.Context, kind string, body any) (changed any, sent bool)

// habitual is a poster with a habit.
type habitual struct {
	keeper.Poster
	habit habit
}

// Submit implements keeper.Poster.
func (h habitual) Submit(ctx context.Context, kind string, body any) error {
	changed, sent := h.habit(ctx, kind, body)
	if !sent {
		return nil
	}
	return h.Poster.Submit(ctx, kind, changed)
}
