package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sesame-energy/sesame/ledger/feed"
)

// How Submit insists. A node drops what its pool has no room for, and a peer
// whose pool is full never hears of it again.
const (
	submitEvery = 5 // blocks without inclusion after which the transaction is sent again
	submitPause = 500 * time.Millisecond
)

// errFound ends the following of blocks.
var errFound = errors.New("found")

// Submit hands a signed transaction to the ledger and waits until a block has
// it, sending it again every few blocks, also to other nodes. The error is a
// *Refused where the ledger does not take it, before inclusion or in the block.
// That a block has it is the node's word.
func (c *Client) Submit(ctx context.Context, transaction []byte) (Inclusion, error) {
	hash := sha256.Sum256(transaction)
	status, err := c.reach(ctx)
	if err != nil {
		return Inclusion{}, fmt.Errorf("transaction %x: %w", hash, err)
	}
	inclusion, found, err := c.send(ctx, hash[:], transaction, 0)
	if err != nil || found {
		return judged(inclusion, err)
	}
	round, since := 0, int64(0)
	err = c.Follow(ctx, status.Height+1, func(block Block) error {
		if inclusion, found = in(block, hash[:]); found {
			return errFound
		}
		if since++; since < submitEvery {
			return nil
		}
		round, since = round+1, 0
		inclusion, found, err = c.send(ctx, hash[:], transaction, round)
		if err == nil && found {
			return errFound
		}
		return err
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return judged(inclusion, err)
}

// reach waits until a node answers.
func (c *Client) reach(ctx context.Context) (Status, error) {
	for {
		status, err := c.Status(ctx)
		if err == nil {
			return status, nil
		}
		c.logger.Debug("no node answers", "error", err)
		if paused := pause(ctx, submitPause); paused != nil {
			return status, errors.Join(paused, err)
		}
	}
}

// send posts the transaction, in each round to another node first, and looks
// whether a block has it already. It insists while nodes are busy or away.
func (c *Client) send(ctx context.Context, hash, transaction []byte, round int) (Inclusion, bool, error) {
	for ; ; round++ {
		refused, err := c.post(ctx, transaction, round)
		if inclusion, found, lookup := c.Transaction(ctx, hash); lookup == nil && found {
			return inclusion, true, nil
		}
		if refused != nil {
			refused.Hash = hash
			return Inclusion{}, false, refused
		}
		if err == nil {
			return Inclusion{}, false, nil
		}
		c.logger.Debug("transaction waits", "error", err)
		if paused := pause(ctx, submitPause); paused != nil {
			return Inclusion{}, false, errors.Join(paused, err)
		}
	}
}

// post hands the transaction to the first node that takes it. It is refused
// where no node takes it and one says that it is wrong.
func (c *Client) post(ctx context.Context, transaction []byte, round int) (*Refused, error) {
	var refused *Refused
	var failures []error
	first := int(c.preferred.Load()) + round
	for i := range c.urls {
		base := c.urls[(first+i)%len(c.urls)]
		_, err := request[feed.Submitted](ctx, c, http.MethodPost, base+"/v1/transactions", transaction, maxSmall)
		if err == nil {
			return nil, nil
		}
		var answer *answerError
		if errors.As(err, &answer) && (answer.status == http.StatusBadRequest || answer.status == http.StatusRequestEntityTooLarge) {
			refused = &Refused{Reason: answer.reason}
		}
		failures = append(failures, err)
	}
	return refused, errors.Join(failures...)
}

func in(block Block, hash []byte) (Inclusion, bool) {
	for _, t := range block.Transactions {
		if string(t.Hash) == string(hash) {
			return Inclusion{Hash: hash, Height: block.Height, Code: t.Code, Log: t.Log}, true
		}
	}
	return Inclusion{}, false
}

func judged(inclusion Inclusion, err error) (Inclusion, error) {
	if err == nil && inclusion.Code != 0 {
		err = &Refused{Hash: inclusion.Hash, Height: inclusion.Height, Code: inclusion.Code, Reason: inclusion.Log}
	}
	return inclusion, err
}
