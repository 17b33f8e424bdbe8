package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// MaxRows is the most rows that a list gives.
const MaxRows = 1000

// Block is a block as indexed.
type Block struct {
	Height       int64
	BlockTime    time.Time
	LedgerTime   int64 // Unix seconds
	Hash         []byte
	AppHash      []byte // of the state after this block
	Proposer     []byte // consensus address
	Transactions int
	Changes      int
}

// Transaction is a transaction as indexed.
type Transaction struct {
	Height     int64
	Position   int // in its block, from 0
	LedgerTime int64
	Hash       []byte
	Code       uint32 // 0: accepted
	Log        string
	Bytes      []byte
}

// Record is the newest value of a key and the height that wrote it.
type Record struct {
	Key    string
	Value  []byte
	Height int64
}

// Change is a key that a block wrote or deleted.
type Change struct {
	Key     string
	Deleted bool
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func newestHeight(ctx context.Context, from queryer) (int64, error) {
	var height int64
	err := from.QueryRowContext(ctx, "SELECT COALESCE(MAX(height), 0) FROM block").Scan(&height)
	return height, err
}

// Height is the height of the newest block, 0 without any.
func (x *Index) Height(ctx context.Context) (int64, error) { return newestHeight(ctx, x.database) }

// Record is the record at key, and whether there is one.
func (x *Index) Record(ctx context.Context, key string) (Record, bool, error) {
	record := Record{Key: key}
	err := x.database.QueryRowContext(ctx, "SELECT value, height FROM record WHERE key = $1", text(key)).
		Scan(&record.Value, &record.Height)
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, fmt.Errorf("index: record %.80q: %w", key, err)
	}
	return record, true, nil
}

// Records lists the records under prefix in ascending order of their keys, at
// most limit (and MaxRows).
func (x *Index) Records(ctx context.Context, prefix string, limit int) ([]Record, error) {
	return x.records(ctx, prefix, "ASC", limit)
}

// LastRecords lists the records under prefix in descending order of their
// keys, at most limit (and MaxRows).
func (x *Index) LastRecords(ctx context.Context, prefix string, limit int) ([]Record, error) {
	return x.records(ctx, prefix, "DESC", limit)
}

func (x *Index) records(ctx context.Context, prefix, order string, limit int) ([]Record, error) {
	rows, err := x.database.QueryContext(ctx,
		"SELECT key, value, height FROM record WHERE key >= $1 AND key < $2 ORDER BY key "+order+" LIMIT $3",
		text(prefix), text(prefix)+"\U0010FFFF", bound(limit))
	if err != nil {
		return nil, fmt.Errorf("index: records %.80q: %w", prefix, err)
	}
	return collect(rows, func(r *Record) []any { return []any{&r.Key, &r.Value, &r.Height} })
}

// Count is the number of records under prefix.
func (x *Index) Count(ctx context.Context, prefix string) (int, error) {
	var count int
	err := x.database.QueryRowContext(ctx, "SELECT COUNT(*) FROM record WHERE key >= $1 AND key < $2",
		text(prefix), text(prefix)+"\U0010FFFF").Scan(&count)
	return count, err
}

const blockColumns = "SELECT height, block_time, ledger_time, hash, app_hash, proposer, transactions, changes FROM block "

// Blocks lists blocks from the newest down, those below height before where
// that is above 0, at most limit (and MaxRows).
func (x *Index) Blocks(ctx context.Context, before int64, limit int) ([]Block, error) {
	rows, err := x.database.QueryContext(ctx,
		blockColumns+"WHERE $1 <= 0 OR height < $1 ORDER BY height DESC LIMIT $2", before, bound(limit))
	if err != nil {
		return nil, fmt.Errorf("index: blocks: %w", err)
	}
	return scanBlocks(rows)
}

// Block is the block at a height, and whether it is there.
func (x *Index) Block(ctx context.Context, height int64) (Block, bool, error) {
	rows, err := x.database.QueryContext(ctx, blockColumns+"WHERE height = $1", height)
	if err != nil {
		return Block{}, false, fmt.Errorf("index: block %d: %w", height, err)
	}
	blocks, err := scanBlocks(rows)
	if err != nil || len(blocks) == 0 {
		return Block{}, false, err
	}
	return blocks[0], true, nil
}

func scanBlocks(rows *sql.Rows) ([]Block, error) {
	type row struct {
		Block
		milliseconds int64
	}
	found, err := collect(rows, func(r *row) []any {
		return []any{&r.Height, &r.milliseconds, &r.LedgerTime, &r.Hash, &r.AppHash, &r.Proposer, &r.Transactions, &r.Changes}
	})
	blocks := make([]Block, len(found))
	for i, r := range found {
		blocks[i] = r.Block
		blocks[i].BlockTime = time.UnixMilli(r.milliseconds).UTC()
	}
	return blocks, err
}

// Changes lists the keys that the block at height wrote, in their order.
func (x *Index) Changes(ctx context.Context, height int64) ([]Change, error) {
	rows, err := x.database.QueryContext(ctx,
		"SELECT key, deleted FROM change WHERE height = $1 ORDER BY key LIMIT $2", height, MaxRows)
	if err != nil {
		return nil, fmt.Errorf("index: changes of block %d: %w", height, err)
	}
	return collect(rows, func(c *Change) []any { return []any{&c.Key, &c.Deleted} })
}

const sentColumns = `SELECT sent.height, sent.position, block.ledger_time, sent.hash, sent.code, sent.log, sent.bytes
	FROM sent JOIN block ON block.height = sent.height `

// Transactions lists the newest transactions first, those below height before
// where that is above 0, at most limit (and MaxRows).
func (x *Index) Transactions(ctx context.Context, before int64, limit int) ([]Transaction, error) {
	rows, err := x.database.QueryContext(ctx, sentColumns+
		"WHERE $1 <= 0 OR sent.height < $1 ORDER BY sent.height DESC, sent.position DESC LIMIT $2", before, bound(limit))
	return scanTransactions(rows, err)
}

// TransactionsOf lists a block's transactions in their order.
func (x *Index) TransactionsOf(ctx context.Context, height int64) ([]Transaction, error) {
	rows, err := x.database.QueryContext(ctx,
		sentColumns+"WHERE sent.height = $1 ORDER BY sent.position LIMIT $2", height, MaxRows)
	return scanTransactions(rows, err)
}

// Transaction is the first inclusion of the transaction of that hash, and
// whether there is one.
func (x *Index) Transaction(ctx context.Context, hash []byte) (Transaction, bool, error) {
	rows, err := x.database.QueryContext(ctx,
		sentColumns+"WHERE sent.hash = $1 ORDER BY sent.height, sent.position LIMIT 1", hash)
	found, err := scanTransactions(rows, err)
	if err != nil || len(found) == 0 {
		return Transaction{}, false, err
	}
	return found[0], true, nil
}

func scanTransactions(rows *sql.Rows, err error) ([]Transaction, error) {
	if err != nil {
		return nil, fmt.Errorf("index: transactions: %w", err)
	}
	return collect(rows, func(t *Transaction) []any {
		return []any{&t.Height, &t.Position, &t.LedgerTime, &t.Hash, &t.Code, &t.Log, &t.Bytes}
	})
}

// collect reads all rows; targets says where the columns of one row go.
func collect[T any](rows *sql.Rows, targets func(*T) []any) ([]T, error) {
	defer func() { _ = rows.Close() }()
	found := []T{}
	for rows.Next() {
		var row T
		if err := rows.Scan(targets(&row)...); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

func bound(limit int) int {
	if limit <= 0 || limit > MaxRows {
		return MaxRows
	}
	return limit
}
