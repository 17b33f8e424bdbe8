package participant

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
)

// shown is a ledger whose blocks and provable height the test decides.
type shown struct {
	blocks chan client.Block

	mutex    sync.Mutex
	provable int64
	included int64
}

func (s *shown) Get(_ context.Context, key string) (client.Record, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return client.Record{Key: key, Height: s.provable, Found: key == committee.ParametersKey}, nil
}

func (s *shown) Included() int64 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.included
}

func (s *shown) set(provable, included int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.provable, s.included = provable, included
}

func (s *shown) Follow(ctx context.Context, _ int64, visit func(client.Block) error) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case block := <-s.blocks:
			if err := visit(block); err != nil {
				return err
			}
		}
	}
}

// present is a clock that stands at a moment after the first.
type present struct{}

func (present) Now() (time.Time, bool) { return time.Unix(1_721_000_000, 0), true }

func (present) Wait(ctx context.Context, until time.Time) error {
	if until.Unix() <= 1_721_000_000 {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// work runs a worker whose calls of Attend arrive in the channel, each answered
// by what answer gives.
func work(t *testing.T, ledger *shown, answer func(call int) (time.Time, error)) (*Worker, <-chan int64) {
	t.Helper()
	calls, count := make(chan int64), 0
	worker := &Worker{
		Ledger: ledger, Clock: present{}, Logger: slog.New(slog.DiscardHandler),
		Concerns: func(key string) bool { return key == "mine" },
		Attend: func(ctx context.Context, _ time.Time) (time.Time, error) {
			ledger.mutex.Lock()
			provable := ledger.provable
			ledger.mutex.Unlock()
			count++
			select {
			case calls <- provable:
			case <-ctx.Done():
			}
			return answer(count)
		},
	}
	worker.Start()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the worker ended with %v", err)
		}
	})
	return worker, calls
}

func nothing(int) (time.Time, error) { return time.Time{}, nil }

func called(t *testing.T, calls <-chan int64) int64 {
	t.Helper()
	select {
	case height := <-calls:
		return height
	case <-time.After(20 * time.Second):
		t.Fatal("the worker did not attend")
		return 0
	}
}

func block(height int64, keys ...string) client.Block {
	made := client.Block{Height: height}
	for _, key := range keys {
		made.Changes = append(made.Changes, client.Change{Key: key})
	}
	return made
}

func TestWorkerSeesTheStateWithTheChangeThatWokeIt(t *testing.T) {
	ledger := &shown{blocks: make(chan client.Block), provable: 9}
	_, calls := work(t, ledger, nothing)
	called(t, calls) // at the start
	ledger.blocks <- block(10, "others")
	// The first block concerns everybody: it shows in the state after block 10,
	// which can be proven with block 11.
	ledger.set(10, 0)
	ledger.blocks <- block(11, "others")
	if height := called(t, calls); height < 10 {
		t.Fatalf("attended on the state after block %d", height)
	}
	ledger.blocks <- block(12, "mine", "others")
	ledger.set(12, 0)
	ledger.blocks <- block(13)
	for {
		if height := called(t, calls); height >= 12 {
			return
		}
	}
}

func TestWorkerWaitsForWhatItHasSentItself(t *testing.T) {
	ledger := &shown{blocks: make(chan client.Block), provable: 5}
	worker, calls := work(t, ledger, nothing)
	called(t, calls)
	ledger.set(5, 6) // a transaction of its own is in block 6
	worker.Wake()
	ledger.blocks <- block(6)
	ledger.set(6, 6)
	for height := int64(7); ; height++ {
		select {
		case ledger.blocks <- block(height):
		case seen := <-calls:
			if seen < 6 {
				t.Fatalf("attended on the state after block %d, before its own transaction", seen)
			}
			return
		}
	}
}

func TestWorkerTriesAgainWhatFailed(t *testing.T) {
	ledger := &shown{blocks: make(chan client.Block), provable: 1}
	_, calls := work(t, ledger, func(call int) (time.Time, error) {
		if call == 1 {
			return time.Time{}, errors.New("node is away")
		}
		return time.Time{}, nil
	})
	called(t, calls)
	called(t, calls)
}

func TestWorkerLooksAgainAtTheMomentItNamed(t *testing.T) {
	ledger := &shown{blocks: make(chan client.Block), provable: 1}
	_, calls := work(t, ledger, func(call int) (time.Time, error) {
		if call < 3 {
			return time.Unix(1_721_000_000, 0), nil
		}
		return time.Time{}, nil
	})
	for range 3 {
		called(t, calls)
	}
}

func TestRefusalsAreNotRepeatedAtOnce(t *testing.T) {
	if pause(&client.Refused{}) <= pause(errors.New("away")) {
		t.Fatal("a refusal is repeated as fast as a failed connection")
	}
}
