package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	_ "modernc.org/sqlite"             // SQLite

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/contract/committee"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// Index is an index of one ledger. It is safe for concurrent use; one writer
// at a time.
type Index struct {
	database *sql.DB
	dialect  dialect
}

// Open opens or makes the index at location: the path of an SQLite file, or a
// "postgres://" URL. The genesis document and its hash say which ledger it is
// of: an index of another ledger or of an older schema is emptied, to be
// rebuilt. An empty index has the records that genesis makes, at height 0: no
// block of the feed carries them.
func Open(ctx context.Context, location string, document genesis.Document, hash [32]byte) (*Index, error) {
	index, err := open(location)
	if err != nil {
		return nil, err
	}
	if err := index.prepare(ctx, document, hash); err != nil {
		_ = index.database.Close()
		return nil, fmt.Errorf("index: %w", err)
	}
	return index, nil
}

func open(location string) (*Index, error) {
	if strings.HasPrefix(location, "postgres://") || strings.HasPrefix(location, "postgresql://") {
		database, err := sql.Open(postgres.driver, location)
		if err != nil {
			return nil, fmt.Errorf("index: PostgreSQL: %w", err) // the URL may hold a password: not shown
		}
		return &Index{database: database, dialect: postgres}, nil
	}
	options := url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(10000)"},
		"_txlock": {"immediate"},
	}
	path := url.URL{Scheme: "file", Opaque: (&url.URL{Path: location}).EscapedPath(), RawQuery: options.Encode()}
	database, err := sql.Open(sqlite.driver, path.String())
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", location, err)
	}
	return &Index{database: database, dialect: sqlite}, nil
}

// Close closes the database.
func (x *Index) Close() error { return x.database.Close() }

// prepare makes the tables, and empties them first where they hold another
// ledger's blocks or another schema's.
func (x *Index) prepare(ctx context.Context, document genesis.Document, hash [32]byte) error {
	identity := fmt.Sprintf("%s %s %x", schemaVersion, document.ChainID, hash)
	return x.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, x.dialect.schema()); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
		var known string
		err := tx.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'identity'").Scan(&known)
		switch {
		case err == nil && known == identity:
			return nil
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		}
		for _, table := range tables {
			if _, err := tx.ExecContext(ctx, "DROP TABLE "+table); err != nil {
				return fmt.Errorf("empty: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, x.dialect.schema()); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
		if _, err = tx.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('identity', $1)", identity); err != nil {
			return err
		}
		return begin(ctx, tx, document, hash)
	})
}

// begin writes the records of genesis, made by the ledger's own code.
func begin(ctx context.Context, tx *sql.Tx, document genesis.Document, hash [32]byte) error {
	state := record.Memory{}
	committee.InitGenesis(contract.Context{State: state, Chain: document.ChainID, Now: document.Clock.Start}, document, hash[:])
	for _, key := range slices.Sorted(maps.Keys(state)) {
		if err := applyChange(ctx, tx, 0, client.Change{Key: key, Value: state[key]}); err != nil {
			return fmt.Errorf("genesis: record %.80q: %w", key, err)
		}
	}
	return nil
}

// write runs change in one transaction of the database.
func (x *Index) write(ctx context.Context, change func(*sql.Tx) error) error {
	tx, err := x.database.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := change(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
