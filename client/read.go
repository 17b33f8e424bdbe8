package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sesame-energy/sesame/ledger/feed"
	"github.com/sesame-energy/sesame/ledger/merkle/proof"
)

// Status asks a node for its view of the chain.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var status Status
	err := c.each(ctx, func(ctx context.Context, base string) (err error) {
		status, err = c.statusOf(ctx, base)
		return err
	})
	return status, err
}

func (c *Client) statusOf(ctx context.Context, base string) (Status, error) {
	status, err := get[Status](ctx, c, base, "/v1/status", maxSmall)
	if err == nil && status.ChainID != c.chainID {
		err = fmt.Errorf("%s is a node of chain %.80q, not %q", base, status.ChainID, c.chainID)
	}
	return status, err
}

// Block is the block at a height, the node's word.
func (c *Client) Block(ctx context.Context, height int64) (Block, error) {
	block, err := anyOf[Block](ctx, c, fmt.Sprintf("/v1/blocks/%d", height), maxLarge)
	if err == nil && block.Height != height {
		err = fmt.Errorf("asked for block %d, got %d", height, block.Height)
	}
	return block, err
}

// Transaction says in which block a transaction is, and whether it is in one,
// the node's word.
func (c *Client) Transaction(ctx context.Context, hash []byte) (Inclusion, bool, error) {
	inclusion, err := anyOf[Inclusion](ctx, c, fmt.Sprintf("/v1/transactions/%x", hash), maxSmall)
	if answered(err, http.StatusNotFound) {
		return Inclusion{}, false, nil
	}
	return inclusion, err == nil, err
}

// maxPage is the most records that a node gives at once.
const maxPage = 10_000

// List gives the records under a prefix in ascending order of their keys, at
// most limit (0: all), of one state, unproven.
func (c *Client) List(ctx context.Context, prefix string, limit int) (records []feed.Record, err error) {
	err = c.each(ctx, func(ctx context.Context, base string) error {
		records, err = c.listFrom(ctx, base, prefix, limit)
		return err
	})
	return records, err
}

// listFrom reads the list from one node, page by page.
func (c *Client) listFrom(ctx context.Context, base, prefix string, limit int) ([]feed.Record, error) {
	query := url.Values{"prefix": {prefix}}
	var records []feed.Record
	for {
		page := maxPage
		if limit > 0 {
			page = min(page, limit-len(records))
		}
		query.Set("limit", strconv.Itoa(page))
		list, err := get[feed.Records](ctx, c, base, "/v1/records?"+query.Encode(), maxLarge)
		if err != nil {
			return nil, err
		}
		records = append(records, list.Records...)
		if !list.Truncated || len(list.Records) == 0 || len(records) == limit {
			return records, nil
		}
		query.Set("after", records[len(records)-1].Key)
		query.Set("height", strconv.FormatInt(list.Height, 10))
	}
}

// staleness is by how many blocks a node may be behind what this client has
// verified already.
const staleness = 20

// soon is how often GetAt asks for a state that is not final yet.
const soon = 50 * time.Millisecond

// Get reads one record from the newest provable state, verified. That state is
// a block or two behind the newest block.
func (c *Client) Get(ctx context.Context, key string) (Record, error) { return c.prove(ctx, key, 0) }

// GetAt reads one record from the state after block height, verified. Where
// the proof comes with the next block, it waits for it.
func (c *Client) GetAt(ctx context.Context, key string, height int64) (Record, error) {
	if height < 1 {
		return Record{}, fmt.Errorf("record %q at height %d: heights begin at 1", key, height)
	}
	return c.prove(ctx, key, height)
}

func (c *Client) prove(ctx context.Context, key string, height int64) (record Record, err error) {
	for {
		err = c.each(ctx, func(ctx context.Context, base string) error {
			record, err = c.proveFrom(ctx, base, key, height)
			return err
		})
		if !answered(err, http.StatusTooEarly) {
			return record, err
		}
		if paused := pause(ctx, soon); paused != nil {
			return Record{}, errors.Join(paused, err)
		}
	}
}

// proveFrom asks one node for a record and verifies it: the header after the
// record's height from what is believed, the record against its app hash.
func (c *Client) proveFrom(ctx context.Context, base, key string, height int64) (Record, error) {
	query := url.Values{"key": {key}}
	if height > 0 {
		query.Set("height", strconv.FormatInt(height, 10))
	}
	told, err := get[feed.ProvenRecord](ctx, c, base, "/v1/records?"+query.Encode(), maxLarge)
	if err != nil {
		return Record{}, err
	}
	switch {
	case height > 0 && told.Height != height:
		return Record{}, fmt.Errorf("%s: record %q: asked for height %d, got %d", base, key, height, told.Height)
	case height == 0 && told.Height < c.chain.Newest()-staleness:
		return Record{}, fmt.Errorf("%s: record %q: height %d is stale, %d is verified", base, key, told.Height, c.chain.Newest())
	}
	header, err := c.chain.Header(ctx, told.Height+1, c.lightBlocks(base))
	if err != nil {
		return Record{}, fmt.Errorf("%s: record %q: %w", base, key, err)
	}
	if told.Absent {
		err = proof.VerifyAbsent(header.AppHash, key, told.Proof)
		told.Value = nil
	} else {
		err = proof.VerifyPresent(header.AppHash, key, told.Value, told.Proof)
	}
	if err != nil {
		return Record{}, fmt.Errorf("%s: state after block %d: %w", base, told.Height, err)
	}
	if err := c.trust.save(c.chain); err != nil {
		c.logger.Warn("verified header not kept", "error", err)
	}
	return Record{Key: key, Value: told.Value, Found: !told.Absent, Height: told.Height}, nil
}

// lightBlocks fetches light blocks from one node.
func (c *Client) lightBlocks(base string) func(ctx context.Context, height int64) ([]byte, error) {
	return func(ctx context.Context, height int64) ([]byte, error) {
		told, err := get[feed.LightBlock](ctx, c, base, fmt.Sprintf("/v1/light/%d", height), 2*maxSmall)
		return told.Block, err
	}
}
