package node

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometbft/cometbft/config"
)

func TestGateRefusesWhileStoppingAndSlowsHastyPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time stands but for Sleep
		closed := false
		g := gate{closed: func() bool { return closed }}
		for i := range connectionBurst {
			if err := g.pass("/p2p/filter/id/abc"); err != nil {
				t.Fatalf("connection %d: %v", i, err)
			}
		}
		if err := g.pass("/p2p/filter/id/abc"); !errors.Is(err, errHasty) {
			t.Fatalf("one more at once: %v", err)
		}
		if err := g.pass("/p2p/filter/id/other"); err != nil {
			t.Fatalf("another peer: %v", err)
		}
		if err := g.pass("/p2p/filter/addr/127.0.0.1:1"); err != nil {
			t.Fatalf("an address: %v", err)
		}
		time.Sleep(2 * time.Second)
		if err := g.pass("/p2p/filter/id/abc"); err != nil {
			t.Fatalf("after a pause: %v", err)
		}
		closed = true
		for _, path := range []string{"/p2p/filter/id/new", "/p2p/filter/addr/127.0.0.1:1"} {
			if err := g.pass(path); !errors.Is(err, errClosed) {
				t.Fatalf("%s while stopping: %v", path, err)
			}
		}
	})
}

// A database outlives the engine's Close, and a goroutine that asks it after
// ours ends without a panic and without an answer.
func TestGoroutineThatOutlivesItsDatabaseEnds(t *testing.T) {
	var d databases
	settings := config.DefaultConfig().SetRoot(t.TempDir())
	settings.DBBackend = "goleveldb"
	database, err := d.provide(&config.DBContext{ID: "some", Config: settings})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(database.Set([]byte("key"), []byte("value")), database.Close()); err != nil {
		t.Fatal(err)
	}
	if value, err := database.Get([]byte("key")); string(value) != "value" {
		t.Fatalf("after the engine's Close: %q, %v", value, err)
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	ended, answered := make(chan struct{}), false
	go func() {
		defer close(ended)
		_, _ = database.Get([]byte("key"))
		answered = true
	}()
	if <-ended; answered {
		t.Fatal("a closed database answered")
	}
	again := databases{}
	if _, err := again.provide(&config.DBContext{ID: "some", Config: settings}); err != nil {
		t.Fatalf("open again in the same process: %v", err)
	}
	if err := again.close(); err != nil {
		t.Fatal(err)
	}
}
