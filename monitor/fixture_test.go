package monitor

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/sesame-energy/sesame/monitor/fixture"
	"github.com/sesame-energy/sesame/monitor/index"
	"github.com/sesame-energy/sesame/monitor/web"
)

// fixtureOwner is a park's own node that knows the fixture's days.
type fixtureOwner string

func (o fixtureOwner) Park() string { return string(o) }

func (o fixtureOwner) Day(_ context.Context, day uint32) (web.OwnDay, bool, error) {
	known, there := fixture.OwnDay(string(o), day)
	series := &web.OwnSeries{Load: known.Load, PV: known.PV, Wind: known.Wind, Surplus: known.Surplus, Deficit: known.Deficit}
	own := web.OwnDay{Forecast: series, Reading: series}
	for t := range known.Starts {
		own.Lines = append(own.Lines, web.OwnLine{
			Start: known.Starts[t], Purchase: known.Purchase[t], Sale: known.Sale[t],
			BuyPrice: known.Buy[t], SellPrice: known.Sell[t], Total: known.Total[t],
		})
	}
	if known.Settled {
		own.Bill = &web.OwnBill{Without: known.Without, Saving: known.Saving, ToPay: known.Without - known.Saving}
	}
	return own, there, nil
}

// start runs the monitor on a feed until the test ends and says where.
func start(t *testing.T, feed Ledger, listen string, owners ...web.Owner) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	kept, err := index.Open(ctx, filepath.Join(t.TempDir(), "monitor.sqlite"), fixture.Chain)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- serve(ctx, parts{
			config:   Config{Nodes: []string{"http://127.0.0.1:1"}, Genesis: "genesis.json"},
			document: fixture.Document(), ledger: feed, index: kept, listener: listener, owners: owners,
			logger: slog.New(slog.DiscardHandler),
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("monitor ended: %v", err)
		}
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// TestShowFixture serves the page from the fixture for somebody who works on
// it: SESAME_SHOW=127.0.0.1:8090 go test -run TestShowFixture -timeout 1h ./monitor
func TestShowFixture(t *testing.T) {
	listen := os.Getenv("SESAME_SHOW")
	if listen == "" {
		t.Skip("only for looking at the page: set SESAME_SHOW to the address to listen at")
	}
	feed := fixture.NewFeed(fixture.Blocks(), fixture.AfternoonOfSecondDay)
	t.Log(start(t, feed, listen, fixtureOwner("park1"), fixtureOwner("park2"), fixtureOwner("park3")))
	release(t, feed)
}
