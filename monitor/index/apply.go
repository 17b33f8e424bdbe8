package index

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/sesame-energy/sesame/client"
)

// OutOfOrder is the error of a block that does not follow the newest one.
type OutOfOrder struct{ Height, Expected int64 }

// Error implements error.
func (e *OutOfOrder) Error() string {
	return fmt.Sprintf("index: block %d does not follow: expected block %d", e.Height, e.Expected)
}

// Apply takes the next block in. It is all or nothing; the error is an
// *OutOfOrder where the block is not the next one.
func (x *Index) Apply(ctx context.Context, block client.Block) error {
	return x.write(ctx, func(tx *sql.Tx) error {
		newest, err := newestHeight(ctx, tx)
		if err != nil {
			return fmt.Errorf("index: newest block: %w", err)
		}
		if block.Height != newest+1 {
			return &OutOfOrder{Height: block.Height, Expected: newest + 1}
		}
		if err := insert(ctx, tx, block); err != nil {
			return fmt.Errorf("index: block %d: %w", block.Height, err)
		}
		return nil
	})
}

func insert(ctx context.Context, tx *sql.Tx, block client.Block) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO block
		(height, block_time, ledger_time, hash, app_hash, proposer, transactions, changes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		block.Height, block.BlockTime.UnixMilli(), block.LedgerTime, bytesOf(block.Hash), bytesOf(block.AppHash),
		bytesOf(block.Proposer), len(block.Transactions), len(block.Changes))
	if err != nil {
		return err
	}
	for position, sent := range block.Transactions {
		_, err := tx.ExecContext(ctx, `INSERT INTO sent (height, position, hash, code, log, bytes)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			block.Height, position, bytesOf(sent.Hash), int64(sent.Code), text(sent.Log), bytesOf(sent.Bytes))
		if err != nil {
			return fmt.Errorf("transaction %d: %w", position, err)
		}
	}
	for _, change := range block.Changes {
		if err := applyChange(ctx, tx, block.Height, change); err != nil {
			return fmt.Errorf("record %.80q: %w", change.Key, err)
		}
	}
	return nil
}

func applyChange(ctx context.Context, tx *sql.Tx, height int64, change client.Change) error {
	key, deleted := text(change.Key), int64(0)
	var err error
	if change.Deleted {
		deleted = 1
		_, err = tx.ExecContext(ctx, "DELETE FROM record WHERE key = $1", key)
	} else {
		_, err = tx.ExecContext(ctx, `INSERT INTO record (key, value, height) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET value = excluded.value, height = excluded.height`,
			key, bytesOf(change.Value), height)
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO change (height, key, deleted) VALUES ($1, $2, $3)
		ON CONFLICT (height, key) DO UPDATE SET deleted = excluded.deleted`, height, key, deleted)
	return err
}

// text makes a text of the feed one that every database stores: valid UTF-8
// without zero bytes. The ledger's own texts pass unchanged.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// bytesOf is never nil, so that no column is NULL.
func bytesOf[T ~[]byte](b T) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
