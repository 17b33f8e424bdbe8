// Package journal keeps what each block did, as a node's readers see it: one
// record per height in the JSON of the feed, and for each transaction where it
// went. It is a convenience of the node, no part of the ledger's state, and
// can be rebuilt by replaying the blocks.
package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"

	"github.com/sesame-energy/sesame/ledger/feed"
)

// Journal is the record of blocks. A block is first written, then, when the
// state has it too, published. It is safe for concurrent use; one writer.
type Journal struct {
	database *leveldb.DB
	written  feed.Block // the last block written, without transactions and changes

	mutex  sync.Mutex
	newest feed.Block // the newest published block, without transactions and changes
	grown  chan struct{}
}

// Open opens the journal in a folder, made if absent, with the blocks up to
// height published.
func Open(folder string, height int64) (*Journal, error) {
	database, err := leveldb.OpenFile(folder, nil)
	if err != nil {
		return nil, fmt.Errorf("open journal in %s: %w", folder, err)
	}
	journal := &Journal{database: database, grown: make(chan struct{})}
	if height > 0 {
		if err := journal.Publish(height); err != nil {
			return nil, errors.Join(fmt.Errorf("open journal in %s: %w", folder, err), database.Close())
		}
	}
	return journal, nil
}

// Close releases the folder.
func (j *Journal) Close() error { return j.database.Close() }

// Write stores a block durably. Writing the same height again replaces it.
func (j *Journal) Write(block feed.Block) error {
	encoded, err := json.Marshal(block)
	if err != nil {
		return fmt.Errorf("journal: block %d: %w", block.Height, err)
	}
	batch := new(leveldb.Batch)
	batch.Put(blockKey(block.Height), encoded)
	for _, transaction := range block.Transactions {
		inclusion, err := json.Marshal(feed.Inclusion{
			Hash: transaction.Hash, Height: block.Height, Code: transaction.Code, Log: transaction.Log,
		})
		if err != nil {
			return fmt.Errorf("journal: transaction %s: %w", transaction.Hash, err)
		}
		batch.Put(transactionKey(transaction.Hash), inclusion)
	}
	if err := j.database.Write(batch, &opt.WriteOptions{Sync: true}); err != nil {
		return fmt.Errorf("journal: block %d: %w", block.Height, err)
	}
	block.Transactions, block.Changes = nil, nil
	j.written = block
	return nil
}

// Publish shows the block of a height, and all before, to readers.
func (j *Journal) Publish(height int64) error {
	block, err := j.header(height)
	if err != nil {
		return err
	}
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.newest = block
	close(j.grown)
	j.grown = make(chan struct{})
	return nil
}

// header is a block without its transactions and changes, as it was just
// written or, after a restart, from disk.
func (j *Journal) header(height int64) (feed.Block, error) {
	if j.written.Height == height {
		return j.written, nil
	}
	encoded, found, err := j.read(blockKey(height))
	if err != nil {
		return feed.Block{}, fmt.Errorf("journal: block %d: %w", height, err)
	}
	if !found {
		return feed.Block{}, fmt.Errorf("journal: block %d is missing; delete the journal's folder and the state, and the blocks are replayed", height)
	}
	var block feed.Block
	if err := json.Unmarshal(encoded, &block); err != nil {
		return feed.Block{}, fmt.Errorf("journal: block %d: %w", height, err)
	}
	block.Transactions, block.Changes = nil, nil
	return block, nil
}

// Newest is the newest published block without its transactions and changes,
// and a channel that is closed when the next one is published.
func (j *Journal) Newest() (feed.Block, <-chan struct{}) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.newest, j.grown
}

// Block is the JSON of a published block, and whether there is one.
func (j *Journal) Block(height int64) ([]byte, bool, error) {
	newest, _ := j.Newest()
	if height < 1 || height > newest.Height {
		return nil, false, nil
	}
	return j.read(blockKey(height))
}

// Inclusion says where the transaction with that hash went, and whether a
// published block has it.
func (j *Journal) Inclusion(hash []byte) (feed.Inclusion, bool, error) {
	var inclusion feed.Inclusion
	encoded, found, err := j.read(transactionKey(hash))
	if err != nil || !found {
		return inclusion, false, err
	}
	if err := json.Unmarshal(encoded, &inclusion); err != nil {
		return inclusion, false, fmt.Errorf("journal: transaction %x: %w", hash, err)
	}
	newest, _ := j.Newest()
	return inclusion, inclusion.Height <= newest.Height, nil
}

func (j *Journal) read(key []byte) ([]byte, bool, error) {
	value, err := j.database.Get(key, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("journal: read: %w", err)
	}
	return value, true, nil
}

func blockKey(height int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("block/"), uint64(height))
}

func transactionKey(hash []byte) []byte { return append([]byte("transaction/"), hash...) }
