package ledger

import (
	"fmt"
	"time"

	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Clock is the ledger's clock as it stands in the state.
type Clock struct {
	_      struct{} `cbor:",toarray"`
	Block  int64    // time of the last block, Unix nanoseconds
	Ledger int64    // ledger time, Unix nanoseconds
	Factor int64    // ledger time per block time
	Cap    int64    // a block's interval counts for at most so many nanoseconds, 0: no cap
}

// ClockKey is where the clock stands.
const ClockKey = "clock"

// Seconds is ledger time in Unix seconds, rounded down.
func (c Clock) Seconds() int64 { return c.Ledger / int64(time.Second) }

// newClock is the clock at genesis: the first block has exactly genesis time.
func newClock(document genesis.Document) Clock {
	return Clock{
		Block:  document.GenesisTime.UnixNano(),
		Ledger: document.Clock.Start * int64(time.Second),
		Factor: document.Clock.Factor,
		Cap:    int64(document.Clock.Cap()),
	}
}

// advance moves the clock on to a block.
func advance(state record.State, block Block) (Clock, error) {
	clock, found := record.Load[Clock](state, ClockKey)
	if !found {
		return Clock{}, fmt.Errorf("block %d: no genesis state: InitChain comes first", block.Height)
	}
	now := block.Time.UnixNano()
	interval := now - clock.Block
	if interval < 0 {
		return Clock{}, fmt.Errorf("block %d: time %s lies before the last block's", block.Height, block.Time.UTC())
	}
	if clock.Cap > 0 {
		interval = min(interval, clock.Cap)
	}
	clock.Block = now
	clock.Ledger += clock.Factor * interval
	record.Save(state, ClockKey, clock)
	return clock, nil
}
