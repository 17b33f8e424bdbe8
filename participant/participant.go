package participant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/identity"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// lifetime is for how many blocks a transaction stays valid.
const lifetime = 100

// Connection is the ledger as an observer and a participant use it;
// *client.Client is one.
type Connection interface {
	Status(ctx context.Context) (client.Status, error)
	Submit(ctx context.Context, transaction []byte) (client.Inclusion, error)
	Follow(ctx context.Context, from int64, visit func(client.Block) error) error
	Get(ctx context.Context, key string) (client.Record, error)
	List(ctx context.Context, prefix string, limit int) ([]feed.Record, error)
}

// Observer is somebody who watches the ledger: anybody with the genesis
// document.
type Observer struct {
	Genesis  genesis.Document
	Location *time.Location // of the ledger's local dates
	Clock    *client.Clock  // runs while Follow does

	ledger Connection
}

// Observe loads the genesis document and prepares the connection to nodes; it
// does not connect. trustFile keeps what has been verified between runs, ""
// keeps it in memory.
func Observe(nodes []string, genesisFile, trustFile string, logger *slog.Logger) (*Observer, error) {
	document, _, err := genesis.Load(genesisFile)
	if err != nil {
		return nil, err
	}
	ledger, err := client.New(client.Config{URLs: nodes, Anchor: client.AnchorOf(document), TrustFile: trustFile, Logger: logger})
	if err != nil {
		return nil, err
	}
	return NewObserver(document, ledger)
}

// NewObserver watches the ledger of a genesis document over a connection.
func NewObserver(document genesis.Document, ledger Connection) (*Observer, error) {
	location, err := time.LoadLocation(document.Timezone)
	if err != nil {
		return nil, fmt.Errorf("genesis: timezone: %w", err)
	}
	clock := client.NewClock(document.Clock.Factor, document.Clock.Cap())
	return &Observer{document, location, clock, ledger}, nil
}

// Participant is a role at the ledger: an observer that can act.
type Participant struct {
	*Observer
	Identity identity.Identity

	included atomic.Int64
}

// Open loads the identity and prepares the connection; it does not connect.
func Open(config Config, logger *slog.Logger) (*Participant, error) {
	who, err := identity.Load(config.Home)
	if err != nil {
		return nil, err
	}
	observer, err := Observe(config.Nodes, config.Genesis, filepath.Join(config.Home, "trust.json"), logger)
	if err != nil {
		return nil, err
	}
	return &Participant{Observer: observer, Identity: who}, nil
}

// ErrStranger says that an identity is not the account that it claims to be:
// all that it sends would be refused.
var ErrStranger = errors.New("not the account on the ledger")

// Registered checks on the ledger that the identity is the account it believes
// to be: same keys, same role. If not the error is ErrStranger. A member's
// sealing key may be another: keepers rotate theirs.
func (p *Participant) Registered(ctx context.Context, role committee.Role) error {
	account, found, err := Load[committee.Account](ctx, p, committee.AccountKey(p.Identity.Name))
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: %s has none on ledger %s", ErrStranger, p.Identity.Name, p.Genesis.ChainID)
	}
	if account.Role != role {
		return fmt.Errorf("%w: %s is a %s there, expected a %s", ErrStranger, p.Identity.Name, account.Role, role)
	}
	public := p.Identity.Public()
	if !bytes.Equal(account.Key, public.Key) || role != committee.RoleMember && !bytes.Equal(account.SealingKey, public.SealingKey) {
		return fmt.Errorf("%w: %s has other keys there than in this home folder", ErrStranger, p.Identity.Name)
	}
	return nil
}

// Submit sends a transaction in the participant's name and returns when a
// block has accepted it. The error is a *client.Refused where the ledger does
// not take it.
func (p *Participant) Submit(ctx context.Context, kind string, body any) error {
	status, err := p.ledger.Status(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	transaction := p.Identity.Sign(p.Genesis.ChainID, kind, status.Height+lifetime, body)
	inclusion, err := p.ledger.Submit(ctx, transaction)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	for before := p.included.Load(); inclusion.Height > before && !p.included.CompareAndSwap(before, inclusion.Height); {
		before = p.included.Load()
	}
	return nil
}

// Included is the height of the newest block that has taken a transaction of
// this participant, 0 before the first since the start. Only a state after
// that block shows all that it has done.
func (p *Participant) Included() int64 { return p.included.Load() }

// Follow visits every block from height from on, 0 being the newest, and keeps
// the clock. It returns when ctx ends or visit fails.
func (o *Observer) Follow(ctx context.Context, from int64, visit func(client.Block) error) error {
	return o.ledger.Follow(ctx, from, func(block client.Block) error {
		o.Clock.Observe(block)
		return visit(block)
	})
}

// Get reads one record, proven.
func (o *Observer) Get(ctx context.Context, key string) (client.Record, error) {
	return o.ledger.Get(ctx, key)
}

// List gives the records under a prefix, the node's word.
func (o *Observer) List(ctx context.Context, prefix string, limit int) ([]feed.Record, error) {
	return o.ledger.List(ctx, prefix, limit)
}

// Reader reads proven records.
type Reader interface {
	Get(ctx context.Context, key string) (client.Record, error)
}

// Load reads the T at key, proven, and whether there is one.
func Load[T any](ctx context.Context, reader Reader, key string) (T, bool, error) {
	var none T
	read, err := reader.Get(ctx, key)
	if err != nil {
		return none, false, fmt.Errorf("ledger: %s: %w", key, err)
	}
	if !read.Found {
		return none, false, nil
	}
	value, err := record.Decode[T](read.Value)
	if err != nil {
		return none, false, fmt.Errorf("ledger: %s: %w", key, err)
	}
	return value, true, nil
}
