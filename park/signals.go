package park

import (
	"context"
	"time"

	"github.com/sesame-energy/sesame/energy"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/participant"
)

// publishPatience is how long a signal may take to reach the broker before the
// node goes on; the link sends it all the same when the broker is back.
const publishPatience = 3 * time.Second

// signals tells the park's devices, at each period's start and whenever the
// plan changes, what to buy and sell in the period, until ctx ends.
func (n *Node) signals(ctx context.Context) error {
	var last [2]field.Signal
	for {
		n.mutex.Lock()
		planned := n.planned
		n.mutex.Unlock()
		now, known := n.clock.Now()
		due := participant.FirstMoment
		if known {
			var purchase, sale field.Signal
			if purchase, sale, due = n.current(now); !purchase.Start.IsZero() && last != [2]field.Signal{purchase, sale} {
				n.publish(ctx, n.topics.Purchase, purchase)
				n.publish(ctx, n.topics.Sale, sale)
				last = [2]field.Signal{purchase, sale}
			}
		}
		moment, cancel := participant.After(ctx, n.clock, due)
		select {
		case <-ctx.Done():
			cancel()
			return ctx.Err()
		case <-planned:
		case <-moment:
		}
		cancel()
	}
}

// current gives the signals of the period that holds now, zero where no plan
// covers it, and the ledger time of the next period, the zero time where none
// is planned.
func (n *Node) current(now time.Time) (purchase, sale field.Signal, next time.Time) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, day := range n.plans {
		horizon := tariff.Horizon(day.tariff)
		period, inside := horizon.Period(now.Unix())
		start := time.Unix(horizon.Start, 0)
		if inside {
			start = time.Unix(horizon.At(period+1), 0)
			signal := field.Signal{Start: time.Unix(horizon.At(period), 0).In(n.location), End: start.In(n.location), Plan: day.own.Version}
			purchase, sale = withPower(signal, day.own.Purchase[period]), withPower(signal, day.own.Sale[period])
		}
		if start.After(now) && (next.IsZero() || start.Before(next)) {
			next = start
		}
	}
	return purchase, sale, next
}

func withPower(signal field.Signal, power energy.Watt) field.Signal {
	signal.Power = power
	return signal
}

func (n *Node) publish(ctx context.Context, topic string, signal field.Signal) {
	ctx, cancel := context.WithTimeout(ctx, publishPatience)
	defer cancel()
	if err := n.publisher.Publish(ctx, topic, true, signal.Encode()); err != nil {
		n.logger.Warn("signal is late", "error", err)
	}
}
