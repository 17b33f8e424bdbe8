package park

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/field"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/contract/tariff"
	"github.com/sesame-energy/sesame/ledger/contract/trade"
	contract "github.com/sesame-energy/sesame/ledger/contract/vault"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/participant"
)

const secondsPerDay = 86_400

// ledger is the ledger as a park's node uses it; *participant.Participant is one.
type ledger interface {
	Get(ctx context.Context, key string) (client.Record, error)
	List(ctx context.Context, prefix string, limit int) ([]feed.Record, error)
	Submit(ctx context.Context, kind string, body any) error
}

// publisher sends messages to the park's devices; *field.Link and
// *field.Broker are.
type publisher interface {
	Publish(ctx context.Context, topic string, retained bool, payload []byte) error
}

// Node is a park's node at work.
type Node struct {
	name      string
	config    *Config
	topics    field.Topics
	gates     genesis.Gates
	chain     string
	location  *time.Location
	ledger    ledger
	clock     participant.Time
	records   *records
	publisher publisher
	broker    string // where meters can publish, "" for another's broker
	logger    *slog.Logger

	mutex   sync.Mutex
	plans   map[uint32]plannedDay // by day
	planned chan struct{}         // closed and replaced when plans change
	done    map[uint32]bool       // days with nothing left to do
}

// plannedDay is a day with the park's part of its plan in force.
type plannedDay struct {
	tariff tariff.Tariff
	own    Plan
}

// concerns says whether a record matters to this park.
func (n *Node) concerns(key string) bool {
	for _, prefix := range []string{tariff.Prefix, "plan-in-force/", "trade/settlement/", contract.ChannelPrefix(n.name), committee.KeepersPrefix, contract.RoundPrefix} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	mine := strings.HasSuffix(key, "/"+n.name)
	return mine && (strings.HasPrefix(key, trade.ContractPrefix) || strings.HasPrefix(key, "trade/bill/") || strings.HasPrefix(key, contract.VoidPrefix))
}

// setPlan takes note of the park's part of a day's plan and reports whether it
// is another than before.
func (n *Node) setPlan(day tariff.Tariff, own Plan) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if before, known := n.plans[day.Day]; known && samePlan(before.own, own) {
		return false
	}
	n.plans[day.Day] = plannedDay{day, own}
	close(n.planned)
	n.planned = make(chan struct{})
	return true
}

func samePlan(a, b Plan) bool {
	return a.Version == b.Version && slices.Equal(a.Purchase, b.Purchase) && slices.Equal(a.Sale, b.Sale)
}

// dates are the days that may need something done, oldest first: those whose
// bills can still be contested, and the next two.
func (n *Node) dates(now time.Time) (first, last uint32) {
	local := now.In(n.location)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay
	back := n.gates.Contest/secondsPerDay + 2
	return uint32(max(today-back, 0)), uint32(today + 2)
}
