package monitor

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/monitor/fixture"
	"github.com/sesame-energy/sesame/monitor/index"
	"github.com/sesame-energy/sesame/monitor/web"
)

var (
	once  sync.Once
	lived *fixture.Days
)

// days are lived through once for all tests.
func days(t *testing.T) *fixture.Days {
	t.Helper()
	once.Do(func() { lived = fixture.Run(t) })
	return lived
}

// fixtureOwner is a park's own node that knows the fixture's days.
type fixtureOwner struct {
	days *fixture.Days
	park string
}

func (o fixtureOwner) Park() string { return o.park }

func (o fixtureOwner) Day(_ context.Context, day uint32) (web.OwnDay, bool, error) {
	known, there := o.days.Own(o.park, day)
	if !there {
		return web.OwnDay{}, false, nil
	}
	series := (&parkSeries{Load: integers(known.Load), PV: integers(known.PV), Wind: integers(known.Wind)}).clear()
	own := web.OwnDay{Forecast: series, Reading: series, Lines: []web.OwnLine{}}
	if known.Settled {
		own.Bill = &web.OwnBill{Without: known.Without, ToPay: known.ToPay, Saving: known.Without - known.ToPay}
	}
	return own, true, nil
}

func integers(powers []energy.Watt) []int64 {
	converted := make([]int64, len(powers))
	for t, power := range powers {
		converted[t] = int64(power)
	}
	return converted
}

func allOwners(days *fixture.Days) []web.Owner {
	var owners []web.Owner
	for _, park := range days.Document.Parks {
		owners = append(owners, fixtureOwner{days, park.Name})
	}
	return owners
}

// start runs the monitor on a feed until the test ends and says where.
func start(t *testing.T, feed Ledger, listen string, owners ...web.Owner) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	kept, err := index.Open(ctx, filepath.Join(t.TempDir(), "monitor.sqlite"), days(t).Document, days(t).Hash)
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
			document: days(t).Document, ledger: feed, index: kept, listener: listener, owners: owners,
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

// secondAfternoon is 13:20 of the second day: the first is settled.
const secondAfternoon = 37*60 + 20

// TestShowFixture serves the page from the fixture for somebody who works on
// it: SESAME_SHOW=127.0.0.1:8090 go test -run TestShowFixture -timeout 1h ./monitor
func TestShowFixture(t *testing.T) {
	listen := os.Getenv("SESAME_SHOW")
	if listen == "" {
		t.Skip("only for looking at the page: set SESAME_SHOW to the address to listen at")
	}
	feed := fixture.NewFeed(days(t).Blocks, days(t).At(secondAfternoon))
	t.Log(start(t, feed, listen, allOwners(days(t))...))
	release(t, feed)
}
