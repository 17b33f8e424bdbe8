package api

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestEachAddressHasItsOwnRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time stands but for Sleep
		var l limits
		ask := func(host string) bool {
			admitted := l.enter(host)
			if admitted {
				l.leave(host)
			}
			return admitted
		}
		for i := range requestBurst {
			if !ask("a") {
				t.Fatalf("request %d of a burst of %d is refused", i, requestBurst)
			}
		}
		if ask("a") {
			t.Fatal("a request beyond the burst went through")
		}
		if !ask("b") {
			t.Fatal("another address is refused too")
		}
		time.Sleep(time.Second)
		for range requestsPerSecond {
			if !ask("a") {
				t.Fatal("refused after a second's pause")
			}
		}
		if ask("a") {
			t.Fatal("more than the rate went through")
		}
	})
}

func TestOpenRequestsOfOneAddressAreBounded(t *testing.T) {
	var l limits
	for range openPerRemote {
		if !l.enter("a") {
			t.Fatal("refused below the bound")
		}
	}
	if l.enter("a") {
		t.Fatal("one more went through")
	}
	l.leave("a")
	if !l.enter("a") {
		t.Fatal("refused though one has ended")
	}
}

// A flood of addresses cannot make the server remember without bound, nor
// forget those that are at work.
func TestRememberedAddressesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l limits
		l.enter("at work")
		for i := range remembered {
			if host := string(rune('A'+i/1000)) + time.Duration(i).String(); l.enter(host) {
				l.leave(host)
			}
		}
		if len(l.remotes) > remembered || l.enter("one more") {
			t.Fatalf("%d addresses are remembered", len(l.remotes))
		}
		time.Sleep(forgetAfter + time.Second)
		if !l.enter("one more") {
			t.Fatal("refused though the flood is over")
		}
		if len(l.remotes) != 2 || l.remotes["at work"] == nil {
			t.Fatalf("%d addresses are remembered", len(l.remotes))
		}
	})
}
