package client

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func block(ledgerTime int64) Block { return Block{LedgerTime: ledgerTime} }

func TestClockRunsAtTheChainsPaceAndNeverBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(720, 10*time.Second)
		if _, known := clock.Now(); known {
			t.Fatal("time is known before the first block")
		}
		check := func(want int64) {
			t.Helper()
			if now, known := clock.Now(); !known || now.Unix() != want {
				t.Fatalf("ledger time %d, want %d", now.Unix(), want)
			}
		}
		clock.Observe(block(1000))
		check(1000)
		time.Sleep(time.Second)
		check(1720)
		clock.Observe(block(1500)) // the clock was ahead: it waits
		check(1720)
		time.Sleep(time.Second)
		check(2220)
		clock.Observe(block(1000)) // an older block
		check(2220)
		time.Sleep(time.Hour) // the chain stands, and so, after the cap, does its time
		check(1500 + 7200)
	})
}

func TestClockWaitsForALedgerTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(60, 0)
		clock.Observe(block(0))
		started := time.Now()
		if err := clock.Wait(t.Context(), time.Unix(3600, 0)); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(started).Round(time.Second); waited != time.Minute {
			t.Fatalf("waited %s for a ledger hour at 60x", waited)
		}
	})
}

func TestClockThatStandsWaitsForABlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(60, time.Second)
		clock.Observe(block(0))
		done := make(chan error, 1)
		go func() { done <- clock.Wait(t.Context(), time.Unix(3600, 0)) }()
		time.Sleep(10 * time.Minute)
		select {
		case <-done:
			t.Fatal("waited past the cap without a block")
		default:
		}
		clock.Observe(block(3600))
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

func TestClockStopsWaitingWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewClock(1, 0).Wait(ctx, time.Unix(1, 0)); err == nil {
		t.Fatal("waited for nothing")
	}
}
