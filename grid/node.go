package grid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/participant"
)

const (
	secondsPerDay = 86_400
	furthest      = 8 // days ahead that can have a tariff
)

// ledger is the ledger as the company's node uses it; *participant.Participant is one.
type ledger interface {
	Get(ctx context.Context, key string) (client.Record, error)
	List(ctx context.Context, prefix string, limit int) ([]feed.Record, error)
	Submit(ctx context.Context, kind string, body any) error
}

// Node is the grid company's node at work.
type Node struct {
	name       string
	sealingKey []byte // private
	config     Config
	gates      genesis.Gates
	location   *time.Location
	book       book
	ledger     ledger
	clock      participant.Time
	records    *records
	logger     *slog.Logger

	refused map[uint32]bool // days whose changed tariff the ledger has refused

	mutex sync.Mutex
	wrong map[string]bool // keys of contracts found wrong: looked at once
}

func (n *Node) foundWrong(key string) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.wrong[key]
}

func (n *Node) markWrong(key string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.wrong[key] = true
}

// concerns says whether a record matters to the company.
func (n *Node) concerns(key string) bool {
	for _, prefix := range []string{tariff.Prefix, "plan-in-force/", trade.ContractPrefix, "trade/bill/", "trade/metering/"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// meterPause is how soon a meter that has not been read is looked at again, in
// ledger time.
const meterPause = 5 * time.Minute

// attend publishes what is due and attends to contracts, bills and meters. What
// fails keeps nothing else from being done.
func (n *Node) attend(ctx context.Context, now time.Time) (due time.Time, err error) {
	due, err = n.publish(ctx, now)
	failures := []error{err}
	today := n.book.days.Number(now)
	back := uint32(n.gates.Contest/secondsPerDay) + 2 // bills may come for so long
	days, err := participant.Tariffs(ctx, n.ledger, today-min(back, today), today+furthest)
	failures = append(failures, err)
	for _, day := range days {
		if err := errors.Join(n.attendContracts(ctx, day), n.attendBills(ctx, day)); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", day.Date, err))
		}
		waits, err := n.attendMeters(ctx, day)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", day.Date, err))
		}
		if again := now.Add(meterPause); waits && (due.IsZero() || again.Before(due)) {
			due = again
		}
	}
	return due, errors.Join(failures...)
}
