package participant

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
)

// Pauses, in the world's time, before something that failed is tried again.
const (
	retryFailed  = 500 * time.Millisecond
	retryRefused = 3 * time.Second
)

// FirstMoment is reached with the first block that a role sees.
var FirstMoment = time.Unix(1, 0)

// Ledger is the ledger as a Worker watches it; *Participant is one.
type Ledger interface {
	Reader
	Follow(ctx context.Context, from int64, visit func(client.Block) error) error
	Included() int64
}

// Time is ledger time; *client.Clock is one.
type Time interface {
	Now() (time.Time, bool)
	Wait(ctx context.Context, until time.Time) error
}

// Worker has a role look at the ledger whenever something that concerns it has
// changed, something of its own has come in, or a moment of ledger time has
// come; the role compares what is with what should be and does what is missing.
// So it does not matter what the role has missed, or how often it was stopped.
type Worker struct {
	Ledger Ledger
	Clock  Time
	Logger *slog.Logger

	// Concerns says whether the record at a key matters to the role.
	Concerns func(key string) bool
	// Attend does what is missing at ledger time now and gives the ledger time
	// at which to look again, the zero time for none. It sees a proven state
	// that has all changes which concern the role, its own included.
	Attend func(ctx context.Context, now time.Time) (due time.Time, err error)

	woken chan struct{}

	mutex   sync.Mutex
	changed int64 // height of the newest block that concerns the role
	behind  bool  // the provable state was older than that
}

// Start prepares the worker; Wake may be called from then on.
func (w *Worker) Start() { w.woken = make(chan struct{}, 1) }

// Wake has the role look at the ledger again, now or right after what it is doing.
func (w *Worker) Wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// Run works until ctx ends or the ledger cannot be followed.
func (w *Worker) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.follow(ctx) })
	group.Go(func() error { return w.work(ctx) })
	return group.Wait()
}

func (w *Worker) follow(ctx context.Context) error {
	first := true
	return w.Ledger.Follow(ctx, 0, func(block client.Block) error {
		concerns := first || slices.ContainsFunc(block.Changes, func(change client.Change) bool { return w.Concerns(change.Key) })
		first = false
		w.mutex.Lock()
		if concerns {
			w.changed = block.Height
		}
		wake := concerns || w.behind
		w.behind = false
		w.mutex.Unlock()
		if wake {
			w.Wake()
		}
		return nil
	})
}

func (w *Worker) work(ctx context.Context) error {
	for {
		due, err := w.look(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var retry <-chan time.Time
		if err != nil {
			w.Logger.Warn("not done yet", "error", err)
			retry = time.After(pause(err))
		}
		moment, cancel := After(ctx, w.Clock, due)
		select {
		case <-ctx.Done():
		case <-w.woken:
		case <-retry:
		case <-moment:
		}
		cancel()
	}
}

// look attends once the provable state is new enough: the newest block's state
// can be proven only with the block after it.
func (w *Worker) look(ctx context.Context) (due time.Time, err error) {
	now, known := w.Clock.Now()
	if !known {
		return FirstMoment, nil
	}
	probe, err := w.Ledger.Get(ctx, committee.ParametersKey)
	if err != nil {
		return time.Time{}, err
	}
	w.mutex.Lock()
	w.behind = probe.Height < max(w.changed, w.Ledger.Included())
	behind := w.behind
	w.mutex.Unlock()
	if behind {
		return time.Time{}, nil // the next block wakes the worker
	}
	return w.Attend(ctx, now)
}

// pause is how long to wait after an error: the ledger's refusal will not
// change in a moment.
func pause(err error) time.Duration {
	if refused := (*client.Refused)(nil); errors.As(err, &refused) {
		return retryRefused
	}
	return retryFailed
}

// After gives a channel that closes at a ledger time, never for the zero time,
// and a function that gives up waiting.
func After(ctx context.Context, clock Time, due time.Time) (<-chan struct{}, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if due.IsZero() {
		return nil, cancel
	}
	reached := make(chan struct{})
	go func() {
		if clock.Wait(ctx, due) == nil {
			close(reached)
		}
	}()
	return reached, cancel
}

// Introduce waits for the first block and returns ErrStranger where the
// identity is not the account with that role. Where the ledger cannot be asked
// it asks again until ctx ends.
func (p *Participant) Introduce(ctx context.Context, role committee.Role) error {
	if err := p.Clock.Wait(ctx, FirstMoment); err != nil {
		return err
	}
	for {
		err := p.Registered(ctx, role)
		if err == nil || errors.Is(err, ErrStranger) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(retryFailed):
		}
	}
}
